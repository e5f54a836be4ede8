"""Masks with which a network itself says where it looked (Pham, Vu and Tran, ICPR 2020)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.capabilities import ShowsAttentionMasks
from fer_demo.errors import CheckpointError
from fer_demo.inference.explain.question import Question
from fer_demo.published.model import PublishedModel


def mask_of_stage(stage: int) -> Callable[[PublishedModel, Tensor, Question], np.ndarray]:
    """An explainer whose map is the mask of one stage, from 0 for the first: 0 to 1, the same whatever is asked.

    It raises CheckpointError for a model without such a mask.
    """

    def explain(
        model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
    ) -> Float[np.ndarray, "size size"]:
        if not isinstance(model, ShowsAttentionMasks):
            raise CheckpointError(
                f"{type(model).__name__} brings no masks of its own; use occlusion instead, or choose residual_masking."
            )
        with torch.inference_mode():
            masks = model.attention_masks(face)[0]
        if stage >= len(masks):
            raise CheckpointError(f"This model brings {len(masks)} masks, not {stage + 1}.")
        return masks[stage].float().cpu().numpy()

    return explain
