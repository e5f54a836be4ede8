"""Transfer: one person's face with another's expression, or a named one, by degrees and measured at every step."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext, title
from fer_demo.errors import DataError
from fer_demo.events import listen, picked
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.strips import strip_course
from fer_demo.inference.interpolation import Strip, interpolate, moves_photo
from fer_demo.inference.metering import identity_kept
from fer_demo.inference.painters import in_colour
from fer_demo.inference.recognition import recognize, recognize_aligned
from fer_demo.inference.transfer import ALPHA_RANGE, transfer_one, transfer_to_photo
from fer_demo.published_model import PublishedModel
from fer_demo.widgets import strip as strip_markup
from fer_demo.widgets.downloads import Downloads, Made
from fer_demo.widgets.edited import edited_face
from fer_demo.widgets.face_field import ChosenFace, FaceField
from fer_demo.widgets.markup import Thumbnail, data_uri, message
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.photo_input import PhotoInput
from fer_demo.widgets.pick import Pick
from fer_demo.widgets.plots import Plots
from fer_demo.widgets.strip import Measure

TITLE = "Transfer"

STEPS = 11
SHOWN_SIDE = 256  # pixels
EXPRESSION, FACE = "expression", "identity"  # what changes along the strip
NAMED, DRIVER = "named", "driver"  # where the wanted expression comes from


@dataclass(frozen=True)
class _Wish:
    """What the visitor asks for."""

    model: str
    source: FaceCrop
    driver: FaceCrop | None
    kind: str  # NAMED or DRIVER
    name: str  # a basic expression
    along: Any  # EXPRESSION or FACE

    @property
    def target(self) -> FaceCrop | str:
        """The far end of the strip."""
        if self.kind == NAMED and self.along == EXPRESSION:
            return self.name
        if self.driver is None:
            raise DataError("There is no second face yet; choose one.")
        return self.driver


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class _Walk:
    """A strip, and what its files are called."""

    strip: Strip
    name: str


class _Inputs(NamedTuple):
    """The components that make up a wish, in the order of `_wish`."""

    source: Any
    driver: Any
    kind: Any
    name: Any
    along: Any
    model: Any


class _Shown(NamedTuple):
    """What the tab shows; the same names hold its components and their values."""

    walk: Any  # a _Walk, kept for its frames
    result: Any
    alpha: Any
    strip: Any
    explained: Any
    course: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with one example walked."""
    if not context.editors:
        gr.HTML(message("No transfer model could be loaded; see About for the reason."), apply_default_css=False)
        return
    rows = context.example_rows
    source, driver = (_example(context, min(index, len(rows) - 1)) for index in (6, 5))
    model = next(iter(context.editors.values()))
    values = (
        _walk(context, _wish(context, source, driver, NAMED, "happy", EXPRESSION, model), 1.0) if source else _empty()
    )
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            source_field = _field(context, "Face", source, "source")
        with gr.Column(scale=4, min_width=300):
            along = gr.Radio(
                [("the expression; the face stays", EXPRESSION), ("the face; the expression stays", FACE)],
                value=EXPRESSION,
                label="What changes",
                elem_id="along",
                visible=not moves_photo(context.models[model]),
            )
            kind = gr.Radio(
                [("by name", NAMED), ("from another face", DRIVER)],
                value=NAMED,
                label="Wanted expression",
                elem_id="kind",
            )
            name = gr.Radio(list(BASIC), value="happy", label="Name", elem_id="named")
            with gr.Column(visible=False) as driver_box:
                driver_field = _field(context, "Second face", driver, "driver")
        with gr.Column(scale=4, min_width=300):
            gr.HTML("<h3>Result</h3>", apply_default_css=False)
            result = gr.HTML(values.result, apply_default_css=False, elem_id="result")
            alpha = gr.Slider(*ALPHA_RANGE, value=1.0, step=0.05, label="Alpha (0 own, 1 wanted)", elem_id="alpha")
            notice = Notice()
    strip = Pick(values.strip, elem_id="strip")
    explained = gr.HTML(values.explained, apply_default_css=False)
    with gr.Accordion("All probabilities along the strip", open=False):
        course = Plots(values.course, labels=["Probability of each expression along the strip"], height=340)
    downloads = Downloads(("GIF", "PNG", "CSV"), "downloads")
    editors = gr.Dropdown(list(context.editors.items()), value=model, label="Model", visible=len(context.editors) > 1)
    shown = _Shown(gr.State(values.walk), result, alpha, strip, explained, course)
    inputs = _Inputs(source_field.state, driver_field.state, kind, name, along, editors)
    source_field.connect(listen, picked)
    driver_field.connect(listen, picked)
    _connect_choices(context, inputs, driver_box)
    _connect(context, inputs, shown, notice)
    downloads.connect(listen, _file, shown.walk, notice)
    _publish(context)


