"""Diversity: whether different drivers give one person different faces, or always the same one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Distance = Callable[[Tensor, Tensor], Tensor]


def diversity(
    results: Float[Tensor, "people drivers channels height width"], distance: Distance
) -> Float[Tensor, " people"]:
    """The mean distance between two results of one person (as the LPIPS diversity of StarGAN v2, Choi et al. 2020).

    `distance` compares two batches of pictures, one with the other; it may be given equal pictures, not a result with
    itself.
    """
    first, second = torch.triu_indices(results.shape[1], results.shape[1], offset=1)
    pairs = distance(results[:, first].flatten(0, 1), results[:, second].flatten(0, 1))
    return pairs.reshape(len(results), -1).mean(dim=1)
