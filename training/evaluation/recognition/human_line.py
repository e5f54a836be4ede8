"""What people reach on the same pictures: one voter against nine, ten against ten, ten against FER2013's label."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from sklearn.ensemble import HistGradientBoostingClassifier

from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC, LABEL_ORDERS, WITH_CONTEMPT

DRAWS = 40  # of voters for each picture; enough for the third decimal on 3,000 pictures
VOTERS = 10
_ORDER = LABEL_ORDERS["ferplus"]
_IN_OURS = np.array([-1 if name is None else WITH_CONTEMPT.index(name) for name in _ORDER])  # of each vote's class

Votes = Int[np.ndarray, "pictures 10"]
Labels = Int[np.ndarray, " pictures"]  # FER2013's, indices into BASIC


def vote_majority(counts: np.ndarray) -> np.ndarray:
    """(N,) indices into WITH_CONTEMPT of votes (N, 10), -1 where there is no majority (Barsoum et al. 2016, Sec. 4).

    Single votes are outliers and dropped; the top class must hold more than half of what is left and be an expression.
    """
    kept = np.where(counts > 1, counts, 0)
    return np.where(2 * kept.max(axis=1) > kept.sum(axis=1), _IN_OURS[kept.argmax(axis=1)], -1)


def measured_people(shown: FaceSource, taught: FaceSource, data: str, seed: int) -> dict[str, Any] | None:
    """The human line on the faces of `shown` that ten people voted on; None if there are none in one of the two."""
    parts = [_voted(source) for source in (shown, taught)]
    return human_table(parts[0], parts[1], data, seed) if all(len(labels) for _, labels in parts) else None


def human_table(shown: tuple[Votes, Labels], taught: tuple[Votes, Labels], data: str, seed: int) -> dict[str, Any]:
    """The human line on pictures with ten votes and FER2013's label, as fer_demo/published/human_line.py reads it.

    The best function of ten votes is fitted on `taught`, other pictures. Voters are drawn from the ten printed votes:
    nobody asked anybody again. A new ten therefore stands between two figures: two tens that were both drawn agree
    too seldom, one that was drawn agrees too often with those it was drawn from.
    """
    counts, labels = shown
    clear = counts[vote_majority(counts) >= 0]
    rng = np.random.default_rng(seed)
    printed = _leaders(clear)
    drawn = [_drawn_leaders(clear, people, rng) for people in range(1, VOTERS + 1)]
    again = _drawn_leaders(clear, VOTERS, rng)
    return {
        "data": data,
        "clear": len(clear),
        "one_against_nine": one_against_the_others(clear),
        "ten_against_ten": [_agreement(drawn[-1], again), _agreement(drawn[-1], printed[None])],
        "majority_of": [_agreement(leaders, printed[None]) for leaders in drawn],
        "labelled": len(counts),
        "label_by_majority": float((_IN_OURS[counts.argmax(axis=1)] == labels).mean()),
        "label_by_best": _best_function(taught, shown),
    }


def _voted(source: FaceSource) -> tuple[Votes, Labels]:
    rows = [
        (votes, BASIC.index(label))
        for votes, label in zip(source.column("votes"), source.column("expression"), strict=True)
        if votes is not None and sum(votes) > 1 and label in BASIC
    ]
    counts = np.array([votes for votes, _ in rows], int).reshape(-1, VOTERS)
    return counts, np.array([label for _, label in rows], int)


def one_against_the_others(counts: Votes) -> float:
    """How often one voter says what most of the others say; a tie of theirs counts in part."""
    agreed = 0.0
    for voted in range(counts.shape[1]):
        others = counts[counts[:, voted] > 0].copy()
        weight = others[:, voted].copy()
        others[:, voted] -= 1
        agreed += float((weight * _leaders(others)[:, voted]).sum())
    return agreed / float(counts.sum())


def _drawn_leaders(counts: Votes, people: int, rng: np.random.Generator) -> Float[np.ndarray, "draws pictures 10"]:
    """What most of so many voters say, who are drawn from the printed votes with replacement."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return _leaders(rng.multinomial(people, shares, size=(DRAWS, len(shares))))


def _leaders(counts: np.ndarray) -> np.ndarray:
    """The class with most votes, as a share of 1: parted equally in a tie."""
    top = counts == counts.max(axis=-1, keepdims=True)
    return np.asarray(top / top.sum(axis=-1, keepdims=True))


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    return float((one * other).sum(axis=-1).mean())


def _best_function(taught: tuple[Votes, Labels], shown: tuple[Votes, Labels]) -> float:
    """How often trees over all ten counts name FER2013's label of pictures that they were not fitted on."""
    trees = HistGradientBoostingClassifier(max_iter=60, early_stopping=False)
    return float(trees.fit(*taught).score(*shown))
