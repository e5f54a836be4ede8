"""What a case is, and the words that cases are written in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.opening import open_path, open_upload

Finding = tuple[str, bool, str]  # input, whether it is right, what was seen
Case = Callable[[Path], Iterator[Finding]]  # given the field folder

ROOT = Path(__file__).parents[2]
SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def same(name: str, seen: Any, wanted: Any) -> Finding:
    """Right if both are equal."""
    return name, seen == wanted, f"{seen}" if seen == wanted else f"{seen}, wanted {wanted}"


def opened(path: Path) -> OpenedSet:
    """A file as the app opens it, a folder as the commands do."""
    return open_upload(path.name, path.read_bytes()) if path.is_file() else open_path(path)


def counted(source: OpenedSet, column: str = "expression") -> dict[Any, int]:
    """How many rows have each value; nothing where there is no such column."""
    there = column in ("expression", "person", *source.source.columns)
    return dict(Counter(source.source.column(column))) if there else {}


def each(words: tuple[str | None, ...], count: int) -> dict[str | None, int]:
    """The same number of each."""
    return dict.fromkeys(words, count)


def make(folder: Path) -> None:
    """Make the inputs of a folder of the field with its own script."""
    places = {"PYTHONPATH": os.pathsep.join([str(folder.parent), str(ROOT)])}
    command = [sys.executable, str(folder / "make.py")]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **places}, check=True, capture_output=True)


def command(*argv: object, cwd: Path = ROOT) -> tuple[int, str]:
    """The exit code of a batch command and what it said on stderr."""
    words = [sys.executable, "-m", "fer_demo", *map(str, argv)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, check=False)
    return ran.returncode, ran.stderr.decode("utf-8", "replace").strip()


def one_sentence(name: str, code: int, said: str) -> Finding:
    """Right if a command ended with exit code 2 and one line that is not a stack trace."""
    right = code == 2 and len(said.splitlines()) == 1 and "Traceback" not in said and "unexpected" not in said
    return name, right, f"exit code {code}: {said[-160:]}"
