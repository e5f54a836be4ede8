"""How near predicted shares come to those of people: Jensen-Shannon divergence and calibration bins."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.metrics.calibration_error import BINS, Bin
from fer_demo.metrics.rank_correlation import entropy

Shares = Float[np.ndarray, "batch classes"]


def jensen_shannon(one: Shares, other: Shares) -> Float[np.ndarray, " batch"]:
    """Divergence in nats of distributions that sum to 1: 0 where they are equal, log 2 where they share nothing."""
    middle = (one.astype(np.float64) + other) / 2
    return entropy(middle) - (entropy(one) + entropy(other)) / 2


def share_bins(predicted: Shares, shares: Shares, bins: int = BINS) -> tuple[Bin, ...]:
    """All predicted shares, of every face and class, in bins of equally many beside what people's shares were there."""
    return _bins(predicted.ravel(), shares.ravel(), bins)


def largest_share_bins(predicted: Shares, shares: Shares, bins: int = BINS) -> tuple[Bin, ...]:
    """The same of each face's largest predicted share alone."""
    return _bins(predicted.max(axis=1), shares[np.arange(len(shares)), predicted.argmax(axis=1)], bins)


def _bins(predicted: np.ndarray, found: np.ndarray, bins: int) -> tuple[Bin, ...]:
    parts = np.array_split(np.argsort(predicted, kind="stable"), bins)
    return tuple(
        Bin(float(predicted[part].mean(dtype=np.float64)), float(found[part].mean(dtype=np.float64)), len(part))
        for part in parts
        if len(part)
    )
