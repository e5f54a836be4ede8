"""Attribution: which parts of a face an answer came from (Grad-CAM, Selvaraju et al. 2017)."""

from __future__ import annotations

import copy

import numpy as np
import torch
from captum.attr import LayerGradCam

from fer_demo import images
from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import LABEL, Answer, logits_of
from fer_demo.published.model import PublishedModel

_STRENGTH = 0.7  # opacity of the heat where it is greatest

# Anchors of the colour map, evenly spaced from cold to hot: lightness rises steadily, so it reads without colour too.
_HEAT_ANCHORS = np.array(
    [(0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99), (212, 72, 66), (245, 125, 21), (250, 193, 39)],
    dtype=np.float32,
)


def grad_cam(model: PublishedModel, crop: FaceCrop, expression: str, answer: Answer = LABEL) -> np.ndarray:
    """(size, size) float32 in [0, 1]: evidence for one expression; all zero where the layer holds none for it.

    `answer` says of which head.

    Raises: SettingsError if the model does not know the expression.
    """
    # captum hangs hooks on the layers, which must not see what others ask of the model meanwhile; weights are shared.
    own = copy.deepcopy(model, {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())})
    _, expressions, logits = logits_of(own, answer)
    if expression not in expressions:
        raise SettingsError(f"This model does not know {expression!r}; it knows: {', '.join(expressions)}.")
    target = expressions.index(expression)
    with torch.enable_grad():
        face = next(face_batches(model, [crop])).requires_grad_()
        explainer = LayerGradCam(logits, own.attribution_layer)
        coarse = explainer.attribute(face, target=target, relu_attributions=True).detach()
    heat = torch.nn.functional.interpolate(
        coarse.float(), size=(model.config.size, model.config.size), mode="bilinear", align_corners=False
    )[0, 0].cpu()
    peak = heat.max()
    return (heat / peak if peak > 0 else torch.zeros_like(heat)).numpy()


def overlay(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The heat, in [0, 1] and of any size, drawn over a picture (H, W) or (H, W, 3): (H, W, 3) uint8.

    The picture shows through where there is no evidence, and is covered more the more there is.
    """
    height, width = image.shape[:2]
    grid = torch.from_numpy(np.ascontiguousarray(heat, dtype=np.float32))[None, None]
    fine = torch.nn.functional.interpolate(grid, size=(height, width), mode="bilinear", align_corners=False)
    level = fine[0, 0].clamp(0, 1).numpy()
    opacity = (_STRENGTH * level)[..., None]
    below = (image if image.ndim == 3 else images.to_colour(image)).astype(np.float32)
    return np.rint((1 - opacity) * below + opacity * _heat_colours(level)).astype(np.uint8)


def _heat_colours(level: np.ndarray) -> np.ndarray:
    stops = np.linspace(0, 1, len(_HEAT_ANCHORS))
    return np.stack([np.interp(level, stops, _HEAT_ANCHORS[:, channel]) for channel in range(3)], axis=-1)
