"""How people labelled a face: FER+ votes as shares of a model's expressions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_demo.expressions import LABEL_ORDERS


def vote_shares(votes: np.ndarray, expressions: Sequence[str]) -> np.ndarray | None:
    """(K,) float32 share of all votes (10,) for each of the expressions; None if nobody voted.

    Votes for what is not among the expressions (unknown, no face, contempt) count in the whole, so the sum may be
    below 1.
    """
    total = float(votes.sum())
    if total <= 0:
        return None
    counts = {name: float(count) for name, count in zip(LABEL_ORDERS["ferplus"], votes, strict=True) if name}
    return np.array([counts.get(name, 0.0) / total for name in expressions], dtype=np.float32)


def votes_in_words(votes: np.ndarray, expressions: Sequence[str]) -> str:
    """How many people voted, and how many of them for nothing that the model knows."""
    shares = vote_shares(votes, expressions)
    if shares is None:
        return ""
    total = int(votes.sum())
    other = total - round(float(shares.sum()) * total)
    words = f"The outlined bars are what {total} people saw in this face."
    return f"{words} {other} of them named none of these." if other else words
