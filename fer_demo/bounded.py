"""Work on strangers' data in a process of its own, which is ended when it takes too long and refused too much memory.

The process is started when it is first asked, keeps what it has imported, and stays for the next question. What is
asked is a module with a function `answer`; both sides exchange bytes and never pickles.
"""

from __future__ import annotations

import importlib
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from fer_demo import errors

try:
    import resource
except ImportError:  # Windows has no such limits: there only the time is bounded
    resource = None  # type: ignore[assignment]

_LENGTH = struct.Struct("<Q")
_TURNS = 200  # questions after which a process is replaced, so that nothing piles up in it
_PATIENCE = 6  # times as long by the clock: a busy machine is slow, and what only waits uses no processor
_OVER = int(getattr(signal, "SIGPROF", 0))  # ends a process whose time is over

Bytes = bytes | bytearray | memoryview
Parts = Sequence[Bytes]


class TooLongError(Exception):
    """The work was ended because its time was over."""


class TooLargeError(Exception):
    """The work was ended because it asked for more memory than it may have."""


class Bounded:
    """One process, asked by one thread at a time."""

    def __init__(self, module: str, seconds: float, megabytes: int) -> None:
        """`seconds` of the processor's time for each question, so that a busy machine refuses nothing."""
        self._module, self.seconds, self.megabytes = module, seconds, megabytes
        self._process: subprocess.Popen[bytes] | None = None
        self._turns = 0
        self._lock = threading.Lock()

    def ask(self, *parts: Bytes) -> list[bytearray]:
        """What the module's `answer(*parts)` gives.

        Raises: TooLongError, TooLargeError, or the FerDemoError that it raises.
        """
        with self._lock:
            process = self._started()
            late = threading.Event()

            def end() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(_PATIENCE * self.seconds, end)
            timer.start()
            try:
                return _unwrapped(_exchange(process, [str(self.seconds).encode(), *parts]))
            except (OSError, EOFError):
                self.close()
                too_long = late.is_set() or process.returncode == -_OVER
                raise (TooLongError if too_long else TooLargeError) from None
            finally:
                timer.cancel()
                if late.is_set() or self._turns >= _TURNS:
                    self.close()

    def close(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            root = str(Path(__file__).parents[1])
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            # Arrow's own allocator takes address space ahead, which would count; nothing of a visitor reaches the log.
            surroundings = {"PYTHONPATH": os.pathsep.join(paths), "ARROW_DEFAULT_MEMORY_POOL": "system"}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "fer_demo.bounded", self._module, str(self.megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **surroundings},
            )
            self._turns = 0
            _receive(_pipe(self._process.stdout))  # it is ready; what it imports counts for no question's time
        self._turns += 1
        return self._process


def _exchange(process: subprocess.Popen[bytes], parts: Parts) -> list[bytearray]:
    _send(_pipe(process.stdin), parts)
    return _receive(_pipe(process.stdout))


def _unwrapped(parts: list[bytearray]) -> list[bytearray]:
    kind, *others = parts
    if kind == b"too large":
        raise TooLargeError
    if kind != b"ok":
        raise getattr(errors, kind.decode())(others[0].decode())
    return others


def _pipe(stream: object) -> BinaryIO:
    assert stream is not None  # Popen was asked for pipes
    return stream  # type: ignore[return-value]


def _send(pipe: BinaryIO, parts: Parts) -> None:
    pipe.write(_LENGTH.pack(len(parts)))
    for part in parts:
        pipe.write(_LENGTH.pack(len(part)))
        pipe.write(part)
    pipe.flush()


def _receive(pipe: BinaryIO) -> list[bytearray]:
    return [_read(pipe, _number(pipe)) for _ in range(_number(pipe))]


def _number(pipe: BinaryIO) -> int:
    return int(_LENGTH.unpack(_read(pipe, _LENGTH.size))[0])


def _read(pipe: BinaryIO, count: int) -> bytearray:
    content = bytearray(count)
    place, read = memoryview(content), 0
    while read < count:
        more = pipe.readinto(place[read:])  # type: ignore[attr-defined]
        if not more:
            raise EOFError
        read += more
    return content


def _serve(name: str, megabytes: int) -> None:
    """The other side: answer until nobody asks any more."""
    asked, answered = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    answer = importlib.import_module(name).answer
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1_000_000, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(answered, [])
    while True:
        try:
            seconds, *parts = _receive(asked)
        except EOFError:
            return
        _end_after(float(seconds))
        try:
            found = [b"ok", *answer(*parts)]
        except MemoryError:
            found = [b"too large"]
        except errors.FerDemoError as error:
            found = [type(error).__name__.encode(), str(error).encode()]
        _end_after(0)
        _send(answered, found)
        del parts, found


def _end_after(seconds: float) -> None:
    """End this process after so much of the processor's time, even if whoever asked has been killed; 0 for never."""
    if _OVER:
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
