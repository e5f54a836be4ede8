"""The methods of explanation by name, all asked in one way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor

from fer_demo.capabilities import ShowsAttentionMasks
from fer_demo.errors import SettingsError
from fer_demo.inference.explain import pixels
from fer_demo.inference.explain.own_masks import mask_of_stage
from fer_demo.inference.explain.question import Question
from fer_demo.inference.explain.shapley import region_shapley
from fer_demo.published.model import PublishedModel

# (size, size) of a face (1, C, size, size) in [-1, 1]: positive where a pixel speaks for the answer.
Explainer = Callable[[PublishedModel, Float[Tensor, "1 channels size size"], Question], Float[np.ndarray, "size size"]]

GRAD_CAM = "Grad-CAM"
REGION_SHAPLEY = "region Shapley"
_OF_PIXELS: dict[str, Explainer] = {
    GRAD_CAM: pixels.grad_cam,
    "guided Grad-CAM": pixels.guided_grad_cam,
    "integrated gradients": pixels.integrated_gradients,
    "occlusion": pixels.occlusion,
}
METHODS = (*_OF_PIXELS, REGION_SHAPLEY)  # for every model
MASKS = tuple(f"mask of stage {stage + 1}" for stage in range(4))  # for models that bring them


def methods_for(model: PublishedModel) -> tuple[str, ...]:
    """METHODS, and MASKS if the model brings them."""
    return (*METHODS, *MASKS) if isinstance(model, ShowsAttentionMasks) else METHODS


def explainer_of(method: str, regions: Bool[np.ndarray, "regions size size"] | None = None) -> Explainer:
    """The function behind a name of METHODS or MASKS; `regions` are those of the face that is explained.

    Raises: SettingsError for another name, or region Shapley without regions.
    """
    if method in MASKS:
        return mask_of_stage(MASKS.index(method))
    if method not in METHODS:
        raise SettingsError(f"There is no method {method!r}; choose one of: {', '.join((*METHODS, *MASKS))}.")
    if method != REGION_SHAPLEY:
        return _OF_PIXELS[method]
    if regions is None:
        raise SettingsError("Region Shapley needs the regions of the face; use occlusion instead.")
    return region_shapley(regions)
