"""Transfer: one person's face with another's expression, or a named one, by degrees and measured at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext, title
from fer_demo.errors import CheckpointError, DataError
from fer_demo.events import listen, picked
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import paste_back
from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.charts import strip_course
from fer_demo.figures.strips import looped, strip_picture
from fer_demo.inference.interpolation import Strip, interpolate
from fer_demo.inference.recognition import recognize, recognize_aligned
from fer_demo.inference.tables import STUDY_COLUMNS, study_rows
from fer_demo.inference.transfer import ALPHA_RANGE, in_colour, transfer, transfer_named
from fer_demo.widgets import strip as strip_markup
from fer_demo.widgets.downloads import Downloads, Made
from fer_demo.widgets.face_field import ChosenFace, FaceField
from fer_demo.widgets.markup import Thumbnail, data_uri, message, picture, side_by_side
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.photo_input import PhotoInput
from fer_demo.widgets.pick import Pick
from fer_demo.widgets.plots import Plots

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
    values = _walk(context, _wish(source, driver, NAMED, "happy", EXPRESSION, model), 1.0) if source else _empty()
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            source_field = _field(context, "Face", source, "source")
        with gr.Column(scale=4, min_width=300):
            along = gr.Radio(
                [("the expression; the face stays", EXPRESSION), ("the face; the expression stays", FACE)],
                value=EXPRESSION,
                label="What changes",
                elem_id="along",
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
    listen([kind.input, along.input], _arrange, [kind, along], [kind, name, driver_box])
    _connect(context, inputs, shown, notice)
    downloads.connect(listen, _file, shown.walk, notice)
    _publish(context)


def _connect(context: AppContext, inputs: _Inputs, shown: _Shown, notice: Notice) -> None:
    def walk(*values: Any) -> _Shown:
        return _walk(context, _wish(*values[:-1]), values[-1])

    def move(*values: Any) -> str:
        return _result(context, _wish(*values[:-2]), values[-2], values[-1])

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
        return _edited(context, _Wish(model, crop, None, NAMED, expression, EXPRESSION), alpha)

    with gr.Column(visible=False):
        photo, result = PhotoInput(label="Photo"), gr.Image(label="Face")
        expression = gr.Dropdown(list(BASIC), value="happy", label="Expression")
        alpha = gr.Number(1.0, label="Alpha")
        names = list(context.editors.values())
        inputs = [photo, expression, alpha, gr.Dropdown(names, value=names[0], label="Model")]
        listen([gr.Button().click], transfer_expression, inputs, [result], heavy=True, api_name="transfer")


def _arrange(kind: str, along: str) -> tuple[Any, Any, Any]:
    """Show only what can be chosen now."""
    by_name = kind == NAMED and along == EXPRESSION
    return gr.update(visible=along == EXPRESSION), gr.update(visible=by_name), gr.update(visible=not by_name)


def _field(context: AppContext, label: str, chosen: ChosenFace | None, name: str) -> FaceField:
    faces = [context.bundled[row] for row in context.example_rows]
    items = [Thumbnail(data_uri(face.image, 96), f"Synthetic face, {face.expression}") for face in faces]

    def load(index: int) -> tuple[FaceCrop, ...]:
        return (context.crop_of_row(context.example_rows[index]),)

    return FaceField(label, items, load, context.crops_of_photo, chosen, name)


def _example(context: AppContext, index: int) -> ChosenFace | None:
    return None if index < 0 else ChosenFace((context.crop_of_row(context.example_rows[index]),), example=index)


def _wish(source: ChosenFace | None, driver: ChosenFace | None, kind: str, name: str, along: str, model: str) -> _Wish:
    if source is None:
        raise DataError("There is no face yet; choose one first.")
    return _Wish(model, source.crop, None if driver is None else driver.crop, kind, name, along)


def _empty() -> _Shown:
    nothing = message("Choose a face to begin.")
    return _Shown(None, nothing, gr.update(), "", "", [])


def _walk(context: AppContext, wish: _Wish, alpha: float) -> _Shown:
    model, judge = _editor(context, wish.model), context.judge_of(wish.model)
    strip = interpolate(model, judge, wish.source, None, wish.target, STEPS, wish.along)
    low, high = ALPHA_RANGE if wish.along == EXPRESSION else (0.0, 1.0)
    alpha = min(max(alpha, low), high)
    expression = _watched(judge, wish)
    walked = _Walk(strip, f"strip-{wish.along}-{expression}")
    measured = [(expression, strip.probabilities[:, BASIC.index(expression)]), ("identity", strip.identity_similarity)]
    return _Shown(
        walk=walked,
        result=_result(context, wish, walked, alpha),
        alpha=gr.update(minimum=low, maximum=high, value=alpha),
        strip=strip_markup.frames(strip.frames, strip.alphas, measured, None),
        explained=_explained(context, wish.model, expression),
        course=[strip_course(strip.alphas, strip.probabilities, strip.identity_similarity)],
    )


def _file(kind: str, walk: _Walk | None) -> Made:
    """The strip as a file to take away."""
    if walk is None:
        raise DataError("There is no strip yet; choose a face first.")
    strip = walk.strip
    if kind == "GIF":
        return f"{walk.name}.gif", "image/gif", strip_markup.as_gif(looped(strip.frames))
    if kind == "PNG":
        return f"{walk.name}.png", "image/png", strip_markup.as_png(strip_picture(strip.frames, strip.alphas))
    return f"{walk.name}.csv", "text/csv", strip_markup.as_csv([STUDY_COLUMNS, *study_rows(strip)])


def _watched(judge: Any, wish: _Wish) -> str:
    """The expression whose probability is shown: the wanted one, or the one that is held."""
    target = wish.target
    if isinstance(target, str):
        return target
    answer = recognize(judge, [wish.source if wish.along == FACE else target])[0]
    known = [name for name in answer.expressions if name in BASIC]
    return max(known, key=lambda name: answer.probabilities[answer.expressions.index(name)])


def _explained(context: AppContext, editor: str, expression: str) -> str:
    judges = [name for name, model in context.models.items() if model is context.judge_of(editor)]
    return (
        f'<p class="lead">Under each frame: the probability of {expression} by {title(judges[0])}, and how alike the '
        f"person's code is to the first person's, by {title(editor)} itself (1 = the same).</p>"
    )


def _result(context: AppContext, wish: _Wish, walk: _Walk | None, alpha: float) -> str:
    if wish.along == FACE and walk is not None:
        face = walk.strip.frames[round(alpha * (STEPS - 1))]
    else:
        face = _edited(context, wish, alpha)
    answer = recognize_aligned(context.judge_of(wish.model), face[np.newaxis])[0]
    said = f"{answer.top} {answer.probabilities.max():.0%}"
    pictures = [picture(face, f"The new face at alpha {alpha:.2f}; the judge sees {said}", f"Judge: {said}")]
    if wish.along == EXPRESSION and wish.source.face is not None:
        photo = paste_back(wish.source.photo, face, wish.source.face.points)
        pictures.append(picture(photo, "The new face in its photo", "Back in the photo"))
    return side_by_side(pictures)


def _edited(context: AppContext, wish: _Wish, alpha: float) -> np.ndarray:
    """The source's face with the wanted expression: (S, S, 3) uint8."""
    model, target = _editor(context, wish.model), wish.target
    if isinstance(target, str):
        face = transfer_named(model, [wish.source], target, alpha)[0]
    else:
        face = transfer(model, [wish.source], [target], alpha)[0]
    return face if face.ndim == 3 else in_colour(face, wish.source)


def _editor(context: AppContext, name: str) -> Any:
    if name not in context.editors.values():
        raise CheckpointError("This model is not loaded; choose one from the list.")
    return context.models[name]
