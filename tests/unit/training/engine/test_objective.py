"""How weights grow over a run."""

from __future__ import annotations

import pytest

from training.engine.objective import grown


@pytest.mark.parametrize(
    ("progress", "start", "length", "weight"),
    [(0.0, 0.0, 0.1, 0.0), (0.05, 0.0, 0.1, 0.5), (0.5, 0.0, 0.1, 1.0), (0.4, 0.45, 0.1, 0.0), (0.3, 0.0, 0.0, 1.0)],
)
def test_a_weight_grows_from_where_it_starts(progress: float, start: float, length: float, weight: float) -> None:
    assert grown(progress, start, length) == pytest.approx(weight)
