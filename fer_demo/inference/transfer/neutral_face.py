"""A person at rest as a model paints them, beside the same face with its expression, and how the two differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8

from fer_demo import images
from fer_demo.capabilities import PaintsNeutralFaces
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_editor, face_batches
from fer_demo.published.model import PublishedModel


class NeutralFace(NamedTuple):
    """Two painted faces, and what the expression adds to the second to make the first."""

    rebuilt: UInt8[np.ndarray, "size size"]
    at_rest: UInt8[np.ndarray, "size size"]
    change: Float[np.ndarray, "size size"]  # of brightness, in shares of 255, from -1 to 1


@torch.inference_mode()
def neutral_face(model: PublishedModel, crop: FaceCrop) -> NeutralFace:
    """The face as the model paints it with all its codes, and without the expression's.

    Raises: CheckpointError if the model paints nobody.
    """
    editor = as_editor(model)
    assert isinstance(model, PaintsNeutralFaces)
    (faces,) = face_batches(model, [crop])
    rebuilt, at_rest = (
        images.to_uint8(painted)[0] for painted in (editor.decode(editor.encode(faces)), model.neutral_faces(faces))
    )
    rebuilt, at_rest = (picture if picture.ndim == 2 else images.to_grey(picture) for picture in (rebuilt, at_rest))
    return NeutralFace(rebuilt, at_rest, (rebuilt.astype(np.float32) - at_rest) / 255)
