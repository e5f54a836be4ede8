"""What doubles do to an accuracy is said only where there are faces enough to tell."""

from __future__ import annotations

import pytest

from fer_demo.inference.dataset.audit import LeakEffect
from fer_demo.interface.tabs.dataset.problems import effect_in_words


def test_the_gain_of_faces_with_a_double_is_told_with_its_interval() -> None:
    said = effect_in_words(LeakEffect(100, 400, 0.8, 0.7, 0.02, 0.18))
    assert (
        "80.0% of the 100 faces with a double, and on 70.0% of the 400 others. The difference is +10.0 percentage"
        in said
    )
    assert "+2.0 to +18.0" in said


@pytest.mark.parametrize(("leaking", "others"), [(2, 400), (400, 29)])
def test_a_handful_of_faces_says_nothing(leaking: int, others: int) -> None:
    said = effect_in_words(LeakEffect(leaking, others, 1.0, 1.0, 0.0, 0.0))
    assert "too few" in said
    assert "100" not in said
