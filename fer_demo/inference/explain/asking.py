"""What somebody asks about the face of a photo, ready to be examined with any method."""

from __future__ import annotations

from collections.abc import Callable

from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.methods import REGION_SHAPLEY, explainer_of
from fer_demo.inference.explain.question import about_difference, about_expression
from fer_demo.inference.explain.regions import regions_of_crop
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import Answer
from fer_demo.published.model import PublishedModel


def ask(
    model: PublishedModel, crop: FaceCrop, expression: str, other: str | None = None, answer: Answer = "label"
) -> Asked:
    """Why this expression? With another one: why this and not that?

    Raises: SettingsError if the model does not know them or they are the same, CheckpointError if it recognizes none.
    """
    if other is None:
        question = about_expression(model, expression, answer)
    else:
        question = about_difference(model, expression, other, answer)
    return Asked(model, next(face_batches(model, [crop])), question)


def examine(asked: Asked, crop: FaceCrop, method: str, landmarker: Callable[[], PublishedModel]) -> Examination:
    """The examination of one method's answer, not yet begun; `landmarker` is called by the method that needs it.

    Raises: SettingsError for a method that there is not, or regions of a picture in which no face was found.
    """
    regions = None
    if method == REGION_SHAPLEY:
        regions = regions_of_crop(crop, landmarker(), asked.face.shape[-1])
    return Examination(asked, explainer_of(method, regions))
