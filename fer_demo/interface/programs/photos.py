"""`faces` and `recognize`: where the faces of a photo are, and what each shows."""

from __future__ import annotations

import gradio as gr

from fer_demo.errors import NoFaceError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, Recognition
from fer_demo.inference.recognize.ten_people import people_disagree
from fer_demo.inference.recognize.wording import verdict
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import PHOTOS_QUEUE, listen
from fer_demo.interface.programs.answers import Answer, FoundFace, RecognizedFace, box_of, box_of_face
from fer_demo.interface.tabs.recognize.service import faces_of
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.published.calibration import COVERAGES


def publish_faces(context: AppContext) -> None:
    """Offer `/faces`."""

    def faces(photo: bytes | None) -> list[FoundFace]:
        """Find the faces in a photo: the box, five points and doubts about the quality of each, the largest first.

        The answer to a photo without a face is an empty list. Boxes and points are in pixels of the photo, turned as
        its EXIF data say.
        """
        try:
            crops = context.crops_of_photo(photo or b"")
        except NoFaceError:
            return []
        return [_found(crop) for crop in crops]

    sent, result = PhotoInput(label="Photo"), Answer(list[FoundFace], "Faces")
    listen([gr.Button().click], faces, [sent], [result], heavy=True, queue=PHOTOS_QUEUE, api_name="faces")


def publish_recognize(context: AppContext) -> None:
    """Offer `/recognize`, if there is a recognizer."""

    def recognize_photo(photo: bytes | None, model: str, answer: str) -> list[RecognizedFace]:
        """Find all faces in a photo and give, for each, its box in pixels and the numbers of every expression.

        The largest face comes first. With `answer` "votes", `probabilities` are the shares of people who would name
        each expression; with "label", or from a model that knows no votes, they are the probability of each label that
        FER2013 would give. `expression` is the one name of the face, and `words` say it to a person. They describe the
        expression shown, not what the person feels. `sets` holds, for a calibrated model, names for 80, 90 or 95 %: of
        what people say, or of the faces whose right label is among them.
        """
        return [recognized_face(crop, found) for crop, found in faces_of(context, photo or b"", model, answer)]

    names = list(context.recognizers.values())
    if not names:
        return
    photo, result = PhotoInput(label="Photo"), Answer(list[RecognizedFace], "Faces")
    model = gr.Dropdown(names, value=names[0], label="Model")
    answer = gr.Dropdown([VOTES, LABEL], value=VOTES, label="Answer")
    ask, asked = gr.Button().click, [photo, model, answer]
    listen([ask], recognize_photo, asked, [result], heavy=True, queue=PHOTOS_QUEUE, api_name="recognize")


def recognized_face(crop: FaceCrop, found: Recognition) -> RecognizedFace:
    """A face with its answer, numbers rounded to what they are worth."""
    coverages = COVERAGES if found.calibration is not None else ()
    return RecognizedFace(
        box=box_of(crop),
        answer=found.answer,
        words=verdict(found, crop.notes),
        expression=found.top,
        probabilities={
            name: round(float(value), 4) for name, value in zip(found.expressions, found.probabilities, strict=True)
        },
        sets={f"{coverage:.0%}": list(found.prediction_set(coverage)) for coverage in coverages},
        people_disagree=people_disagree(found) if found.answer == VOTES else None,
        notes=list(crop.notes),
    )


def _found(crop: FaceCrop) -> FoundFace:
    face = crop.face
    assert face is not None  # the photo was searched for faces
    points = [(round(float(x), 1), round(float(y), 1)) for x, y in face.points]
    return FoundFace(box_of_face(face), points, round(float(face.score), 4), list(crop.notes))
