"""Recognize: a photo in; the expression of each face in words and numbers, and what in the face it rests on."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext
from fer_demo.errors import CheckpointError, DataError
from fer_demo.events import listen, picked
from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.charts import probability_bars
from fer_demo.images import resize, to_colour
from fer_demo.inference.attribution import grad_cam, overlay
from fer_demo.inference.recognition import Recognition, recognize
from fer_demo.widgets.face_field import ChosenFace, FaceField
from fer_demo.widgets.markup import Thumbnail, data_uri, heading, message, picture, sentences
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.photo_input import PhotoInput
from fer_demo.widgets.plots import Plots

TITLE = "Recognize"

CROP_SIDE = 192  # of the pictures shown, pixels
SURE, UNSURE = 0.6, 0.4  # probabilities from which the answer is stated, and below which it is left open
GROUP = (3, 0, 5)  # the examples that make up the example with several faces

_LOOKS = {
    "angry": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "happy": "happy",
    "sad": "sad",
    "surprise": "surprised",
    "neutral": "neutral",
    "contempt": "contemptuous",
}


class _Answer(NamedTuple):
    """What the tab answers; the same names hold its components and their values."""

    heading: Any
    crop: Any
    heat: Any
    bars: Any
    explained: Any
    notes: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with the first example answered."""
    if not context.recognizers:
        gr.HTML(message("No recognizer could be loaded; see About for the reason."), apply_default_css=False)
        return
    model_name = next(iter(context.recognizers.values()))
    chosen = _example(context, min(3, len(_examples(context)) - 1))
    first = _answer(context, chosen, model_name)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=5, min_width=320):
            field = FaceField(
                "Photo",
                _examples(context),
                lambda index: _crops(context, index),
                context.crops_of_photo,
                chosen,
                "photo",
            )
        with gr.Column(scale=6, min_width=320):
            shown_heading = gr.HTML(first.heading, apply_default_css=False, elem_id="answer")
            with gr.Row(elem_classes="pictures"):
                crop = gr.HTML(first.crop, apply_default_css=False, min_width=120, elem_id="crop")
                heat = gr.HTML(first.heat, apply_default_css=False, min_width=120, elem_id="heat")
            bars = Plots(first.bars, labels=["Probability of each expression"], height=264, elem_id="bars")
            with gr.Row():
                explained = gr.Dropdown(
                    list(context.models[model_name].config.expressions),
                    value=first.explained["value"],
                    label="Show the evidence for (or click a bar)",
                    min_width=240,
                )
                model = gr.Dropdown(list(context.recognizers.items()), value=model_name, label="Model", min_width=240)
            notice = Notice()
            notes = gr.HTML(first.notes, apply_default_css=False, elem_id="notes")
    answer = _Answer(shown_heading, crop, heat, bars, explained, notes)
    field.connect(listen, picked)
    _connect(context, field, model, answer, notice)
    _publish(context)


def _connect(context: AppContext, field: FaceField, model: gr.Dropdown, answer: _Answer, notice: Notice) -> None:
    def show(chosen: ChosenFace | None, model_name: str) -> _Answer:
        return _answer(context, chosen, model_name)

    def explain(chosen: ChosenFace | None, model_name: str, expression: str) -> str:
        return _heat(context, _meant(chosen), model_name, expression)

    def explain_bar(chosen: ChosenFace | None, model_name: str, event: gr.EventData) -> tuple[str, str]:
        expressions = _model(context, model_name).config.expressions
        expression = expressions[picked(event, len(expressions))]
        return expression, _heat(context, _meant(chosen), model_name, expression)

    inputs = [field.state, model]
    listen([field.state.change, model.input], show, inputs, answer, notice=notice, heavy=True, busy=[answer.heading])
    listen([answer.explained.input], explain, [*inputs, answer.explained], [answer.heat], notice=notice, heavy=True)
    listen([answer.bars.select], explain_bar, inputs, [answer.explained, answer.heat], notice=notice)


def _publish(context: AppContext) -> None:
    """The same service for programs."""

    def recognize_photo(photo: bytes | None, model: str) -> list[dict[str, Any]]:
        """Find all faces in a photo and give, for each, its box in pixels and the probability of every expression.

        The largest face comes first. Probabilities describe the expression shown, not what the person feels.
        """
        crops = context.crops_of_photo(photo or b"")
        answers = recognize(_model(context, model), crops)
        return [_as_json(crop, answer) for crop, answer in zip(crops, answers, strict=True)]

    with gr.Column(visible=False):
        photo, result = PhotoInput(label="Photo"), gr.JSON(label="Faces")
        model = gr.Dropdown(
            list(context.recognizers.values()), value=next(iter(context.recognizers.values())), label="Model"
        )
        listen([gr.Button().click], recognize_photo, [photo, model], [result], heavy=True, api_name="recognize")


