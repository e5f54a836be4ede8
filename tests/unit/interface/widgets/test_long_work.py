"""Long work goes on step by step, stops when told to, and hands over what it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest

from fer_demo.errors import DataError
from fer_demo.interface.widgets.long_work import LongWork

START, STEP, STOP = range(3)


class Counting:
    """Three steps of work."""

    def __init__(self) -> None:
        self.total, self.done = 3, 0

    def advance(self, seconds: float) -> None:
        self.done += 1


@pytest.fixture
def handlers() -> Callable[..., list[Callable[..., Any]]]:
    """What the start button, the clock and the stop button call."""

    def connected(finish: Callable[[Any, Any], Any], **options: Any) -> list[Callable[..., Any]]:
        found: list[Callable[..., Any]] = []
        with gr.Blocks():
            subject = gr.State("set")
            work = LongWork("Count", "things", "count")
            work.connect(
                lambda triggers, handler, *others, **more: found.append(handler),
                lambda value: Counting(),
                [subject],
                finish,
                subject,
                gr.HTML(),
                **options,
            )
        return found

    return connected


def test_work_ends_with_its_result(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    start, step, _ = handlers(lambda value, work: (value, work.done))
    job = start("set", "set").job
    assert "2 of 3 things" in [step(job, "set") for _ in range(2)][-1][2]
    last = step(job, "set")
    assert last[0] is None
    assert last[-2:] == (("set", 3), "")


def test_stopped_work_hands_over_what_it_has(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    start, step, stop = handlers(lambda value, work: work.done)
    job = start("set", "set").job
    step(job, "set")
    stop(job)
    last = step(job, "set")
    assert last[-2] == 1
    assert "stopped at 1 of 3 things" in last[2]


def test_work_about_something_else_is_worth_nothing(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    start, step, _ = handlers(lambda value, work: pytest.fail("this result belongs to another set"))
    job = start("set", "set").job
    assert step(job, "another set")[0] is None


def test_first_results_may_come_early(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    start, step, _ = handlers(lambda value, work: work.done, early=True)
    job = start("set", "set").job
    assert step(job, "set")[-2] == 1
    assert job.work.done < job.work.total


def test_a_refused_result_ends_the_work_with_its_sentence(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    def refuse(value: Any, work: Any) -> Any:
        raise DataError("There is nothing in it.")

    start, step, _ = handlers(refuse)
    job = start("set", "set").job
    last = [step(job, "set") for _ in range(3)][-1]
    assert last[0] is None
    assert last[-1] == "There is nothing in it."


def test_a_step_that_breaks_is_the_last(handlers: Callable[..., list[Callable[..., Any]]]) -> None:
    start, step, _ = handlers(lambda value, work: work.done)
    job = start("set", "set").job
    job.work.advance = lambda seconds: 1 / 0
    with pytest.raises(ZeroDivisionError):
        step(job, "set")
    assert step(job, "set")[0] is None
