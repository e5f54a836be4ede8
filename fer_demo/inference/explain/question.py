"""Questions that an explanation answers: what in this face speaks for it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cosine_similarity

from fer_demo.capabilities import EditsExpression, EditsPhoto, EmbedsIdentity, EncodesFactors
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.hiding import mean_grey
from fer_demo.inference.identity import as_embedder
from fer_demo.inference.preparation import as_encoder, face_batches
from fer_demo.inference.recognize.attribution import Score, logit_of
from fer_demo.inference.recognize.probabilities import LABEL, Answer, logits_of
from fer_demo.published.model import PublishedModel


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a model about a face."""

    words: str  # such as “happy and not surprise”
    evidence: Score  # what is explained; unbounded, so that its gradients do not fade where the model is sure
    answer: Score  # what is watched while parts of the face are hidden


def about_expression(model: PublishedModel, expression: str, answer: Answer = LABEL) -> Question:
    """Why this expression? Its logit is explained, and its share or probability watched.

    Raises: SettingsError if the model does not know the expression, CheckpointError if it recognizes none.
    """
    logit = logit_of(model, expression, answer)
    place = logits_of(model, answer)[1].index(expression)
    return Question(expression, logit, lambda asked, faces: logits_of(asked, answer)[2](faces).softmax(1)[:, place])


def about_difference(model: PublishedModel, expression: str, other: str, answer: Answer = LABEL) -> Question:
    """Why this expression and not the other? Watched is the probability of the one if only these two could be named.

    Raises: SettingsError if the model does not know both, or they are the same.
    """
    if expression == other:
        raise SettingsError("Choose two different expressions to compare.")
    for name in (expression, other):
        logit_of(model, name, answer)  # raises for one that the model does not know
    known = logits_of(model, answer)[1]
    one, two = known.index(expression), known.index(other)

    def difference(asked: PublishedModel, faces: Tensor) -> Tensor:
        logits = logits_of(asked, answer)[2](faces)  # once: Grad-CAM needs a layer that sees the face once
        return logits[:, one] - logits[:, two]

    words = f"{expression} and not {other}"
    return Question(words, difference, lambda asked, faces: difference(asked, faces).sigmoid())


def about_identity(model: PublishedModel, person: FaceCrop) -> Question:
    """Why this person? Explained is how near the face's identity is to that of another picture.

    Raises: CheckpointError if the model has no identity code.
    """
    code = _identity_code(model)
    with torch.no_grad():
        known = code(model, next(face_batches(model, [person])))
    score: Score
    if isinstance(model, EmbedsIdentity):  # whose distances count

        def score(asked: PublishedModel, faces: Tensor) -> Tensor:
            return -(code(asked, faces) - known).norm(dim=1)
    else:

        def score(asked: PublishedModel, faces: Tensor) -> Tensor:
            return cosine_similarity(code(asked, faces), known)

    return Question("the same person", score, score)


def about_own_identity(model: PublishedModel, face: Float[Tensor, "1 channels size size"]) -> Question:
    """Why this person? Explained is how far the identity code goes from that of the face's mean grey to the face's own.

    The likeness of a face to itself is at its greatest, where it has no slope; this has one.

    Raises: CheckpointError if the model has no identity code.
    """
    code = _identity_code(model)
    with torch.no_grad():
        own = code(model, face) - code(model, mean_grey(face))
    direction = own[0] / own.norm().clamp_min(1e-12)

    def score(asked: PublishedModel, faces: Tensor) -> Tensor:
        return code(asked, faces) @ direction

    return Question("this person", score, score)


def about_code(model: PublishedModel, expression: str) -> Question:
    """What takes the expression code towards the prototype of an expression, away from the mean of all?

    Raises: CheckpointError if the model has no expression code, SettingsError for another expression.
    """
    if not isinstance(model, EditsExpression | EditsPhoto):
        raise CheckpointError(f"{type(model).__name__} has no expression code with prototypes; choose an editor.")
    if expression not in BASIC:
        raise SettingsError(f"There is no prototype of {expression!r}, only of: {', '.join(BASIC)}.")
    prototypes = model.prototypes().detach()
    direction = prototypes[BASIC.index(expression)] - prototypes.mean(dim=0)
    return along(direction / direction.norm().clamp_min(1e-12), f"{expression} in the expression code")


def along(direction: Float[Tensor, " dims"], words: str) -> Question:
    """What takes the expression code in this direction?"""

    def score(asked: PublishedModel, faces: Tensor) -> Tensor:
        return _expression_code(asked, faces) @ direction

    return Question(words, score, score)


def _expression_code(model: PublishedModel, faces: Tensor) -> Tensor:
    if isinstance(model, EditsPhoto):
        return model.expression_code(faces)
    if isinstance(model, EncodesFactors):
        return model.encode(faces).expression
    raise CheckpointError(f"{type(model).__name__} has no expression code.")


def _identity_code(model: PublishedModel) -> Callable[[PublishedModel, Tensor], Tensor]:
    if isinstance(model, EmbedsIdentity):
        return lambda asked, faces: as_embedder(asked).embed_aligned(faces)
    if isinstance(model, EncodesFactors):
        return lambda asked, faces: as_encoder(asked).encode(faces).identity
    raise CheckpointError(f"{type(model).__name__} has no identity code; choose the identity_embedder or tdgan.")
