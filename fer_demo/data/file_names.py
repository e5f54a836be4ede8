"""Names of files as people can read them, and which files nobody meant to bring."""

from __future__ import annotations

import os
import zipfile
from pathlib import PurePosixPath

_ENCODINGS = ("utf-8", "gb18030", "cp1252")  # GB18030 reads what Chinese systems write; cp1252 the rest
_LEFT_BEHIND = {"__macosx", "@eadir", "thumbs.db", "desktop.ini", "$recycle.bin", "#recycle", "lost+found"}
_UTF8_FLAG = 0x800  # of a ZIP member: its name is UTF-8


def readable(name: str) -> str:
    """A file's name in letters: bytes that are not UTF-8 are read in the encoding that they fit."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return _decoded(os.fsencode(name))
    return name


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a file in a ZIP, with forward slashes; names without a stated encoding are read as they fit."""
    name = member.orig_filename.partition("\0")[0]
    if not member.flag_bits & _UTF8_FLAG:
        try:
            name = _decoded(name.encode("cp437"))  # which Python read it as
        except UnicodeEncodeError:
            pass
    return name.replace("\\", "/")


def is_left_behind(path: PurePosixPath) -> bool:
    """Whether file managers, notebooks or network drives left a file behind; hidden ones count as such."""
    return any(part.startswith(".") or part.lower() in _LEFT_BEHIND for part in path.parts if part not in (".", ".."))


def _decoded(name: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")
