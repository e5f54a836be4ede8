"""What a model answers about a few rendered faces: by this two loads of one checkpoint are compared."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fer_demo.capabilities import (
    EditsByLabel,
    EditsExpression,
    EditsPhoto,
    EmbedsIdentity,
    EncodesFactors,
    FindsLandmarks,
    RecognizesExpression,
    RecognizesVotes,
)
from fer_demo.data.loading import load_bundled
from fer_demo.images import resize, to_tensor
from fer_demo.published.model import PublishedModel

ROWS = (3, 700, 1500)  # of the bundled set


@torch.inference_mode()
def answers_of(model: PublishedModel) -> dict[str, Tensor]:
    """Everything a model says about the faces, by the name of what is asked."""
    faces, found = _faces_for(model), {}
    if isinstance(model, RecognizesExpression):
        found["logits"] = model.expression_logits(faces)
    if isinstance(model, RecognizesVotes):
        found["votes"] = model.vote_logits(faces)
    if isinstance(model, EncodesFactors):
        codes = model.encode(faces)
        found |= {"identity": codes.identity, "expression": codes.expression}
    if isinstance(model, EditsExpression):
        edited = model.edit_to_code(faces, codes.expression.flip(0))
        found |= {"prototypes": model.prototypes(), "decoded": model.decode(codes), "edited": edited}
    if isinstance(model, EditsPhoto):
        code = model.expression_code(faces)
        edit = model.edit(faces, code.flip(0))
        found |= {"code": code, "edited": edit.result, "flow": edit.flow}
    if isinstance(model, EditsByLabel):
        found["edited"] = model.edit_to_label(faces, torch.arange(len(faces)), torch.ones(len(faces)))
    if isinstance(model, EmbedsIdentity):
        found["descriptor"] = model.embed(faces)
    if isinstance(model, FindsLandmarks):
        found["points"] = model.landmarks(faces)
    return found


def other_answers(one: PublishedModel, other: PublishedModel) -> list[str]:
    """What two models do not answer alike, bit for bit."""
    first, second = answers_of(one), answers_of(other)
    return [name for name in sorted({*first, *second}) if not _same(first.get(name), second.get(name))]


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and torch.equal(one, other)


def _faces_for(model: PublishedModel) -> Tensor:
    """(3, C, size, size) in [-1, 1]: the bundled pictures as they are, small."""
    source, size = load_bundled(), model.config.size
    return to_tensor(np.stack([resize(source[row].image, size) for row in ROWS]), model.config.channels)
