"""What two networks take from each other for one face."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.sharing import borrowed_features
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing, SelectiveFeatureSharingConfig


@pytest.mark.parametrize(("sharing", "share"), [("none", 0.0), ("full", 0.5)])
def test_fixed_gates_take_the_same_of_every_face(halves, sharing: str, share: float):
    config = SelectiveFeatureSharingConfig(size=32, stem=8, widths=(8, 16), blocks=(1, 1), sharing=sharing)
    taken = borrowed_features(SelectiveFeatureSharing(config).eval(), halves(0, 255))
    np.testing.assert_allclose(taken, np.full((2, 2), share))


def test_one_network_has_nobody_to_take_from(recognizer, halves):
    with pytest.raises(CheckpointError, match="no two networks"):
        borrowed_features(recognizer, halves(0, 0))
