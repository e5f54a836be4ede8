"""Which of the computer-made faces taught an answer: found by a button, shown as two short rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
import torch

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import bundled_evaluation
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.influence import (
    INFLUENCE_TABLE,
    SHOWN,
    TaughtFaces,
    TaughtHead,
    most_harmful,
    most_helpful,
    teach_head,
)
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.tabs.explain.explaining import OWN
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import Thumbnail, data_uri, lead, people_row, sentences
from fer_demo.published.model import PublishedModel

EVERY = 2  # of how many bundled faces one teaches
_END = object()  # all faces are read
_SIDE = 96  # pixels of a face in the page
_HELP = (
    "The recognizer’s last layer is trained again on computer-made faces. You then see which of them pushed its answer "
    "most towards this expression, and which pushed it away."
)


@dataclass(frozen=True, eq=False)
class Taught:
    """A taught layer, and what is needed to ask it."""

    faces: TaughtFaces
    head: TaughtHead


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Teachers:
    """The faces that helped an answer most, and those that harmed it most; as rows of the bundled faces."""

    model: str
    answer: str
    said: str  # by the layer that these faces taught
    share: float  # how probable it takes that, 0..1
    count: int  # of the faces that taught
    helpful: tuple[int, ...]
    harmful: tuple[int, ...]
    measured: str  # how often such a search finds a wrong label, in a sentence


class TeacherSearch:
    """The search, a batch of faces a step; a layer that was taught before is asked at once."""

    def __init__(
        self, taught: dict[str, Taught], name: str, model: PublishedModel, source: FaceSource, crop: FaceCrop, why: str
    ) -> None:
        """Raise CheckpointError for a model whose last layer cannot be taught, SettingsError for what it cannot say."""
        self._answer = why or recognize(model, [crop])[0].top
        if self._answer not in model.config.expressions:
            raise SettingsError(f"None of the computer-made faces shows {self._answer}; choose another expression.")
        self._taught, self._name, self._model, self._crop = taught, name, model, crop
        self._source = source.select(range(0, len(source), EVERY))
        self.result: Teachers | None = None
        known = taught.get(name)
        self._faces = TaughtFaces(model, self._source) if known is None else known.faces
        self._steps = self._faces.batches()
        self.total, self.done = len(self._source), 0

    def advance(self, seconds: float) -> None:
        """Go on for about so long."""
        end = time.monotonic() + seconds
        while self._name not in self._taught:
            if next(self._steps, _END) is _END:
                head = teach_head(self._faces.features, self._faces.labels, len(self._model.config.expressions))
                self._taught[self._name] = Taught(self._faces, head)
            self.done = min(self.total - 1, len(self._faces.rows))
            if time.monotonic() >= end:
                return
        self.result, self.done = self._found(self._taught[self._name]), self.total

    def _found(self, taught: Taught) -> Teachers:
        read = taught.faces.reader(next(face_batches(self._model, [self._crop])))
        place = self._model.config.expressions.index(self._answer)
        influences = taught.head.influences(read, [place])[0]
        with torch.no_grad():
            shares = taught.head.probabilities(read)[0]
        helpful, harmful = (
            tuple(EVERY * taught.faces.rows[face] for face in pick(influences, SHOWN))
            for pick in (most_helpful, most_harmful)
        )
        said = self._model.config.expressions[int(shares.argmax())]
        measured = bundled_evaluation(self._name, self._model, INFLUENCE_TABLE, _measured) or ""
        count = len(taught.faces.rows)
        return Teachers(self._name, self._answer, said, float(shares.max()), count, helpful, harmful, measured)


class TeachersPart:
    """A button, and what came of it."""

    def __init__(self) -> None:
        gr.HTML(f"<h3>Which faces taught this?</h3>{lead(_HELP)}", apply_default_css=False)
        self._work = LongWork("Find the faces", "faces", "find-teachers")
        self._state = gr.State(None)
        self._shown = gr.HTML("", apply_default_css=False, elem_id="teachers")

    def connect(self, listen: Callable[..., Any], context: AppContext, asked: list[Any], notice: Any) -> None:
        """`asked`: the components of the face, the model and the expression; `listen` is events.listen."""
        kept: dict[str, Taught] = {}  # of bundled models, for all visitors
        listen([part.change for part in asked], lambda: None, [], [self._state])
        begin = partial(search_of, context, kept)
        self._work.connect(listen, begin, asked, _finished, self._state, notice, again=True)
        listen([self._state.change], partial(teachers_view, context), [self._state], [self._shown])


def search_of(
    context: AppContext, kept: dict[str, Taught], chosen: ChosenFace | None, model: str, expression: str
) -> TeacherSearch:
    """The search, not yet begun.

    Raises: DataError without a face, SettingsError and CheckpointError for what cannot be asked.
    """
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    context.check_recognizer(model)
    taught = kept if model in MODELS else {}
    why = "" if expression == OWN else expression
    return TeacherSearch(taught, model, context.model(model), context.bundled, chosen.crop, why)


def teachers_view(context: AppContext, shown: Teachers | None) -> str:
    """Both rows with what they mean; nothing before a search."""
    if shown is None:
        return ""
    taught = (
        f"The last layer of {title(shown.model)} was trained again on {shown.count:,} computer-made faces. For this "
        f"face it then answers {shown.said}, {shown.share:.0%}."
    )
    helped = f"These took it farthest towards {shown.answer} for this face"
    harmed = f"These took it farthest away from {shown.answer}; each is labelled with what it was taught as"
    rows = "".join(
        f"<h4>{words}</h4>{people_row([_thumbnail(context, row) for row in rows], words)}"
        for words, rows in ((helped, shown.helpful), (harmed, shown.harmful))
        if rows
    )
    return f"{lead(taught)}{rows}{sentences([shown.measured] if shown.measured else [])}"


def _finished(shown: Teachers | None, work: Any) -> Teachers | None:
    found: Teachers | None = work.result
    return shown if found is None else found  # none if it was stopped


def _thumbnail(context: AppContext, row: int) -> Thumbnail:
    face = context.bundled[row]
    return Thumbnail(data_uri(face.image, _SIDE), f"Computer-made face, {face.expression}", face.expression or "")


def _measured(tables: Mapping[str, Any]) -> str | None:
    if INFLUENCE_TABLE not in tables:
        return None
    table = tables[INFLUENCE_TABLE]
    share, count = table["first"][-1]
    return (
        f"Measured: of {int(table['wrong'])} faces with a wrong label, {int(count)} were among the first "
        f"{float(share):.0%} that such a search names."
    )
