"""Encoding: the identity code and the expression code of face crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fer_demo.capabilities import FactorCodes
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_encoder, face_batches
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
