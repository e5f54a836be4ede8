"""`change`: which small change of a face would give it another label."""

from __future__ import annotations

import gradio as gr
import numpy as np

from fer_demo.capabilities import EditsPhoto
from fer_demo.expressions import BASIC
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.programs.answers import Answer, ChangedFace, box_of
from fer_demo.interface.tabs.explain.change import Search, judged
from fer_demo.interface.tabs.transfer.edited_view import EditedPicture
from fer_demo.interface.widgets.photo_input import PhotoInput


def publish_change(context: AppContext) -> None:
    """Offer `/change`, if there are a recognizer and an editor of photos."""
    names = list(context.recognizers.values())
    if names and any(context.can(name, EditsPhoto) for name in context.editors.values()):
        _publish_change(context, names)


def _publish_change(context: AppContext, names: list[str]) -> None:
    # Clients may leave out what has a value in its component.
    def change(photo: bytes | None, expression: str, model: str) -> tuple[ChangedFace, np.ndarray]:
        """Find the smallest movements of the largest face of a photo after which a model labels it with an expression.

        Searched is by gradient through the landmark editor. `after` is another label than `wanted` if no step was
        found. The picture, a PNG file that says in its metadata that it is synthetic, is the changed face; another
        recognizer, which had no say in the search, gives a second opinion.
        """
        crop = context.crops_of_photo(photo or b"")[0]
        changed = judged(context, Search(context, crop, model, expression))
        found = changed.found
        answer = ChangedFace(
            box=box_of(crop),
            model=model,
            wanted=found.wanted,
            before=found.before,
            after=found.after,
            step=round(found.step, 4),
            movements={name: round(value, 4) for name, value in found.movements.items()},
            sentence=found.words,
            second_opinion=changed.opinion,
            identity=changed.identity,
        )
        return answer, found.edited.pixels

    inputs = [
        PhotoInput(label="Photo"),
        gr.Dropdown(list(BASIC), value="surprise", label="Wanted label"),
        gr.Dropdown(names, value=names[0], label="Model"),
    ]
    results = [Answer(ChangedFace, "Change"), EditedPicture(label="Changed face")]
    listen([gr.Button().click], change, inputs, results, heavy=True, api_name="change")
