"""How an edit came about, shown on request: what moved, was painted or regressed, what codes hold, what was shared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
import numpy as np

from fer_demo.capabilities import EditsExpression, EditsPhoto, PaintsNeutralFaces, RegressesPixels, SharesFeatures
from fer_demo.expressions import BASIC
from fer_demo.figures.edit_trace import BEFORE, LONGER, MOVED, PAINTED, farthest, landmarks_picture, trace_picture
from fer_demo.figures.pixel_lines import LESS, MORE, added_picture, stays_picture
from fer_demo.inference.transfer.editing import EditedFace, traced
from fer_demo.inference.transfer.neutral_face import NeutralFace, neutral_face
from fer_demo.inference.transfer.rebuilding import rebuild
from fer_demo.inference.transfer.sharing import borrowed_features
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.transfer.codes_view import rebuilding_view, sharing_view
from fer_demo.interface.tabs.transfer.request import FACE
from fer_demo.interface.tabs.transfer.strip import Walk
from fer_demo.interface.widgets.markup import message, picture, side_by_side

LABEL = "Show how the model made it"
TRACED = (EditsPhoto, RegressesPixels, EditsExpression, SharesFeatures)  # models of which there is something to show
NO_TRACE = "This model makes the new face in one step, so there is nothing to show between the photo and the result."
BETWEEN_PEOPLE = "Between two people no edited face can be shown here; choose “the expression; the face stays”."
_PAINTED_FROM = 0.5  # of the paint, where a place counts as painted


# Compared by identity: a walk holds arrays.
@dataclass(frozen=True, eq=False)
class _Asked:
    walk: Walk | None
    amount: float


def lay_out_trace(context: AppContext, walk: Any, amount: Any) -> None:
    """A tick box, and the drawing while it is ticked."""
    wanted = gr.Checkbox(False, label=LABEL, container=False, elem_id="trace-wanted")
    shown = gr.HTML("", apply_default_css=False, elem_id="trace")

    def ask(ticked: bool, known: Walk | None, alpha: float) -> _Asked | None:
        return _Asked(known, alpha) if ticked else None

    def show(request: _Asked | None) -> str:
        return "" if request is None else trace_of(context, request.walk, request.amount)

    asked = gr.State(None)  # changes while the box is ticked; nobody else waits in the models' queue
    changes = [wanted.input, walk.change, amount.change]
    listen(changes, ask, [wanted, walk, amount], [asked], latest=True)
    listen([asked.change], show, [asked], [shown], heavy=True, latest=True)


def trace_of(context: AppContext, walk: Walk | None, alpha: float) -> str:
    """The drawing of the edit that is shown, with its legend, or why there is none."""
    if walk is None:
        return message("Choose a face to begin.")
    model = context.editor(walk.request.model)
    if isinstance(model, RegressesPixels) and walk.request.by_name:
        weight, bias = model.pixel_lines(BASIC.index(walk.request.name))
        return pixel_lines(weight.cpu().numpy(), bias.cpu().numpy(), alpha)
    person = walk.request.source.crop
    if isinstance(model, SharesFeatures):
        return sharing_view(borrowed_features(model, person))
    if isinstance(model, PaintsNeutralFaces):
        return at_rest(neutral_face(model, person))
    if isinstance(model, EditsExpression):
        if walk.request.along == FACE:
            return message(BETWEEN_PEOPLE)
        return rebuilding_view(rebuild(model, person, walk.request.target, alpha))
    if walk.direction is None or not isinstance(model, EditsPhoto):
        return message(NO_TRACE)
    return trace(traced(model, walk.direction, alpha))


def trace(edited: EditedFace) -> str:
    """Where the landmarks go, what that moved and painted, and what the colours mean."""
    share = float((edited.painted > _PAINTED_FROM).mean())
    legend = (
        f"<li>Left: first the model decides where the landmarks go. {_swatch(BEFORE)}As they are; {_swatch(MOVED)}as "
        "they will be.</li>"
        f"<li>Right: {_swatch(MOVED)}Arrows: where the skin moved with them, drawn {LONGER} times as long; at most "
        f"{farthest(edited.moved):.1%} of the picture's width.</li>"
        f"<li>{_swatch(PAINTED)}Tint: painted, where there was nothing to move; {share:.1%} of the picture.</li>"
        f"<li>Not drawn: the skin became at most {_percent(edited.shaded.max())} brighter and "
        f"{_percent(-edited.shaded.min())} darker.</li>"
    )
    words = "Where the edit moved the photo and where it painted"
    shown = side_by_side(
        [
            picture(landmarks_picture(edited.before, edited.landmarks), "Where the landmarks go", "landmarks"),
            picture(trace_picture(edited.before, edited.moved, edited.painted), words, "skin and paint"),
        ]
    )
    return f'{shown}<ul class="legend" aria-label="{escape(words)}">{legend}</ul>'


def pixel_lines(weight: np.ndarray, bias: np.ndarray, amount: float) -> str:
    """The lines of this expression at an amount, as two pictures, and what their colours mean."""
    stays, added = 1 + amount * (weight - 1), amount * bias
    brighter, darker = (127.5 * float(np.abs(side).max()) for side in (added.clip(min=0), added.clip(max=0)))
    legend = (
        "<li>Each pixel of the result depends on the photo’s pixel at the same place and on no other. Left: how much "
        "of it is kept. Right: what is added, the same for everybody.</li>"
        f"<li>Left: white is all of it; {_swatch(LESS)}less is kept, at least {stays.min():.0%}; {_swatch(MORE)}its "
        f"contrast is raised, to at most {stays.max():.0%}.</li>"
        f"<li>{_swatch(MORE)}Right: made brighter, by at most {brighter:.0f} of 255; {_swatch(LESS)}darker, by at most "
        f"{darker:.0f}.</li>"
    )
    shown = side_by_side(
        [
            picture(stays_picture(stays), "How much of the photo's own pixel stays", "what stays of the photo"),
            picture(added_picture(added), "What is added for everybody", "what everybody gets"),
        ]
    )
    return f'{shown}<ul class="legend" aria-label="What the model makes each pixel of">{legend}</ul>'


def at_rest(painted: NeutralFace) -> str:
    """The person at rest, the face with its expression, and how the two differ, with what the colours mean."""
    brighter, darker = (
        255 * float(np.abs(side).max()) for side in (painted.change.clip(0), painted.change.clip(max=0))
    )
    legend = (
        "<li>The model takes the face for a person, a pose and an expression. From person and pose alone it paints the "
        "person at rest: a guess, since no such photo exists.</li>"
        f"<li>What the expression adds: {_swatch(MORE)}brighter, by at most {brighter:.0f} of 255; {_swatch(LESS)}"
        f"darker, by at most {darker:.0f}. That is where the model sees the expression.</li>"
    )
    shown = side_by_side(
        [
            picture(painted.at_rest, "The person at rest, painted", "at rest", synthetic=True),
            picture(painted.rebuilt, "The face with its expression, painted", "with the expression", synthetic=True),
            picture(added_picture(painted.change), "How the two differ", "the difference"),
        ]
    )
    return f'{shown}<ul class="legend" aria-label="What the expression adds to the person at rest">{legend}</ul>'


def _percent(ratio: float) -> str:
    """How much brighter something became, or how much brighter it was, from the logarithm of the ratio."""
    return f"{math.expm1(max(float(ratio), 0.0)):.0%}"


def _swatch(colour: tuple[int, int, int]) -> str:
    return f'<i style="background:rgb{colour}"></i>'
