"""Work in a process of its own ends in time and in memory, and whoever asks next is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fer_demo.bounded import Bounded, TooLargeError, TooLongError
from fer_demo.errors import DataError


@pytest.fixture(scope="module")
def bounded() -> Iterator[Bounded]:
    process = Bounded("tests.unit.bounded_answers", 30, 100)
    yield process
    process.close()


def test_one_process_answers_question_after_question(bounded: Bounded) -> None:
    content = bytes(range(256)) * 10_000
    first, second = (bounded.ask(task, content) for task in (b"echo", b"print"))
    assert first == second
    assert first[0] == content


def test_what_the_work_refuses_is_raised_here(bounded: Bounded) -> None:
    with pytest.raises(DataError, match=r"This is not wanted; bring another\."):
        bounded.ask(b"refuse", b"")
    assert bounded.ask(b"echo", b"next")[0] == b"next"


@pytest.mark.parametrize("task", [b"fill", b"crash"])
def test_more_memory_than_allowed_is_refused(bounded: Bounded, task: bytes) -> None:
    with pytest.raises(TooLargeError):
        bounded.ask(task, b"x" * 150)
    assert bounded.ask(b"echo", b"next")[0] == b"next"


@pytest.mark.parametrize("task", [b"work", b"sleep"])
def test_what_takes_too_long_is_ended(bounded: Bounded, monkeypatch: pytest.MonkeyPatch, task: bytes) -> None:
    _, before = bounded.ask(b"echo", b"")
    with monkeypatch.context() as patch:
        patch.setattr(bounded, "seconds", 0.1)
        with pytest.raises(TooLongError):
            bounded.ask(task, b"")
    assert bounded.ask(b"echo", b"")[1] != before
