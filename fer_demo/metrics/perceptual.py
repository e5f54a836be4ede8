"""A perceptual distance: how far apart two pictures are in the feature maps of a network.

It has the form of LPIPS (Zhang et al. 2018) without its learned weights: every stage and channel counts alike. Its
values cannot be compared with those of LPIPS, and whoever reports it names the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

FeatureMaps = Callable[[Tensor], Sequence[Tensor]]


def perceptual_distance(
    one: Float[Tensor, "batch channels height width"],
    other: Float[Tensor, "batch channels height width"],
    feature_maps: FeatureMaps,
) -> Float[Tensor, " batch"]:
    """Squared distance of the maps' channel vectors at unit length, 0..4, averaged over places and then over stages."""
    stages = zip(feature_maps(one), feature_maps(other), strict=True)
    return torch.stack([((_unit(a) - _unit(b)) ** 2).sum(dim=1).mean(dim=(1, 2)) for a, b in stages]).mean(dim=0)


def _unit(maps: Tensor) -> Tensor:
    return maps / maps.norm(dim=1, keepdim=True).clamp_min(1e-6)
