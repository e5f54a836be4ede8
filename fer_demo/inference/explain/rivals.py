"""Maps that know nothing of the model; an explanation must do better than all of them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

CENTRE, EDGES, RANDOM = "the middle", "the edges", "random maps"
RANDOM_MAPS = 10
_BLOBS = 6  # a side: random maps are as coarse as heat maps are
_SPREAD = 0.25  # of the centre prior, in fractions of the side


def rival_maps(face: Float[Tensor, "1 channels size size"], seed: int) -> dict[str, list[np.ndarray]]:
    """One map of the middle, one of the edges and RANDOM_MAPS random ones, (size, size) each."""
    side = face.shape[-1]
    rng = np.random.default_rng(seed)
    randoms = [random_map(side, rng) for _ in range(RANDOM_MAPS)]
    return {CENTRE: [centre_map(side)], EDGES: [edge_map(face)], RANDOM: randoms}


def random_map(side: int, rng: np.random.Generator) -> Float[np.ndarray, "side side"]:
    """Soft blobs at random places."""
    coarse = torch.from_numpy(rng.random((1, 1, _BLOBS, _BLOBS), dtype=np.float32))
    return interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)[0, 0].numpy()


def centre_map(side: int) -> Float[np.ndarray, "side side"]:
    """A soft spot in the middle of the picture."""
    away = (np.arange(side) + 0.5) / side - 0.5
    along = np.exp(-0.5 * (away / _SPREAD) ** 2)
    return np.outer(along, along).astype(np.float32)


def edge_map(face: Float[Tensor, "1 channels size size"]) -> Float[np.ndarray, "side side"]:
    """How strong the edges around each pixel are (Sobel), softened a little."""
    grey = face.detach().mean(dim=1, keepdim=True).cpu()
    slope = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    slopes = conv2d(pad(grey, (1, 1, 1, 1), mode="replicate"), torch.stack([slope, slope.T])[:, None])
    strength = slopes.square().sum(dim=1, keepdim=True).sqrt()
    return avg_pool2d(strength, 3, 1, 1)[0, 0].numpy()
