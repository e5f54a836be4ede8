"""Damaged pictures, tables and archives through the readers that a visitor's files meet: each is read or refused."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import IO, Any

from benchmarks.alone import peak_memory_mb
from benchmarks.soak.damaged import damaged, picture_files, table_files
from fer_demo.data.opening import open_upload
from fer_demo.errors import FerDemoError
from fer_demo.images import load_photo
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.events import where_it_broke
from fer_demo.interface.tabs.dataset.opening import show

HANG = 10.0  # seconds after which a file counts as one that hangs
READ, REFUSED = "read", "refused"


def soak_malformed(pictures: int, tables: int) -> dict[str, Any]:
    """What became of damaged files of every kind: read, refused with a sentence, broke, crashed or hung."""
    return {
        "pictures": _fate(picture_files(), pictures, _read_picture),
        "tables_and_archives": _fate(table_files(), tables, _read_table),
    }


def _fate(files: dict[str, bytes], count: int, read: Callable[[str, bytes], None]) -> dict[str, Any]:
    found: Counter[str] = Counter()
    longest, most = 0.0, 0
    with tempfile.TemporaryFile() as said:
        reader = Reader(read, said)
        for name, content in _damaged(files, count):
            begin = time.monotonic()
            fate = reader.fate(name, content)
            longest = max(longest, time.monotonic() - begin)
            most = max(most, reader.peak_mb or 0)
            found[fate if fate in (READ, REFUSED) else f"{name}: {fate}"] += 1
        reader.end()
        said.seek(0)
        traces = said.read().count(b"Traceback")
    return {
        "files": count,
        "kinds": sorted(files),
        READ: found.pop(READ, 0),
        REFUSED: found.pop(REFUSED, 0),
        "bad": dict(found),
        "stack_traces_printed": traces,
        "longest_s": round(longest, 2),
        "peak_memory_mb": most,
    }


def _damaged(files: dict[str, bytes], count: int) -> Iterator[tuple[str, bytes]]:
    names = sorted(files)
    for number in range(count):
        name = names[number % len(names)]
        yield name, damaged(files[name], number)


class Reader:
    """A process that reads files, and is started again when one of them ended it."""

    def __init__(self, read: Callable[[str, bytes], None], said: IO[bytes]) -> None:
        """said: takes what the process prints."""
        self._read, self._said = read, said
        self.peak_mb: int | None = None
        self._process: BaseProcess
        self._pipe: Connection
        self._start()

    def fate(self, name: str, content: bytes) -> str:
        """What became of one file."""
        self._pipe.send((name, content))
        if not self._pipe.poll(HANG):
            self._process.kill()
            fate = "hung"
        else:
            try:
                fate, self.peak_mb = self._pipe.recv()
                return fate
            except EOFError:
                self._process.join()
                fate = f"crashed with {self._process.exitcode}"
        self._start()
        return fate

    def end(self) -> None:
        """Let the process go."""
        self._pipe.close()
        self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        kept = os.dup(2)
        os.dup2(self._said.fileno(), 2)  # inherited by the process
        self._process = context.Process(target=_answer, args=(far, self._read), daemon=False)
        try:
            self._process.start()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        far.close()
        self._pipe.recv()  # it is ready: its imports are not part of the first file's time


def _answer(pipe: Connection, read: Callable[[str, bytes], None]) -> None:
    pipe.send("ready")
    while True:
        try:
            name, content = pipe.recv()
        except EOFError:
            return
        try:
            read(name, content)
            fate = READ
        except FerDemoError:
            fate = REFUSED
        except Exception as error:  # what a visitor would be told of by a number
            fate = f"broke: {where_it_broke(error)}"
        pipe.send((fate, peak_memory_mb()))


def _read_picture(_: str, content: bytes) -> None:
    load_photo(content)


def _read_table(name: str, content: bytes) -> None:
    """As the Dataset tab does."""
    exploration = Exploration(open_upload(name, content))
    show(exploration)
    for row in range(min(5, len(exploration.source))):
        exploration.source.picture(row)
