"""The answer that stays on the page is that to the newest question, whichever ends first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.context import LocalContext

from fer_demo.interface.newest import newest_only


def answer_in_turn(begun: threading.Event, go_on: threading.Event) -> Callable[[str], str]:
    """The question again; a slow one is answered only once `go_on` is set."""

    def answer(question: str) -> str:
        if question.startswith("slow"):
            begun.set()
            assert go_on.wait(10)
        if question.endswith("failing"):
            raise ValueError(question)
        return question

    return newest_only(answer, 1)


def ask(answer: Callable[[str], object], question: str, visitor: str) -> object:
    LocalContext.request.set(SimpleNamespace(session_hash=visitor))  # type: ignore[arg-type]
    return answer(question)


@pytest.mark.parametrize("slow", ["slow", "slow and failing"])
def test_an_older_answer_that_comes_late_changes_nothing(slow: str) -> None:
    begun, go_on = threading.Event(), threading.Event()
    answer = answer_in_turn(begun, go_on)
    with ThreadPoolExecutor(2) as pool:
        older = pool.submit(ask, answer, slow, "a visitor")
        assert begun.wait(10)
        assert pool.submit(ask, answer, "quick", "a visitor").result(10) == "quick"
        go_on.set()
        assert older.result(10) == gr.skip()


def test_another_visitor_is_not_in_the_way() -> None:
    begun, go_on = threading.Event(), threading.Event()
    answer = answer_in_turn(begun, go_on)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, answer, "slow", "a visitor")
        assert begun.wait(10)
        assert pool.submit(ask, answer, "quick", "another").result(10) == "quick"
        go_on.set()
        assert first.result(10) == "slow"


def test_one_after_another_all_are_answered_and_errors_are_raised() -> None:
    answer = newest_only(lambda value: 1 / value, 1)
    assert answer(2) == 0.5
    with pytest.raises(ZeroDivisionError):
        answer(0)
    assert answer(4) == 0.25
