"""What every service does first: ask whether the model can do the job, and turn crops into the batches it reads."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import EditsExpression, EncodesFactors, RecognizesExpression
from fer_demo.data.records import FaceRecord
from fer_demo.errors import CheckpointError
from fer_demo.faces.alignment import align, given_points
from fer_demo.faces.crops import FaceCrop
from fer_demo.published.model import PublishedModel

BATCH_SIZE = 64


def as_recognizer(model: PublishedModel) -> RecognizesExpression:
    """The same model, known to recognize expressions.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, RecognizesExpression):
        raise CheckpointError(f"{type(model).__name__} does not recognize expressions; choose a model that does.")
    return model


def as_encoder(model: PublishedModel) -> EncodesFactors:
    """The same model, known to split faces into an identity code and an expression code.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, EncodesFactors):
        raise CheckpointError(
            f"{type(model).__name__} does not split a face into an identity code and an expression code; choose a "
            "model that does, such as tdgan."
        )
    return model


def as_editor(model: PublishedModel) -> EditsExpression:
    """The same model, known to paint a face from any pair of codes.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, EditsExpression):
        raise CheckpointError(f"{type(model).__name__} cannot edit faces; choose an editor.")
    return model


def where_fast(model: PublishedModel) -> PublishedModel:
    """The model for much work at once: a copy on the GPU if there is one, otherwise the model itself."""
    return copy.deepcopy(model).to("cuda") if torch.cuda.is_available() else model


def aligned_record(record: FaceRecord, size: int) -> UInt8[np.ndarray, "size size ..."] | None:
    """A record's face on the alignment template by the points that come with it; None if it has none."""
    points = given_points(record.points, record.landmarks, record.image.shape)
    return None if points is None else align(record.image, points, size)


def face_tensor(model: PublishedModel, pixels: np.ndarray) -> Float[Tensor, "batch channels size size"]:
    """Aligned faces, uint8 (N, H, W) or (N, H, W, 3) of any size, as the model reads them."""
    size = model.config.size
    if pixels.shape[1:3] != (size, size):
        pixels = np.stack([images.resize(face, size) for face in pixels])
    return images.to_tensor(pixels, model.config.channels).to(model.device)


def face_batches(
    model: PublishedModel, crops: Sequence[FaceCrop]
) -> Iterator[Float[Tensor, "batch channels size size"]]:
    """The crops, aligned to the model's size, at most 64 at a time."""
    for start in range(0, len(crops), BATCH_SIZE):
        batch = crops[start : start + BATCH_SIZE]
        yield face_tensor(model, np.stack([crop.pixels(model.config.size) for crop in batch]))