def _connect_choices(context: AppContext, inputs: _Inputs, driver_box: Any) -> None:
    def arrange(kind: str, along: str, model: str) -> tuple[Any, ...]:
        return _arrange(kind, along, moves_photo(context.editor(model)))

    choices = [inputs.kind, inputs.along, inputs.model]
    listen([choice.input for choice in choices], arrange, choices, [inputs.along, inputs.kind, inputs.name, driver_box])


def _connect(context: AppContext, inputs: _Inputs, shown: _Shown, notice: Notice) -> None:
    def walk(*values: Any) -> _Shown:
        return _walk(context, _wish(context, *values[:-1]), values[-1])

    def move(*values: Any) -> str:
        return _result(context, _wish(context, *values[:-2]), values[-2], values[-1])

    def take_frame(event: gr.EventData) -> float:
        return picked(event, STEPS) / (STEPS - 1)

    changes = [inputs.source.change, inputs.driver.change, *(part.input for part in inputs[2:])]
    everything, position = [*inputs, shown.alpha], [*inputs, shown.walk, shown.alpha]
    listen(changes, walk, everything, shown, notice=notice, heavy=True, busy=[shown.strip], latest=True)
    listen([shown.alpha.change], move, position, [shown.result], notice=notice, heavy=True, latest=True)
    listen([shown.strip.select], take_frame, [], [shown.alpha], notice=notice)


def _publish(context: AppContext) -> None:
    """The same service for programs."""

    def transfer_expression(photo: bytes | None, expression: str, alpha: float, model: str) -> np.ndarray:
        """Give the largest face of a photo a named expression and return the aligned face in colour.

        Alpha is how far: 0 keeps the face's own expression, 1 reaches the named one; -0.5 to 1.5.
        """
        crop = context.crops_of_photo(photo or b"")[0]
        return in_colour(transfer_one(context.editor(model), crop, expression, alpha), crop)

    with gr.Column(visible=False):
        photo, result = PhotoInput(label="Photo"), gr.Image(label="Face")
        expression = gr.Dropdown(list(BASIC), value="happy", label="Expression")
        alpha = gr.Number(1.0, label="Alpha")
        names = list(context.editors.values())
        inputs = [photo, expression, alpha, gr.Dropdown(names, value=names[0], label="Model")]
        listen([gr.Button().click], transfer_expression, inputs, [result], heavy=True, api_name="transfer")


def _arrange(kind: str, along: str, keeps_face: bool) -> tuple[Any, Any, Any, Any]:
    """Show only what can be chosen now; of a photo's own pixels only the expression can change."""
    if keeps_face:
        along = EXPRESSION
    by_name = kind == NAMED and along == EXPRESSION
    return (
        gr.update(visible=not keeps_face, value=along),
        gr.update(visible=along == EXPRESSION),
        gr.update(visible=by_name),
        gr.update(visible=not by_name),
    )


