"""The tab's service for programs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, Recognition
from fer_demo.inference.recognize.ten_people import people_disagree
from fer_demo.inference.recognize.wording import verdict
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import PHOTOS_QUEUE, listen
from fer_demo.interface.tabs.recognize.service import faces_of
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.published.calibration import COVERAGES


def publish_recognize(context: AppContext) -> None:
    """Offer `/recognize`."""

    def recognize_photo(photo: bytes | None, model: str, answer: str) -> list[dict[str, Any]]:
        """Find all faces in a photo and give, for each, its box in pixels and the numbers of every expression.

        The largest face comes first. With `answer` "votes", `probabilities` are the shares of people who would name
        each expression; with "label", or from a model that knows no votes, they are the probability of each label that
        FER2013 would give. `expression` is the one name of the face, and `words` say it to a person. They describe the
        expression shown, not what the person feels. `sets` holds, for a calibrated model, names for 80, 90 or 95 %: of
        what people say, or of the faces whose right label is among them.
        """
        return [_as_json(crop, found) for crop, found in faces_of(context, photo or b"", model, answer)]

    with gr.Column(visible=False):
        names = list(context.recognizers.values())
        photo, result = PhotoInput(label="Photo"), gr.JSON(label="Faces")
        model = gr.Dropdown(names, value=names[0], label="Model")
        answer = gr.Dropdown([VOTES, LABEL], value=VOTES, label="Answer")
        ask, asked = gr.Button().click, [photo, model, answer]
        listen([ask], recognize_photo, asked, [result], heavy=True, queue=PHOTOS_QUEUE, api_name="recognize")


def _as_json(crop: FaceCrop, found: Recognition) -> dict[str, Any]:
    coverages = COVERAGES if found.calibration is not None else ()
    return {
        "box": None if crop.face is None else [round(edge, 1) for edge in crop.face.box],
        "answer": found.answer,
        "words": verdict(found, crop.notes),
        "expression": found.top,
        "probabilities": {
            name: round(float(value), 4) for name, value in zip(found.expressions, found.probabilities, strict=True)
        },
        "sets": {f"{coverage:.0%}": list(found.prediction_set(coverage)) for coverage in coverages},
        "people_disagree": people_disagree(found) if found.answer == VOTES else None,
        "notes": list(crop.notes),
    }
