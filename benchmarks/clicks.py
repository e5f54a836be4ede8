"""Time of what a visitor does with an answer that is there: an answer, another coverage, a move of the slider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from benchmarks.photos import group_photo
from benchmarks.timing import seconds
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import VOTES
from fer_demo.inference.transfer.transfer import direction_to
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.recognize.page import _answer
from fer_demo.interface.tabs.transfer.request import DRIVER, EXPRESSION, edit_request
from fer_demo.interface.tabs.transfer.strip import _result, measured_walk
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.settings import AppSettings

FACES = 3


def measure_clicks() -> dict[str, Any]:
    """Seconds on one thread with what is known, and without: aligned, recognized and read again each time."""
    context = AppContext.create(AppSettings())
    recognizer, editor = context.settings.recognizer, context.settings.editor
    group = ChosenFace(context.crops_of_array(group_photo(FACES)))
    person, driver = (ChosenFace((crop,)) for crop in group.crops[:2])
    known = _answer(context, group, recognizer, VOTES, 0.9).known
    assert known is not None

    def answer() -> None:
        _answer(context, ChosenFace(tuple(replace(crop) for crop in group.crops)), recognizer, VOTES, 0.9)

    request = edit_request(context, person, driver, DRIVER, "happy", EXPRESSION, editor)
    walk = measured_walk(context, request, 1.0).walk
    assert walk is not None

    def read_and_move() -> None:
        again = direction_to(context.editor(editor), person.crop, driver.crop)
        _result(context, replace(walk, direction=again), 0.5)

    return {
        f"answer_about_{FACES}_faces": compared(answer, answer),
        f"coverage_of_{FACES}_faces": compared(
            lambda: (known.doubt(0.8), known.everyone(0.8)), lambda: _answer(context, group, recognizer, VOTES, 0.8)
        ),
        "slider_move_after_a_driver": compared(lambda: _result(context, walk, 0.5), read_and_move),
    }


def compared(with_known: Callable[[], object], without: Callable[[], object]) -> dict[str, Any]:
    """Both ways, and the milliseconds that are saved each time; without, a face is aligned whenever it is looked at."""
    kept = seconds(with_known)
    with aligned_every_time():
        again = seconds(without)
    return {"known": kept, "again": again, "saved_ms": round(1000 * (again["median_s"] - kept["median_s"]), 1)}


@contextmanager
def aligned_every_time() -> Iterator[None]:
    with mock.patch.object(FaceCrop, "pixels", FaceCrop._render):
        yield
