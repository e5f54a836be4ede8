"""`transfer`, `expression_size` and `interpolate`: expressions put on faces, and what is measured of them."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from fer_demo.capabilities import Guidance
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.strips import strip_picture
from fer_demo.inference.study.run import Measured, StudyModels, numbers, run_study, study_of
from fer_demo.inference.transfer.guidance import guided, wanted_guidance
from fer_demo.inference.transfer.interpolation import MAX_STEPS
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.painters import check_follows_faces
from fer_demo.inference.transfer.transfer import checked, direction_to, edited, edited_photo
from fer_demo.inference.transfer.true_pairs import natural_size
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.programs.answers import Answer, MeasuredWalk, Size
from fer_demo.interface.tabs.transfer.edited_view import EditedPicture
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.published.model import PublishedModel

_ALPHA = "Alpha: how far, 0 changes nothing, 1 is the whole expression; -0.5 to 1.5"


def publish_edits(context: AppContext) -> None:
    """Offer `/transfer`, `/expression_size` and `/interpolate`, if there is an editor."""
    names = list(context.editors.values())
    if names:
        _publish_transfer(context, names)
        _publish_size(context, names)
        _publish_interpolate(context, names)


def _publish_transfer(context: AppContext, names: list[str]) -> None:
    # Clients may leave out what has a default here or a value in its component.
    def transfer(
        photo: bytes | None,
        expression: str,
        alpha: float | None = 1.0,
        model: str = names[0],
        whole_photo: bool = False,
        guidance_person: float | None = None,
        guidance_expression: float | None = None,
        driver: bytes | None = None,
    ) -> np.ndarray:
        """Give the largest face of a photo a named expression and return the aligned face, or the whole photo.

        Alpha is how far: 0 changes nothing, 1 (also if left out) is the whole expression; -0.5 to 1.5. The picture is
        a PNG file that says in its metadata that it is synthetic; the whole photo has the size of the one that was
        sent. Guidance is how much the rest of the face and the wanted lips count where a mouth is painted, 0 to 4;
        left out, it is the model's own. With a driver, a second photo, the expression is that of its largest face.
        """
        editor, guidance = _editor(context, model, guidance_person, guidance_expression)
        crop = context.crops_of_photo(photo or b"")[0]
        direction = direction_to(editor, crop, _wanted(context, editor, expression, driver))
        editor, amount = guided(editor, guidance), 1.0 if alpha is None else alpha
        if whole_photo:
            return edited_photo(editor, direction, amount)
        return in_colour(edited(editor, direction, amount), crop)

    photo, result = PhotoInput(label="Photo"), EditedPicture(label="Face")
    whole = gr.Checkbox(False, label="Whole photo")
    inputs = [photo, _expression(), gr.Number(1.0, label=_ALPHA), _model(names), whole, *_strengths(), _driver()]
    listen([gr.Button().click], transfer, inputs, [result], heavy=True, api_name="transfer")


def _publish_size(context: AppContext, names: list[str]) -> None:
    def expression_size(expression: str, alpha: float | None = 1.0, model: str = names[0]) -> Size:
        """How far the mouth moves in such an edit, beside how far it moves in real people: 1.0 is as far.

        It was measured on people from whom no editor learned; null where it was not measured with these weights.
        """
        if expression not in BASIC:
            raise SettingsError(f"There is no expression {expression!r}; choose one of: {', '.join(BASIC)}.")
        found = natural_size(context.editor(model), expression, False, checked(1.0 if alpha is None else alpha))
        return Size(None if found is None else round(found.value, 4))

    asked, size = [_expression(), gr.Number(1.0, label=_ALPHA), _model(names)], Answer(Size, "Size")
    listen([gr.Button().click], expression_size, asked, [size], api_name="expression_size")


def _publish_interpolate(context: AppContext, names: list[str]) -> None:
    def interpolate(
        photo: bytes | None,
        expression: str,
        steps: float = 11,
        start: str | None = None,
        model: str = names[0],
        guidance_person: float | None = None,
        guidance_expression: float | None = None,
        driver: bytes | None = None,
    ) -> tuple[MeasuredWalk, np.ndarray]:
        """Lead the largest face of a photo step by step to an expression, and measure every frame.

        Answers with what was measured and with all frames in one PNG file, which says that it is synthetic. In
        `columns`, each with one number for a frame, are alpha (0 at the start, 1 at the whole expression), the
        probability of each expression as the judge reads the frame, identity_distance to the person (from a network
        that never learned to edit), and how far steps, pose, brightness and other expressions drift. The way begins at
        the face as it is, or at the expression named in `start`. With a driver, a second photo, the expression is that
        of its largest face.
        """
        editor, guidance = _editor(context, model, guidance_person, guidance_expression)
        judge = context.judge_of(model)
        person, target = context.crops_of_photo(photo or b"")[0], _wanted(context, editor, expression, driver)
        study = study_of(judge, person, start, target, "expression", int(steps), guidance=guidance)
        measured = run_study(study, StudyModels(editor, judge, context.embedder, context.detector))
        strip = measured.strip
        walk = MeasuredWalk(model, context.judge_name(model), study.expression, _columns(measured))
        return walk, strip_picture(strip.frames, strip.alphas, strip.outside)

    steps = gr.Number(11, precision=0, label=f"Number of frames, both ends included, 2 to {MAX_STEPS}")
    start = gr.Dropdown(list(BASIC), value=None, label="Expression to begin at; left out, the face's own")
    inputs = [PhotoInput(label="Photo"), _expression(), steps, start, _model(names), *_strengths(), _driver()]
    results = [Answer(MeasuredWalk, "Measures"), EditedPicture(label="Frames")]
    listen([gr.Button().click], interpolate, inputs, results, heavy=True, api_name="interpolate")


def _expression() -> gr.Dropdown:
    return gr.Dropdown(list(BASIC), value="happy", label="Expression")


def _model(names: list[str]) -> gr.Dropdown:
    # A name that is not there is refused by our own sentence.
    return gr.Dropdown(names, value=names[0], label="Model", allow_custom_value=True)


def _strengths() -> list[Any]:
    return [gr.Number(label=f"Guidance by the {what}, 0 to 4") for what in ("person", "expression")]


def _driver() -> PhotoInput:
    return PhotoInput(label="Second photo, whose face has the wanted expression")


def _editor(
    context: AppContext, model: str, by_person: float | None, by_expression: float | None
) -> tuple[PublishedModel, Guidance | None]:
    editor = context.editor(model)
    return editor, wanted_guidance(editor, by_person, by_expression)


def _wanted(context: AppContext, editor: PublishedModel, expression: str, driver: bytes | None) -> FaceCrop | str:
    if driver is None:
        return expression
    check_follows_faces(editor)
    return context.crops_of_photo(driver)[0]


def _columns(measured: Measured) -> dict[str, list[float | None]]:
    """Numbers to 4 digits, and None where a frame has no value, for which JSON has no NaN."""
    return {
        name: [None if np.isnan(value) else round(float(value), 4) for value in values]
        for name, values in numbers(measured).items()
    }
