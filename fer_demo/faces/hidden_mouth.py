"""Whether something is before a mouth: edges of its surroundings (HOG), weighed as logistic regression learnt it.

`tools/build_hidden_mouth.py` makes the weights; assets/detector/PROVENANCE.md says what they find.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

WEIGHTS = Path(__file__).parents[1] / "assets" / "detector" / "hidden_mouth.npz"
SIDE = 96  # of the aligned grey crop on which a face is judged, pixels
_ROWS, _COLUMNS, _WHOLE = (52, 92), (20, 76), (8, 88)  # the mouth's surroundings and, for contrast, the face, in pixels
_CELL, _WAYS = 8, 9  # side of a cell, and directions of edges (Dalal and Triggs 2005)


def hidden_mouth(face: Float[np.ndarray, "96 96"]) -> float:
    """Log of the odds that something is before the mouth of an aligned grey face."""
    weights, bias = _learnt()
    return float(edges(face) @ weights) + bias


def edges(face: Float[np.ndarray, "96 96"]) -> Float[np.ndarray, " numbers"]:
    """How strong the edges are in each cell and direction: among each other, and beside the face's contrast."""
    (top, bottom), (left, right) = _ROWS, _COLUMNS
    part = face[top - 1 : bottom + 1, left - 1 : right + 1]
    across, down = part[1:-1, 2:] - part[1:-1, :-2], part[2:, 1:-1] - part[:-2, 1:-1]
    strength = np.hypot(across, down)
    way = np.arctan2(down, across) % np.pi / np.pi * _WAYS
    lower, share = np.floor(way).astype(int) % _WAYS, way % 1
    cells = np.empty((strength.shape[0] // _CELL, strength.shape[1] // _CELL, _WAYS), np.float32)
    for number in range(_WAYS):
        said = strength * ((lower == number) * (1 - share) + ((lower + 1) % _WAYS == number) * share)
        cells[..., number] = said.reshape(cells.shape[0], _CELL, cells.shape[1], _CELL).sum(axis=(1, 3))
    among = cells / (np.linalg.norm(cells) + 1e-3)
    contrast = face[slice(*_WHOLE), slice(*_WHOLE)].std() + 1
    return np.sqrt(np.concatenate([among.ravel(), cells.ravel() / (_CELL**2 * contrast)]))


@lru_cache(maxsize=1)
def _learnt() -> tuple[np.ndarray, float]:
    with np.load(WEIGHTS) as stored:
        return stored["weights"].astype(np.float32), float(stored["bias"])
