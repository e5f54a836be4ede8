"""Files below a folder, in a ZIP or in a TAR, all alike: a readable path, a size, and a way to their bytes."""

from __future__ import annotations

import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from fer_demo.data.file_names import is_left_behind, member_name, readable
from fer_demo.data.limits import LARGEST_PICTURE
from fer_demo.errors import DataError

# How ZIPs pack, by number: those that we cannot unpack have names to be called by.
_PACKINGS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd"}
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True)
class TreeFile:
    """One file of a tree."""

    path: PurePosixPath  # in letters, from the tree's root
    size: int  # bytes, as the tree says
    read: Callable[[int], bytes | None]  # its bytes; None if it is damaged, or longer than the number given
    place: Path | None = None  # where it lies on disk; None inside an archive

    @property
    def suffix(self) -> str:
        """The ending of its name in small letters."""
        return self.path.suffix.lower()


@dataclass(frozen=True)
class Tree:
    """Everything somebody brought, and what was left out."""

    name: str
    files: tuple[TreeFile, ...]  # in the order of their names
    left_behind: int = 0  # by file managers and the like

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, in a sentence."""
        if not self.left_behind:
            return ()
        return (f"Hidden files and what file managers leave behind were left out: {self.left_behind:,}.",)


def folder_tree(root: Path) -> Tree:
    """The files below a folder."""
    found = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in names:
            place = Path(folder, name)
            if place.is_file():
                inside = PurePosixPath(*map(readable, place.relative_to(root).parts))
                found.append(TreeFile(inside, place.stat().st_size, partial(_read_file, place), place))
    return _tree(root.name, found)


def zip_tree(name: str, content: bytes) -> Tree:
    """The files in a ZIP.

    Raises: DataError with one sentence if it is damaged, locked, or packed in a way that we cannot unpack.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise DataError(f"{name} is damaged or is not a ZIP archive; zip the folder again.") from error
    locked = [member for member in members if member.flag_bits & _ENCRYPTED_FLAG]
    if members and len(locked) == len(members):
        raise DataError(f"{name} is locked with a password; zip the folder again without one.")
    packed = Counter(member.compress_type for member in members if member.compress_type in _PACKINGS)
    if packed:
        kind = _PACKINGS[packed.most_common(1)[0][0]]
        raise DataError(
            f"{name} is packed with {kind}, which cannot be unpacked here; zip the folder again with the usual "
            "method (Deflate)."
        )
    files = [
        TreeFile(_inside(member_name(one)), one.file_size, partial(_read_member, archive, one))
        for one in members
        if not member_name(one).endswith("/")
    ]
    return _tree(Path(name).stem, files)


def tar_tree(name: str, content: bytes) -> Tree:
    """The files in a TAR, packed or not.

    Raises: DataError if it is damaged.
    """
    try:
        archive = tarfile.open(fileobj=io.BytesIO(content))  # noqa: SIM115 - its members are read later
        members = [member for member in archive.getmembers() if member.isfile()]
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"{name} is damaged or is not a TAR archive; pack the folder again.") from error
    files = [TreeFile(_inside(readable(one.name)), one.size, partial(_read_tarred, archive, one)) for one in members]
    return _tree(Path(name).stem, files)


def _inside(name: str) -> PurePosixPath:
    """A member's path from the archive's root, whichever place outside it names."""
    return PurePosixPath(*(part for part in PurePosixPath(name).parts if part not in ("/", "//", "..")))


def _tree(name: str, files: Sequence[TreeFile]) -> Tree:
    kept = sorted((file for file in files if not is_left_behind(file.path)), key=lambda file: str(file.path))
    return Tree(readable(name), tuple(kept), len(files) - len(kept))


def _read_file(place: Path, largest: int = LARGEST_PICTURE) -> bytes | None:
    try:
        with place.open("rb") as file:
            return _limited(file.read(largest + 1), largest)
    except OSError:
        return None


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, largest: int = LARGEST_PICTURE) -> bytes | None:
    try:
        with archive.open(member) as file:
            return _limited(file.read(largest + 1), largest)
    # RuntimeError: a method or a lock that Python's reader does not know.
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, OSError, EOFError, ValueError):
        return None


def _read_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo, largest: int = LARGEST_PICTURE) -> bytes | None:
    try:
        file = archive.extractfile(member)
        return None if file is None else _limited(file.read(largest + 1), largest)
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError):
        return None


def _limited(content: bytes, largest: int) -> bytes | None:
    return content if len(content) <= largest else None
