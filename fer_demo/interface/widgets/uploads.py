"""Uploaded files: each is deleted when it is first read, and stays in memory for a while, for whoever sent the same."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

KEPT_SECONDS = 600
KEPT_BYTES = 512 * 1024 * 1024
_GONE = "This upload is no longer on the server; choose the file again."


class _Kept(NamedTuple):
    content: bytes
    since: float


class Uploads:
    """Contents by path. Gradio names an upload by its content: several visitors' copies of one file are one path."""

    def __init__(self, seconds: float = KEPT_SECONDS, most_bytes: int = KEPT_BYTES) -> None:
        self._seconds, self._most_bytes = seconds, most_bytes
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()  # the one used last at the end
        self._lock = threading.Lock()
        self._clock: threading.Timer | None = None

    def take(self, path: Path) -> bytes:
        """The content of an upload, whose file is then gone.

        Raises: gr.Error if it was read too long ago to be remembered.
        """
        with self._lock:
            try:
                content = path.read_bytes()
            except OSError:
                if path not in self._kept:
                    raise gr.Error(_GONE, print_exception=False) from None
                content = self._kept[path].content
            self._kept[path] = _Kept(content, time.monotonic())
            self._kept.move_to_end(path)
            while len(self._kept) > 1 and sum(len(kept.content) for kept in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
            path.unlink(missing_ok=True)  # only now, so that whoever comes next finds the one or the other
            self._wake()
        return content

    def _wake(self) -> None:
        if self._clock is None:
            self._clock = threading.Timer(self._seconds, self._forget)
            self._clock.daemon = True
            self._clock.start()

    def _forget(self) -> None:
        """Let go of what nobody has asked for in time, and look again while something is left."""
        with self._lock:
            end = time.monotonic() - self._seconds
            while self._kept and next(iter(self._kept.values())).since <= end:
                self._kept.popitem(last=False)
            self._clock = None
            if self._kept:
                self._wake()


_uploads = Uploads()


def taken(payload: Any, cache: str) -> bytes | None:
    """The bytes of an uploaded file; None if the field is empty, or names a file that is none of Gradio's uploads.

    Raises: gr.Error if the upload is not there any more.
    """
    if payload is None or payload.path is None:
        return None
    path = Path(payload.path).resolve()
    return _uploads.take(path) if path.is_relative_to(Path(cache).resolve()) and not path.is_dir() else None