def _field(context: AppContext, label: str, chosen: ChosenFace | None, name: str) -> FaceField:
    faces = [context.bundled[row] for row in context.example_rows]
    items = [Thumbnail(data_uri(face.image, 96), f"Synthetic face, {face.expression}") for face in faces]

    def load(index: int) -> tuple[FaceCrop, ...]:
        return (context.crop_of_row(context.example_rows[index]),)

    return FaceField(label, items, load, context.crops_of_photo, chosen, name)


def _example(context: AppContext, index: int) -> ChosenFace | None:
    return None if index < 0 else ChosenFace((context.crop_of_row(context.example_rows[index]),), example=index)


def _wish(
    context: AppContext,
    source: ChosenFace | None,
    driver: ChosenFace | None,
    kind: str,
    name: str,
    along: str,
    model: str,
) -> _Wish:
    if source is None:
        raise DataError("There is no face yet; choose one first.")
    if moves_photo(context.editor(model)):  # the choice is hidden then, and may still say FACE
        along = EXPRESSION
    return _Wish(model, source.crop, None if driver is None else driver.crop, kind, name, along)


def _empty() -> _Shown:
    nothing = message("Choose a face to begin.")
    return _Shown(None, nothing, gr.update(), "", "", [])


def _walk(context: AppContext, wish: _Wish, alpha: float) -> _Shown:
    judge = context.judge_of(wish.model)
    strip = interpolate(
        context.editor(wish.model), judge, wish.source, None, wish.target, STEPS, wish.along, context.embedder
    )
    low, high = ALPHA_RANGE if wish.along == EXPRESSION else (0.0, 1.0)
    alpha = min(max(alpha, low), high)
    expression = _watched(judge, wish)
    walked = _Walk(strip, f"strip-{wish.along}-{expression}")
    judges = context.name_of(judge)
    level, kept = strip_markup.level_of_judge(judges, judge, expression), strip_markup.kept(strip)
    measures = [Measure(expression, strip.probabilities[:, BASIC.index(expression)], level), *([kept] if kept else [])]
    person = (None, None) if kept is None else ((kept.name, kept.values), kept.reference)
    explained = strip_markup.explained(strip, expression, level, title(judges), title(wish.model))
    return _Shown(
        walk=walked,
        result=_result(context, wish, walked, alpha),
        alpha=gr.update(minimum=low, maximum=high, value=alpha),
        strip=strip_markup.frames(strip.frames, strip.alphas, measures, strip.outside),
        explained=f'<p class="lead">{escape(explained)}</p>',
        course=[strip_course(strip.alphas, strip.probabilities, *person)],
    )


def _file(kind: str, walk: _Walk | None) -> Made:
    """The strip as a file to take away."""
    if walk is None:
        raise DataError("There is no strip yet; choose a face first.")
    return strip_markup.as_file(kind, walk.strip, walk.name)


def _watched(judge: PublishedModel, wish: _Wish) -> str:
    """The expression whose probability is shown: the wanted one, or the one that is held."""
    target = wish.target
    if isinstance(target, str):
        return target
    answer = recognize(judge, [wish.source if wish.along == FACE else target])[0]
    known = [name for name in answer.expressions if name in BASIC]
    return max(known, key=lambda name: answer.probabilities[answer.expressions.index(name)])


def _result(context: AppContext, wish: _Wish, walk: _Walk | None, alpha: float) -> str:
    judge = context.judge_of(wish.model)
    if wish.along == FACE and walk is not None:
        face = walk.strip.frames[round(alpha * (STEPS - 1))]
        return edited_face(face, recognize_aligned(judge, face[np.newaxis])[0], alpha, None, None)
    editor, known = context.editor(wish.model), wish.source.face is not None
    painted = transfer_one(editor, wish.source, wish.target, alpha)
    photo = transfer_to_photo(editor, wish.source, wish.target, alpha) if known else None
    answer = recognize_aligned(judge, painted[np.newaxis])[0]
    kept = None if context.embedder is None else identity_kept(context.embedder, painted[np.newaxis], wish.source)
    return edited_face(in_colour(painted, wish.source), answer, alpha, photo, kept)
