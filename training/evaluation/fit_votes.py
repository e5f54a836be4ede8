"""Fitting the votes' calibration on one half of a validation cut: temperature, sets of names, and the habit."""

from __future__ import annotations

import numpy as np

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.metrics.conformal import set_scores, voted_threshold
from fer_demo.metrics.confusion import balanced_accuracy, confusion_counts
from fer_demo.metrics.temperature import fit_share_temperature
from fer_demo.published.calibration import COVERAGES, Calibration, named

# How much of the habit is taken off: shares are divided by the training shares to this power. 0 names the largest
# share, 1 is balanced priors (Menon et al. 2021).
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def fit_votes(
    logits: np.ndarray, shares: np.ndarray, majority: np.ndarray, taught: np.ndarray, faces: str
) -> Calibration:
    """A calibration of the vote head from logits and shares (N, 8).

    majority: (N,) what most of them named, -1 where nothing; taught: (8,) how often people named each in training.
    """
    temperature = fit_share_temperature(logits, shares)
    plain = Calibration(temperature, dict.fromkeys(COVERAGES, 1.0), WITH_CONTEMPT, faces, len(logits))
    predicted = plain.probabilities(logits)
    scores = set_scores(predicted)
    thresholds = {asked: voted_threshold(scores, shares, asked) for asked in COVERAGES}
    strength = max(STRENGTHS, key=lambda power: _read(predicted, majority, taught**power))
    habit = () if strength == 0 else tuple(float(share) for share in taught**strength)
    return Calibration(temperature, thresholds, WITH_CONTEMPT, faces, len(logits), habit)


def _read(predicted: np.ndarray, majority: np.ndarray, habit: np.ndarray) -> float:
    """Mean of accuracy and balanced accuracy: neither the many neutral faces nor the few of contempt decide alone."""
    clear = majority >= 0
    counts = confusion_counts(majority[clear], named(predicted, habit)[clear], len(WITH_CONTEMPT))
    return (float(np.trace(counts)) / max(int(counts.sum()), 1) + balanced_accuracy(counts)) / 2
