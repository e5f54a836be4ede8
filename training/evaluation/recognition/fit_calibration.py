"""Fitting a calibration on one half of a validation cut, and measuring calibrations on faces that fitted nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from fer_demo.metrics.brier import brier_score
from fer_demo.metrics.calibration_error import (
    Bin,
    equal_mass_bins,
    equal_width_bins,
    expected_calibration_error,
)
from fer_demo.metrics.conformal import (
    class_coverage,
    conformal_threshold,
    coverage,
    mean_size,
    prediction_sets,
    set_scores,
)
from fer_demo.metrics.temperature import fit_temperature
from fer_demo.published.calibration import COVERAGES, Calibration

FOLDS = 5  # that decide whether a temperature is worth having


def fit_calibration(logits: np.ndarray, truth: np.ndarray, expressions: tuple[str, ...], faces: str) -> Calibration:
    """One temperature and a conformal threshold per coverage, from logits (N, K) and the right classes (N,).

    Vector scaling (14 numbers) was no better on the other half of the cut, and probabilities summed from the most
    probable down (APS, RAPS) gave larger sets of the same coverage, so the simpler ones stay.
    """
    temperature = fit_temperature(logits, truth) if _temperature_helps(logits, truth) else 1.0
    plain = Calibration(temperature, dict.fromkeys(COVERAGES, 1.0), expressions, faces, len(truth))
    scores = set_scores(plain.probabilities(logits))[np.arange(len(truth)), truth]
    thresholds = {asked: conformal_threshold(scores, asked) for asked in COVERAGES}
    return Calibration(temperature, thresholds, expressions, faces, len(truth))


class SetFigures(NamedTuple):
    """How prediction sets of one coverage did."""

    asked: float
    measured: float
    mean_size: float
    worst_class: float  # coverage of the expression it is lowest for


class CalibrationFigures(NamedTuple):
    """How far probabilities and sets can be trusted on some faces."""

    error_before: float  # expected calibration error over equal-mass bins, of the raw probabilities
    error: float  # the same after calibration
    error_equal_width: float
    brier_before: float
    brier: float
    bins: tuple[Bin, ...]  # after calibration
    sets: tuple[SetFigures, ...]


def calibration_figures(calibration: Calibration, logits: np.ndarray, truth: np.ndarray) -> CalibrationFigures:
    """Measure a calibration on logits (N, K) and right classes (N,) that had no part in fitting it."""
    raw, probabilities = softmax(logits, axis=1), calibration.probabilities(logits)
    bins = equal_mass_bins(probabilities, truth)
    return CalibrationFigures(
        error_before=expected_calibration_error(equal_mass_bins(raw, truth)),
        error=expected_calibration_error(bins),
        error_equal_width=expected_calibration_error(equal_width_bins(probabilities, truth)),
        brier_before=brier_score(raw, truth),
        brier=brier_score(probabilities, truth),
        bins=bins,
        sets=tuple(_sets(probabilities, truth, asked, limit) for asked, limit in calibration.thresholds.items()),
    )


def _temperature_helps(logits: np.ndarray, truth: np.ndarray) -> bool:
    """Whether a temperature lowers the Brier score of faces that did not fit it.

    A network taught with voters' shares is often calibrated already; a temperature fitted to single labels then only
    makes it surer.
    """
    fold, scaled = np.arange(len(truth)) % FOLDS, np.empty_like(logits)
    for held in range(FOLDS):
        apart = fold == held
        scaled[apart] = logits[apart] / fit_temperature(logits[~apart], truth[~apart])
    return brier_score(softmax(scaled, axis=1), truth) < brier_score(softmax(logits, axis=1), truth)


def _sets(probabilities: np.ndarray, truth: np.ndarray, asked: float, threshold: float) -> SetFigures:
    sets = prediction_sets(probabilities, threshold)
    return SetFigures(asked, coverage(sets, truth), mean_size(sets), min(class_coverage(sets, truth).values()))
