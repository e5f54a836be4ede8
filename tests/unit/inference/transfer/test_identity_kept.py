"""What independent networks say about edited faces."""

from __future__ import annotations

import numpy as np

from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.transfer.identity_kept import identity_kept


def test_faces_are_compared_in_grey_with_their_source(embedder):
    red = FaceCrop(np.full((64, 64, 3), (200, 60, 60), np.uint8), None)
    grey = np.full((2, 64, 64), 102, np.uint8)  # the luma of that red
    grey[1] = 230
    kept = identity_kept(embedder, grey, red)
    np.testing.assert_allclose(kept.distances, [0, 128 / 127.5 * np.sqrt(3)], atol=1e-5)
    assert kept.inside.tolist() == [True, False]


def test_the_band_is_that_of_the_detail_both_pictures_hold(embedder):
    points = TEMPLATE * 64  # the template square is 64 pixels wide in the photo
    small = FaceCrop(np.zeros((64, 64, 3), np.uint8), DetectedFace((0.0, 0.0, 64.0, 64.0), points, 0.9))
    large = FaceCrop(np.zeros((500, 500, 3), np.uint8), None)
    assert identity_kept(embedder, np.zeros((1, 256, 256, 3), np.uint8), small).band.size == 64
    assert identity_kept(embedder, np.zeros((1, 256, 256, 3), np.uint8), large).band.size == 160
    assert identity_kept(embedder, np.zeros((1, 64, 64), np.uint8), large).band.size == 64
