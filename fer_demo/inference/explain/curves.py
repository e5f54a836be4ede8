"""Curves of an answer while a face is hidden, or comes to light, in the order in which a map ranks its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from fer_demo.inference.explain.hiding import blurred, imputed, mean_grey
from fer_demo.inference.explain.question import Question
from fer_demo.published.model import PublishedModel

CELLS = 14  # a side: maps are ranked by cells, so that fine and coarse ones are held to the same account
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)  # of the cells, the most important first
_AT_ONCE = 64


class Curve(NamedTuple):
    """One way to test an order: how the face is changed, and which way the answer should go."""

    name: str
    sign: int  # 1 where a good map keeps the answer high, -1 where it makes the answer fall
    change: Callable[[Tensor, Tensor, int], Tensor]  # of the face, the ranked cells (0 or 1 a pixel) and a seed


def _deleted(face: Tensor, first: Tensor, seed: int) -> Tensor:
    return torch.where(first > 0, mean_grey(face), face)


def _inserted(face: Tensor, first: Tensor, seed: int) -> Tensor:
    return torch.where(first > 0, face, blurred(face))


CURVES = (
    Curve("deletion", -1, _deleted),  # Petsiuk et al. 2018
    Curve("insertion", 1, _inserted),  # Petsiuk et al. 2018
    Curve("ROAD", -1, imputed),  # Rong et al. 2022, the most relevant first
)


@torch.inference_mode()
def curves_of(
    curve: Curve,
    model: PublishedModel,
    face: Float[Tensor, "1 channels size size"],
    question: Question,
    maps: Sequence[Float[np.ndarray, "..."]],
    seed: int,
) -> Float[np.ndarray, "maps shares"]:
    """The answer at each of SHARES for each map; `seed` is of ties and of the imputed noise."""
    first = torch.cat([_first_cells(one, face.shape[-1], seed) for one in maps]).to(face)
    changed = curve.change(face, first, seed)
    answers = torch.cat([question.answer(model, part) for part in changed.split(_AT_ONCE)])
    return answers.float().cpu().numpy().reshape(len(maps), len(SHARES))


def _first_cells(heat: np.ndarray, size: int, seed: int) -> Float[Tensor, "shares 1 size size"]:
    """1 in the cells that a map ranks first, for each of SHARES; cells of one rank in a random order."""
    grid = torch.from_numpy(np.ascontiguousarray(heat, dtype=np.float32))[None, None]
    worth = adaptive_avg_pool2d(grid, CELLS).flatten().numpy()
    ties = np.random.default_rng(seed).permutation(len(worth))
    rank = np.empty(len(worth), dtype=np.int64)
    rank[np.lexsort((ties, -worth))] = np.arange(len(worth))
    chosen = np.stack([rank < round(share * len(worth)) for share in SHARES])
    cells = torch.from_numpy(chosen.astype(np.float32)).reshape(-1, 1, CELLS, CELLS)
    return interpolate(cells, size=(size, size))
