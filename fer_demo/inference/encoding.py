"""Encoding: the identity code and the expression code of face crops, and the baselines to hold them against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.capabilities import FactorCodes
from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_encoder, face_batches
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import PublishedModel

BASELINE_CLASSIFIER = "expression_classifier"  # whose features are the baseline “classifier” of an embedding table


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


@torch.inference_mode()
def code_spaces(
    model: PublishedModel,
    classifier: PublishedModel,
    faces: Float[Tensor, "batch channels size size"],
    classifier_faces: Float[Tensor, "batch other_channels other_size other_size"],
) -> dict[str, np.ndarray]:
    """(batch, D) float32 of every space of an embedding table: both codes, the raw pixels, the classifier's features.

    The same faces come twice, in [-1, 1] and at the size of either network.
    """
    if not isinstance(classifier, TwoHeads):
        raise CheckpointError(f"{type(classifier).__name__} has no features for a baseline; use a recognizer.")
    codes = as_encoder(model).encode(faces)
    rows = {
        "identity": codes.identity,
        "expression": codes.expression,
        "pixels": faces.flatten(1),
        "classifier": classifier.features(classifier_faces),
    }
    return {name: values.float().cpu().numpy() for name, values in rows.items()}


def codes_of_crop(model: PublishedModel, classifier: PublishedModel, crop: FaceCrop) -> dict[str, np.ndarray]:
    """(D,) float32 of every space for one face, encoded alone: the same bits whoever else is waiting."""
    faces, classifier_faces = (next(face_batches(network, [crop])) for network in (model, classifier))
    return {name: values[0] for name, values in code_spaces(model, classifier, faces, classifier_faces).items()}
