"""What the two networks of a model take from each other for one face."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from fer_demo.capabilities import SharesFeatures
from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_batches
from fer_demo.published.model import PublishedModel


@torch.inference_mode()
def borrowed_features(model: PublishedModel, crop: FaceCrop) -> Float[np.ndarray, "2 levels"]:
    """How much recognition, then synthesis, takes from the other at each level, 0 to 1.

    Raises: CheckpointError if the model is not made of two networks that share features.
    """
    if not isinstance(model, SharesFeatures):
        raise CheckpointError(f"{type(model).__name__} has no two networks that share features.")
    (faces,) = face_batches(model, [crop])
    return model.borrowed(faces)[0].float().cpu().numpy()
