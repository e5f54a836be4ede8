"""What somebody asks about the face of a photo, ready to be examined with any method."""

from __future__ import annotations

from collections.abc import Callable

from fer_demo.capabilities import EditsExpression, EditsPhoto, EmbedsIdentity, EncodesFactors, RecognizesExpression
from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.methods import REGION_SHAPLEY, explainer_of
from fer_demo.inference.explain.question import about_code, about_difference, about_expression, about_own_identity
from fer_demo.inference.explain.regions import regions_of_crop
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import Answer
from fer_demo.published.model import PublishedModel

ANSWER, PERSON, CODE = "the answer", "this person", "the expression code"
TARGETS = (ANSWER, PERSON, CODE)  # what can be explained


def targets_for(model: PublishedModel) -> tuple[str, ...]:
    """Those of TARGETS that the model computes; a model with two codes has all three."""
    able = {
        ANSWER: isinstance(model, RecognizesExpression),
        PERSON: isinstance(model, EmbedsIdentity | EncodesFactors),
        CODE: isinstance(model, EditsExpression | EditsPhoto),
    }
    return tuple(target for target in TARGETS if able[target])


def ask(
    model: PublishedModel,
    crop: FaceCrop,
    expression: str,
    other: str | None = None,
    answer: Answer = "label",
    target: str = ANSWER,
) -> Asked:
    """Why this expression? With another one: why this and not that? With another target, what makes that code?

    Raises: SettingsError if the model does not know them, they are the same, or do not go with the target;
    CheckpointError if it computes no such thing.
    """
    if target not in TARGETS:
        raise SettingsError(f"There is no {target!r} to explain; choose one of: {', '.join(TARGETS)}.")
    if other is not None and target != ANSWER:
        raise SettingsError(f"A second expression goes with {ANSWER} alone, not with {target}; leave it out.")
    face = next(face_batches(model, [crop]))
    if target == PERSON:
        question = about_own_identity(model, face)
    elif target == CODE:
        question = about_code(model, expression)
    elif other is None:
        question = about_expression(model, expression, answer)
    else:
        question = about_difference(model, expression, other, answer)
    return Asked(model, face, question)


def examine(asked: Asked, crop: FaceCrop, method: str, landmarker: Callable[[], PublishedModel]) -> Examination:
    """The examination of one method's answer, not yet begun; `landmarker` is called by the method that needs it.

    Raises: SettingsError for a method that there is not, or regions of a picture in which no face was found.
    """
    regions = None
    if method == REGION_SHAPLEY:
        regions = regions_of_crop(crop, landmarker(), asked.face.shape[-1])
    return Examination(asked, explainer_of(method, regions))
