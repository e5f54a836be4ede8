"""The walks of CONTRIBUTING, and the files that the code really enters, in order."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.architecture.project import ROOT, text_of


def walks() -> dict[str, list[str]]:
    """The files of every walk by its title, from the project's root."""
    text = text_of(ROOT / "CONTRIBUTING.md").split("## Walks through the code")[1].split("\n## ")[0]
    titles = re.split(r"^\*\*(.+?)\.\*\*", text, flags=re.MULTILINE)[1:]
    return {title: _files(part) for title, part in zip(titles[::2], titles[1::2], strict=True)}


@contextmanager
def entered() -> Iterator[list[str]]:
    """The project's files in the order in which their functions are first called, from the project's root."""
    seen: dict[str, None] = {}
    root = f"{ROOT}/"

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(root) and frame.f_code.co_name != "<module>":
            seen.setdefault(path.removeprefix(root))

    files: list[str] = []
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        files += seen


def _files(part: str) -> list[str]:
    named = re.findall(r"`([\w./]+/[\w./]+\.py)`", part)
    return [name if (ROOT / name).exists() else str(Path("fer_demo") / name) for name in named]
