"""Encoding: the identity code and the expression code of face crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.capabilities import FactorCodes
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_editor, as_encoder, face_batches
from fer_demo.published_model import PublishedModel


@dataclass(frozen=True, eq=False)
class Codes:
    """Both codes of N faces, as arrays."""

    identity: np.ndarray  # (N, D1) float32
    expression: np.ndarray  # (N, D2) float32


@torch.inference_mode()
def encode(model: PublishedModel, crops: Sequence[FaceCrop]) -> Codes:
    """The codes of at least one face crop."""
    encoder = as_encoder(model)
    identity, expression = [], []
    for faces in face_batches(model, crops):
        codes = encoder.encode(faces)
        identity.append(codes.identity.float().cpu().numpy())
        expression.append(codes.expression.float().cpu().numpy())
    return Codes(np.concatenate(identity), np.concatenate(expression))


def encode_one(model: PublishedModel, crop: FaceCrop) -> FactorCodes:
    """Both codes of one face, as tensors of batch 1."""
    return as_encoder(model).encode(next(face_batches(model, [crop])))


def prototype(model: PublishedModel, expression: str) -> Float[Tensor, "1 expression_dims"]:
    """The mean expression code of one basic expression.

    Raises: SettingsError for any other name.
    """
    prototypes = as_editor(model).prototypes()
    if expression not in BASIC:
        raise SettingsError(f"There is no prototype of {expression!r}; choose one of: {', '.join(BASIC)}.")
    row = BASIC.index(expression)
    return prototypes[row : row + 1]
