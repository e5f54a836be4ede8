"""Expressions drawn from the recipes."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.synthetic.expression_recipes import NEUTRAL, RECIPES, draw_expression
from fer_demo.synthetic.factors import Expression
from fer_demo.synthetic.units import UNIT_INDEX, UNITS, as_units, sides


def drawn(name: str, intensity: float | None = None, seed: int = 0) -> Expression:
    return draw_expression(np.random.default_rng(seed), name, intensity)


def weight(expression: Expression, unit: str) -> float:
    return expression.units[UNIT_INDEX[unit]]


def test_every_recipe_names_known_units() -> None:
    units = {unit for variants in RECIPES.values() for recipe in variants for i in recipe for unit in sides(i.unit)}
    assert units <= set(UNITS)
    assert set(RECIPES) == set(BASIC)


@pytest.mark.parametrize("name", WITH_CONTEMPT)
def test_weights_lie_between_0_and_1_and_neutral_stays_0(name: str) -> None:
    for seed in range(20):
        units = np.array(drawn(name, seed=seed).units)
        assert units.shape == (52,)
        assert units.min() >= 0
        assert units.max() <= 1
        assert units[0] == 0


def test_the_same_seed_gives_the_same_expression() -> None:
    assert drawn("fear", seed=3) == drawn("fear", seed=3)
    assert drawn("fear", seed=3) != drawn("fear", seed=4)


def test_intensity_scales_the_recipe_and_nothing_else() -> None:
    mild, strong = drawn("surprise", 0.2), drawn("surprise", 1.0)
    assert weight(mild, "jawOpen") / weight(strong, "jawOpen") == pytest.approx(0.2**0.9)
    assert mild.asymmetry == strong.asymmetry


def test_intensities_spread_over_the_whole_range() -> None:
    intensities = [drawn("happy", seed=seed).intensity for seed in range(300)]
    assert min(intensities) < 0.15
    assert max(intensities) > 0.95


def test_neutral_has_no_intensity_and_only_slight_weights() -> None:
    assert NEUTRAL.units == as_units({})
    for seed in range(20):
        expression = drawn("neutral", seed=seed)
        assert expression.intensity == 0
        assert max(expression.units) <= 0.2


def test_contempt_shows_on_one_side() -> None:
    expression = drawn("contempt", 1.0)
    left, right = weight(expression, "mouthDimpleLeft"), weight(expression, "mouthDimpleRight")
    assert max(left, right) > 0.6
    assert min(left, right) < 0.1


def test_positive_asymmetry_is_stronger_on_the_left() -> None:
    for seed in range(20):
        expression = drawn("disgust", 0.5, seed)
        difference = weight(expression, "noseSneerLeft") - weight(expression, "noseSneerRight")
        assert np.sign(difference) in (0, np.sign(expression.asymmetry))


@pytest.mark.parametrize(("name", "intensity"), [("joyful", 0.5), ("happy", 0.05), ("happy", 1.5)])
def test_an_impossible_expression_is_refused(name: str, intensity: float) -> None:
    with pytest.raises(DataError):
        drawn(name, intensity)
