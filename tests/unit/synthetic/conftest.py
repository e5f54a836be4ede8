"""One drawn face that the tests of the generator share."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.synthetic.drawing import draw_background, draw_clothing, draw_hair, draw_identity, draw_light
from fer_demo.synthetic.expression_recipes import NEUTRAL
from fer_demo.synthetic.factors import Pose, SyntheticFace
from fer_demo.synthetic.head_model import HeadModel, load_head_model


@pytest.fixture(scope="session")
def head() -> HeadModel:
    return load_head_model()


@pytest.fixture(scope="session")
def face(head: HeadModel) -> SyntheticFace:
    """A neutral frontal face."""
    streams = [np.random.default_rng([5, factor]) for factor in range(5)]
    return SyntheticFace(
        identity=draw_identity(streams[0], head),
        hair=draw_hair(streams[1]),
        glasses=None,
        clothing=draw_clothing(streams[2]),
        background=draw_background(streams[3]),
        expression=NEUTRAL,
        pose=Pose(),
        light=draw_light(streams[4]),
    )