def _as_json(crop: FaceCrop, answer: Recognition) -> dict[str, Any]:
    return {
        "box": None if crop.face is None else [round(edge, 1) for edge in crop.face.box],
        "expression": answer.top,
        "probabilities": {
            name: round(float(value), 4) for name, value in zip(answer.expressions, answer.probabilities, strict=True)
        },
        "notes": list(crop.notes),
    }


def _examples(context: AppContext) -> list[Thumbnail]:
    faces = [context.bundled[row] for row in context.example_rows]
    items = [Thumbnail(data_uri(face.image, 96), f"Synthetic face, {face.expression}") for face in faces]
    if len(faces) > max(GROUP):
        items.append(Thumbnail(data_uri(_group(context), 160), "Three synthetic faces in one picture"))
    return items


def _crops(context: AppContext, index: int) -> tuple[FaceCrop, ...]:
    if index < len(context.example_rows):
        return (context.crop_of_row(context.example_rows[index]),)
    return context.crops_of_array(_group(context))


def _group(context: AppContext) -> np.ndarray:
    """Three bundled faces side by side."""
    images = [context.bundled[context.example_rows[index]].image for index in GROUP]
    side = max(image.shape[0] for image in images)
    return np.concatenate([to_colour(resize(image, side)) for image in images], axis=1)


def _example(context: AppContext, index: int) -> ChosenFace | None:
    return ChosenFace.largest(_crops(context, index), index) if index >= 0 else None


def _answer(context: AppContext, chosen: ChosenFace | None, model_name: str) -> _Answer:
    if chosen is None:
        return _Answer(heading("No face yet", "Choose a photo to begin."), "", "", [], gr.update(value=None), "")
    model, crop = _model(context, model_name), chosen.crop
    answer = recognize(model, [crop])[0]
    which = f"Face {chosen.index + 1} of {len(chosen.crops)}. " if len(chosen.crops) > 1 else ""
    return _Answer(
        heading=heading(verdict(answer), which + _lead(answer)),
        crop=picture(crop.pixels(CROP_SIDE), "The aligned face, as the model gets it", "Aligned face"),
        heat=_heat(context, crop, model_name, answer.top),
        bars=[probability_bars(answer.expressions, answer.probabilities)],
        explained=gr.update(choices=list(answer.expressions), value=answer.top),
        notes=sentences(crop.notes),
    )


def verdict(answer: Recognition) -> str:
    """The answer in words, no surer than its probability."""
    best, second = np.argsort(answer.probabilities)[::-1][:2]
    looks = _LOOKS[answer.expressions[best]]
    share = f"{answer.probabilities[best]:.0%}"
    if answer.probabilities[best] >= SURE:
        return f"Looks {looks}, {share}"
    if answer.probabilities[best] >= UNSURE:
        return f"Perhaps {looks}, {share}"
    return f"Hard to say: {looks} or {_LOOKS[answer.expressions[second]]}"


def _lead(answer: Recognition) -> str:
    best, second = np.argsort(answer.probabilities)[::-1][:2]
    shares = [f"{answer.expressions[row]} {answer.probabilities[row]:.0%}" for row in (best, second)]
    first = (
        f"Most likely are {shares[0]} and {shares[1]}."
        if answer.probabilities[best] < UNSURE
        else f"Next comes {shares[1]}."
    )
    return f"{first} This is how the face looks to the model, not what the person feels."


def _heat(context: AppContext, crop: FaceCrop, model_name: str, expression: str) -> str:
    heat = grad_cam(_model(context, model_name), crop, expression)
    said = f"Evidence for {expression}" if heat.any() else f"No evidence for {expression}"
    return picture(overlay(crop.pixels(CROP_SIDE), heat), f"{said}: the brighter an area, the more it counted", said)


def _meant(chosen: ChosenFace | None) -> FaceCrop:
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    return chosen.crop


def _model(context: AppContext, name: str) -> Any:
    if name not in context.recognizers.values():
        raise CheckpointError("This model is not loaded; choose one from the list.")
    return context.models[name]
