"""The answer in words is no surer than its probability."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import BASIC
from fer_demo.inference.recognition import Recognition
from fer_demo.tabs.recognize import verdict


@pytest.mark.parametrize(
    ("happy", "surprise", "said"),
    [
        (0.84, 0.10, "Looks happy, 84%"),
        (0.50, 0.30, "Perhaps happy, 50%"),
        (0.30, 0.28, "Hard to say: happy or surprised"),
    ],
)
def test_a_weaker_answer_is_said_more_carefully(happy: float, surprise: float, said: str) -> None:
    rest = (1 - happy - surprise) / 5
    probabilities = np.array([{"happy": happy, "surprise": surprise}.get(name, rest) for name in BASIC])
    assert verdict(Recognition(BASIC, probabilities)) == said
