"""A stand-in for the library of ZeroGPU: what it decorates runs in a forked process, on pickled copies."""

from __future__ import annotations

import functools
import multiprocessing
import pickle
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def GPU(task: Callable[..., Any], duration: int) -> Callable[..., Any]:  # noqa: N802
    """As the library's decorator: says what it decorates, and runs it where nothing that it changes is kept."""
    print(f"decorated {task.__qualname__} for {duration} s", flush=True)

    def work(sent: bytes, answer: Connection) -> None:
        answer.send_bytes(pickle.dumps(task(*pickle.loads(sent))))

    @functools.wraps(task)
    def lent(*inputs: Any) -> Any:
        there, here = multiprocessing.Pipe()
        process = multiprocessing.get_context("fork").Process(target=work, args=(pickle.dumps(inputs), there))
        process.start()
        there.close()
        try:
            return pickle.loads(here.recv_bytes())
        finally:
            process.join()
            print(f"lent to {task.__qualname__}", flush=True)

    return lent
