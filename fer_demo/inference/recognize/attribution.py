"""Attribution: which parts of a face an answer came from (Grad-CAM, Selvaraju et al. 2017)."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate, pad

from fer_demo import images
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import LABEL, Answer, logits_of
from fer_demo.published.model import PublishedModel

_Box = tuple[float, float, float, float]  # left, top, right and bottom, in fractions of a face's side
_STRENGTH = 0.7  # opacity of the heat where it is greatest

# Anchors of the colour map, evenly spaced from cold to hot: lightness rises steadily, so it reads without colour too.
_HEAT_ANCHORS = np.array(
    [(0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99), (212, 72, 66), (245, 125, 21), (250, 193, 39)],
    dtype=np.float32,
)


# A number for each face, from the model it is given: hooks must not hang on the model that others ask.
Score = Callable[[PublishedModel, Float[Tensor, "batch channels size size"]], Float[Tensor, " batch"]]


def grad_cam(model: PublishedModel, crop: FaceCrop, expression: str, answer: Answer = LABEL) -> np.ndarray:
    """(size, size) float32 in [0, 1]: evidence for one expression; all zero where the layer holds none for it.

    `answer` says of which head.

    Raises: SettingsError if the model does not know the expression.
    """
    return shown_heat(grad_cam_of(model, next(face_batches(model, [crop])), logit_of(model, expression, answer)))


def shown_heat(heat: Float[np.ndarray, "size size"]) -> Float[np.ndarray, "size size"]:
    """What speaks for the answer, in shares of its peak; all 0 where nothing does."""
    peak = float(heat.max())
    return np.clip(heat / peak, 0, 1) if peak > 0 else np.zeros_like(heat)


def logit_of(model: PublishedModel, expression: str, answer: Answer) -> Score:
    """The logit of one expression, from this head.

    Raises: SettingsError if the model does not know the expression.
    """
    _, expressions, _ = logits_of(model, answer)
    if expression not in expressions:
        raise SettingsError(f"This model does not know {expression!r}; it knows: {', '.join(expressions)}.")
    target = expressions.index(expression)
    return lambda asked, faces: logits_of(asked, answer)[2](faces)[:, target]


def grad_cam_of(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], score: Score
) -> Float[np.ndarray, "size size"]:
    """Grad-CAM of any number that a model computes from a face: its evidence, 0 or more.

    Raises: CheckpointError if the layer does not see the face exactly once, or the number does not come from it.
    """
    # The hook must not see what others ask of the model meanwhile; weights are shared.
    own = copy.deepcopy(model, {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())})
    seen: list[Tensor] = []
    own.attribution_layer.register_forward_hook(lambda layer, inputs, output: seen.append(output))
    with torch.enable_grad():
        number = score(own, face.detach().clone().requires_grad_())
        if len(seen) != 1:
            raise CheckpointError(
                f"Grad-CAM needs a layer that sees the face once, and that of {type(model).__name__} sees it "
                f"{len(seen)} times for this question; use integrated gradients or occlusion instead."
            )
        (gradient,) = torch.autograd.grad(number.sum(), seen, allow_unused=True)
    if gradient is None:
        raise CheckpointError(
            f"Grad-CAM looks at a layer of {type(model).__name__} on which this answer does not depend; use "
            "integrated gradients or occlusion instead."
        )
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # Eq. 1
    coarse = (weights * seen[0].detach()).sum(dim=1, keepdim=True).relu()  # Eq. 2
    box = model.attribution_box
    if model.attribution_fades:
        coarse, box = _surrounded(coarse, box)
    return _on_face(coarse.float(), box, face.shape[-1])[0, 0].cpu().numpy()


def _surrounded(coarse: Tensor, box: _Box) -> tuple[Tensor, _Box]:
    """A coarse map with a cell of zeros on each side, and where that lies."""
    left, top, right, bottom = box
    across, down = (right - left) / coarse.shape[-1], (bottom - top) / coarse.shape[-2]
    return pad(coarse, (1, 1, 1, 1)), (left - across, top - down, right + across, bottom + down)


def _on_face(coarse: Tensor, box: _Box, side: int) -> Tensor:
    """A coarse map at the place and size that it has on the face, zero around it."""
    left, top, right, bottom = (round(edge * side) for edge in box)
    fine = interpolate(coarse, size=(bottom - top, right - left), mode="bilinear", align_corners=False)
    return pad(fine, (left, side - right, top, side - bottom))


def overlay(image: np.ndarray, heat: np.ndarray, strength: float = _STRENGTH) -> np.ndarray:
    """The heat, in [0, 1] and of any size, drawn over a picture (H, W) or (H, W, 3): (H, W, 3) uint8.

    The picture shows through where there is no evidence, and is covered more the more there is; `strength` is the
    opacity where the heat is greatest.
    """
    height, width = image.shape[:2]
    grid = torch.from_numpy(np.ascontiguousarray(heat, dtype=np.float32))[None, None]
    fine = interpolate(grid, size=(height, width), mode="bilinear", align_corners=False)
    level = fine[0, 0].clamp(0, 1).numpy()
    opacity = (strength * level)[..., None]
    below = (image if image.ndim == 3 else images.to_colour(image)).astype(np.float32)
    return np.rint((1 - opacity) * below + opacity * _heat_colours(level)).astype(np.uint8)


def _heat_colours(level: np.ndarray) -> np.ndarray:
    stops = np.linspace(0, 1, len(_HEAT_ANCHORS))
    return np.stack([np.interp(level, stops, _HEAT_ANCHORS[:, channel]) for channel in range(3)], axis=-1)
