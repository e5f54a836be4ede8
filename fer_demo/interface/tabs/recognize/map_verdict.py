"""Whether the heat map can be believed: checked when somebody asks, step by step, so that no answer waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from fer_demo.errors import DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.asking import ask, examine
from fer_demo.inference.explain.examination import Examination
from fer_demo.inference.explain.methods import GRAD_CAM
from fer_demo.inference.explain.verdict import Verdict
from fer_demo.inference.recognize.probabilities import Answer
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import PHOTOS_QUEUE
from fer_demo.interface.tabs.recognize.service import known_model
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class ShownMap:
    """The heat map on the page: of which face, by which model, for which expression; its verdict once asked for."""

    crop: FaceCrop
    model: str
    answer: Answer
    expression: str
    verdict: Verdict | None = None


class MapVerdict:
    """A button, and the sentence that follows; `state` holds the ShownMap."""

    def __init__(self, first: ShownMap | None) -> None:
        self.state = gr.State(first)
        self._work = LongWork("Check this map", "checks", "map-check")
        self._sentence = gr.HTML("", apply_default_css=False, elem_id="map-verdict", min_height=24)

    def connect(self, listen: Callable[..., Any], context: AppContext, notice: Any) -> None:
        """`listen` is events.listen."""
        state = self.state
        begin = partial(begun, context)
        self._work.connect(listen, begin, [state], judged, state, notice, queue=PHOTOS_QUEUE)
        listen([state.change], verdict_words, [state], [self._sentence])


def begun(context: AppContext, shown: ShownMap | None) -> Examination:
    """The examination of a map; raises DataError if there is none."""
    if shown is None:
        raise DataError("There is no face yet; choose a photo first.")
    asked = ask(known_model(context, shown.model), shown.crop, shown.expression, answer=shown.answer)
    return examine(asked, shown.crop, GRAD_CAM, context.landmarker)


def judged(shown: ShownMap, work: Any) -> ShownMap:
    """The map with its verdict; as it was where the checks were stopped."""
    return shown if work.verdict is None else replace(shown, verdict=work.verdict)


def verdict_words(shown: ShownMap | None) -> str:
    """The verdict in one sentence; nothing while it is not known."""
    return "" if shown is None or shown.verdict is None else lead(shown.verdict.sentence)
