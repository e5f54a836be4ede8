"""Of one visitor's events that overlap, the answer to the newest one stays; what was asked before it is dropped."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.context import LocalContext


def newest_only(work: Callable[..., Any], outputs: int) -> Callable[..., Any]:
    """`work`, whose answer changes nothing once the same visitor has asked again.

    A page holds back an event while another one of its kind is under way, but not two that come in the same moment, and
    two threads may end in another order than they began.
    """
    tickets = itertools.count()
    newest: dict[str, int] = {}  # of each visitor with an event under way
    lock = threading.Lock()

    def is_newest(ticket: int, visitor: str) -> bool:
        with lock:
            if newest.get(visitor) != ticket:
                return False
            del newest[visitor]
            return True

    @functools.wraps(work)
    def call(*arguments: Any) -> Any:
        visitor = getattr(LocalContext.request.get(None), "session_hash", None)
        if visitor is None:  # a program, which waits for each of its answers
            return work(*arguments)
        with lock:
            mine = newest[visitor] = next(tickets)
        try:
            values = work(*arguments)
        except BaseException:
            if is_newest(mine, visitor):
                raise
            return _unchanged(outputs)
        return values if is_newest(mine, visitor) else _unchanged(outputs)

    return call


def _unchanged(outputs: int) -> Any:
    return gr.skip() if outputs == 1 else tuple(gr.skip() for _ in range(outputs))
