"""Answers about drawn faces, with and without a calibration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.recognize.probabilities import Recognition
from fer_demo.published.calibration import Calibration

Found = tuple[FaceCrop, Recognition]


@pytest.fixture
def found() -> Callable[..., Found]:
    """A face in the left half of a picture twice as wide as high, and the answer about it."""

    def make(top: str = "happy", share: float = 0.7, calibrated: bool = True, notes: tuple[str, ...] = ()) -> Found:
        photo = np.zeros((100, 200, 3), np.uint8)
        points = np.array([(35, 40), (65, 40), (50, 55), (38, 70), (62, 70)], float)
        crop = FaceCrop(photo, DetectedFace((20.0, 10.0, 80.0, 90.0), points, 0.99), notes)
        rest = (1 - share) / 6
        shares = np.array([share if name == top else rest for name in BASIC], np.float32)
        calibration = Calibration(1.0, {0.8: 0.4, 0.9: 0.6, 0.95: 0.97}, BASIC, "drawings", 9) if calibrated else None
        return crop, Recognition(BASIC, shares, calibration)

    return make
