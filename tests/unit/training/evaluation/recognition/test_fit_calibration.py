"""Calibrations fitted on one half hold on the other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from fer_demo.published.calibration import COVERAGES
from training.evaluation.recognition.fit_calibration import calibration_figures, fit_calibration

NAMES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def drawn(count: int, seed: int, sureness: float = 2) -> tuple[np.ndarray, np.ndarray]:
    """Logits so many times as sure as they should be, and what was true."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, (count, len(NAMES)))
    shares = softmax(logits / sureness, axis=1)
    truth = (rng.random((count, 1)) < shares.cumsum(axis=1)).argmax(axis=1)
    return logits, truth


def test_an_overconfident_model_is_brought_back_and_its_sets_hold() -> None:
    calibration = fit_calibration(*drawn(5000, seed=0), NAMES, "drawn faces")
    figures = calibration_figures(calibration, *drawn(5000, seed=1))
    assert calibration.temperature == pytest.approx(2, rel=0.05)
    assert figures.error_before > 0.1
    assert figures.error < 0.03
    assert figures.brier < figures.brier_before
    for row, asked in zip(figures.sets, COVERAGES, strict=True):
        assert row.measured == pytest.approx(asked, abs=0.02)
        assert row.worst_class <= row.measured
    sizes = [row.mean_size for row in figures.sets]
    assert sizes == sorted(sizes)


def test_a_model_that_keeps_its_word_is_left_as_it_is() -> None:
    assert fit_calibration(*drawn(300, seed=0, sureness=1), NAMES, "drawn faces").temperature == 1
