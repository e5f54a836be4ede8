"""What would have to change in the face for another answer: begun by a button, shown beside a second opinion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from fer_demo.capabilities import EditsPhoto
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.counterfactual import Counterfactual, CounterfactualSearch
from fer_demo.inference.recognize.probabilities import recognize_aligned
from fer_demo.inference.transfer.identity_kept import identity_kept
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead, picture, sentences, side_by_side

_HELP = (
    "Choose an expression under “And why not that one?”. The app then looks for the smallest movements of the face "
    "that change the recognizer’s label to it. A recognizer that was not used in the search gives a second opinion."
)


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Changed:
    """What the search found, and what others say of it."""

    found: Counterfactual
    second: tuple[str, str, str] | None  # another recognizer, its label of the face before and after
    identity: str  # whether it is still the same person, in a sentence

    @property
    def opinion(self) -> str:
        """The second opinion in a sentence; empty if there is none."""
        if self.second is None:
            return ""
        name, before, after = self.second
        if before == after:
            return f"By {name}, the label stays {after}."
        return f"By {name}, the label becomes {after}{', too' if after == self.found.wanted else ''}."


class ChangePart:
    """A button, and what came of it; `state` holds a Changed."""

    def __init__(self) -> None:
        self.state = gr.State(None)
        gr.HTML(f"<h3>What would change the answer?</h3>{lead(_HELP)}", apply_default_css=False)
        self._work = LongWork("Find the change", "steps", "find-change")
        self._shown = gr.HTML("", apply_default_css=False, elem_id="changed")

    def connect(self, listen: Callable[..., Any], context: AppContext, asked: list[Any], notice: Any) -> None:
        """`asked`: the components of the face, the model and the wanted expression; `listen` is events.listen."""
        listen([part.change for part in asked], lambda: None, [], [self.state])
        begin, finish = partial(search_of, context), partial(_shown, context)
        self._work.connect(listen, begin, asked, finish, self.state, notice, again=True)
        listen([self.state.change], changed_view, [self.state], [self._shown])


class Search(CounterfactualSearch):
    """A search that knows whose label of which face it changes."""

    def __init__(self, context: AppContext, crop: FaceCrop, model: str, wanted: str) -> None:
        """Raise CheckpointError or SettingsError for what cannot be asked."""
        context.check_recognizer(model)
        self.crop, self.name = crop, model
        super().__init__(context.model(model), _photo_editor(context), crop, wanted)


def search_of(context: AppContext, chosen: ChosenFace | None, model: str, wanted: str) -> Search:
    """The search, not yet begun.

    Raises: DataError without a face or a wanted expression, SettingsError and CheckpointError for what cannot be asked.
    """
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    if not wanted:
        raise DataError("Choose the wanted label under “And why not that one?” first.")
    return Search(context, chosen.crop, model, wanted)


def changed_view(changed: Changed | None) -> str:
    """The face before and after, where they differ, and the sentences; nothing before a search."""
    if changed is None:
        return ""
    found = changed.found
    before, after = found.edited.before, found.edited.pixels
    shown = side_by_side([
        picture(before, f"The face, labelled {found.before}", found.before),
        picture(after, f"The changed face, labelled {found.after}", f"{found.after}, {found.share:.0%}"),
        picture(_difference(before, after), "Where the two differ, brighter where more", "Difference"),
    ])  # fmt: skip
    said = [
        found.words,
        f"Size of the change: {found.step:.2f}. One facial movement at full strength is 1.",
        changed.opinion,
        changed.identity,
    ]
    return shown + sentences([sentence for sentence in said if sentence])


def figures_of_change(changed: Changed) -> dict[str, object]:
    """The same as numbers and words, for a file."""
    found = changed.found
    return {
        "wanted": found.wanted,
        "before": found.before,
        "after": found.after,
        "step": round(found.step, 4),
        "movements": {name: round(value, 4) for name, value in found.movements.items()},
        "second_opinion": changed.opinion,
        "identity": changed.identity,
    }


def judged(context: AppContext, search: Search) -> Changed:
    """What the search finds, after all that is left to do, and what others say of it."""
    found = search.finished()
    name = context.judge_name(search.name)
    second = None
    if name != search.name:
        labels = recognize_aligned(context.models[name], np.stack([found.edited.before, found.edited.pixels]))
        second = (title(name), labels[0].top, labels[1].top)
    identity = ""
    if context.embedder is not None:
        kept = identity_kept(context.embedder, found.edited.pixels[np.newaxis], search.crop)
        identity = kept.band.sentence(float(kept.distances[0]))
    return Changed(found, second, identity)


def _shown(context: AppContext, shown: Changed | None, search: Any) -> Changed | None:
    return shown if search.result is None else judged(context, search)  # none if it was stopped


def _photo_editor(context: AppContext) -> Any:
    for name in context.editors.values():
        if context.can(name, EditsPhoto):
            return context.editor(name)
    raise CheckpointError("No editor of photos could be loaded; see About for the reason.")


def _difference(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the largest difference of a pixel's colours, the greatest of the picture white."""
    apart = np.abs(before.astype(int) - after.astype(int)).max(axis=-1)
    return (apart * (255 / max(int(apart.max()), 1))).astype(np.uint8)
