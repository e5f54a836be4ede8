"""Detectors for tests that are about something else than finding faces."""

from __future__ import annotations

import numpy as np

from fer_demo.faces.detection import DetectedFace


class NoFaces:
    """A detector that never finds anything, so that pictures are used whole."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        return ()
