"""Labels that are likely wrong, by confident learning over a recognizer's probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fer_demo.expressions import BASIC
from fer_demo.inference.recognize.votes import vote_shares

CAVEAT = (
    "A recognizer that has learned from these very faces has learned their wrong labels too, and finds fewer of them."
)


@dataclass(frozen=True)
class LabelIssue:
    """One label in doubt."""

    row: int
    label: str  # as the set has it
    suggested: str  # the recognizer's answer
    confidence: float  # the probability it gives to that label: the lower, the more doubtful
    votes_for_label: float | None  # share of people who chose that label; None if nobody was asked
    votes_for_suggested: float | None


def find_label_issues(
    labels: Sequence[str | None],
    probabilities: Float[np.ndarray, "faces 7"],
    usable: np.ndarray,
    votes: Sequence[np.ndarray | None] | None = None,
) -> tuple[LabelIssue, ...]:
    """The labels that confident learning takes for errors, the most doubtful first (Northcutt et al. 2021).

    Only faces that are `usable` and labelled with a basic expression count; classes nobody has are left out of the
    probabilities, because nothing is known about how sure the recognizer is of them.
    """
    rows = np.array([row for row in range(len(labels)) if usable[row] and labels[row] in BASIC], np.int64)
    kinds = {labels[int(row)] for row in rows}
    present = [name for name in BASIC if name in kinds]
    if len(present) < 2:
        return ()
    # Imported here: it takes seconds, and nothing else needs it.
    from cleanlab.filter import find_label_issues as confident_learning

    classes = np.array([present.index(str(labels[int(row)])) for row in rows])
    known = probabilities[rows][:, [BASIC.index(name) for name in present]].astype(np.float64)
    known = np.clip(known, 1e-6, None)
    known /= known.sum(axis=1, keepdims=True)
    order = confident_learning(classes, known, return_indices_ranked_by="self_confidence", n_jobs=1)
    return tuple(
        _issue(int(rows[index]), present[classes[index]], probabilities, float(known[index, classes[index]]), votes)
        for index in order
    )


def _issue(
    row: int, label: str, probabilities: np.ndarray, confidence: float, votes: Sequence[np.ndarray | None] | None
) -> LabelIssue:
    suggested = BASIC[int(probabilities[row].argmax())]
    said = None if votes is None else votes[row]
    shares = None if said is None else vote_shares(said, (label, suggested))
    pair = (None, None) if shares is None else (float(shares[0]), float(shares[1]))
    return LabelIssue(row, label, suggested, confidence, *pair)
