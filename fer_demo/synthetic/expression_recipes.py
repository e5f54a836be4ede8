"""Which facial units make up each expression: recipes after the action units of Ekman and Friesen (1978)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_demo.errors import DataError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.synthetic.factors import Expression
from fer_demo.synthetic.units import UNIT_INDEX, as_units, sides

NEUTRAL = Expression("neutral", 0.0, 0.0, as_units({}))


@dataclass(frozen=True)
class Ingredient:
    """One unit (or left-right pair) of a recipe: its weight at full intensity, and how often it takes part."""

    unit: str
    low: float
    high: float
    chance: float = 1.0


_ANGRY = (
    Ingredient("browDown", 0.70, 1.0),  # AU 4
    Ingredient("noseSneer", 0.12, 0.32),
    Ingredient("eyeSquint", 0.30, 0.70),  # AU 7
    Ingredient("eyeWide", 0.20, 0.50, 0.6),  # AU 5
    Ingredient("jawForward", 0.10, 0.50, 0.5),
)
# The variants of an expression: one is chosen for each picture.
RECIPES: dict[str, tuple[tuple[Ingredient, ...], ...]] = {
    "angry": (
        (
            *_ANGRY,
            Ingredient("mouthPress", 0.65, 1.0),  # AU 24
            Ingredient("mouthRollUpper", 0.30, 0.60),
            Ingredient("mouthRollLower", 0.30, 0.60),
            Ingredient("mouthFrown", 0.30, 0.60),
            Ingredient("mouthShrugLower", 0.30, 0.60),
        ),
        (
            *_ANGRY,
            Ingredient("mouthUpperUp", 0.40, 0.70),  # AU 10
            Ingredient("mouthLowerDown", 0.60, 0.95),  # AU 16
            Ingredient("jawOpen", 0.08, 0.25),
            Ingredient("mouthStretch", 0.25, 0.50),
            Ingredient("mouthFunnel", 0.10, 0.45),  # AU 22
        ),
    ),
    "disgust": (
        (
            Ingredient("noseSneer", 0.80, 1.0),  # AU 9
            Ingredient("browDown", 0.15, 0.40),
            Ingredient("mouthUpperUp", 0.65, 1.0),  # AU 10
            Ingredient("cheekSquint", 0.60, 1.0),
            Ingredient("eyeSquint", 0.60, 0.95),
            Ingredient("mouthFrown", 0.25, 0.55),  # AU 15
            Ingredient("mouthShrugLower", 0.20, 0.60, 0.6),  # AU 17
            Ingredient("jawOpen", 0.0, 0.14, 0.5),
            Ingredient("mouthLowerDown", 0.15, 0.40, 0.3),
        ),
    ),
    "fear": (
        (
            Ingredient("browInnerUp", 0.65, 0.90),  # AU 1
            Ingredient("browOuterUp", 0.15, 0.45),  # AU 2
            Ingredient("browDown", 0.20, 0.35),  # AU 4
            Ingredient("eyeWide", 0.70, 1.0),  # AU 5
            Ingredient("mouthStretch", 0.65, 1.0),  # AU 20
            Ingredient("jawOpen", 0.08, 0.26),  # AU 26
            Ingredient("mouthLowerDown", 0.45, 0.85),
            Ingredient("mouthFrown", 0.15, 0.35, 0.6),
            Ingredient("mouthUpperUp", 0.05, 0.25, 0.4),
        ),
    ),
    "happy": (
        (
            Ingredient("mouthSmile", 0.70, 0.95),  # AU 12
            Ingredient("cheekSquint", 0.50, 0.90),  # AU 6
            Ingredient("eyeSquint", 0.25, 0.65),
            Ingredient("mouthDimple", 0.05, 0.30, 0.6),
            Ingredient("browOuterUp", 0.0, 0.20, 0.3),
        ),
        (
            Ingredient("mouthSmile", 0.70, 0.95),
            Ingredient("cheekSquint", 0.50, 0.90),
            Ingredient("eyeSquint", 0.25, 0.65),
            Ingredient("mouthUpperUp", 0.40, 0.85),  # AU 25: teeth
            Ingredient("jawOpen", 0.06, 0.26),
            Ingredient("mouthLowerDown", 0.0, 0.30),
            Ingredient("mouthStretch", 0.0, 0.18, 0.4),
        ),
    ),
    "sad": (
        (
            Ingredient("browInnerUp", 0.65, 0.95),  # AU 1
            Ingredient("browDown", 0.10, 0.22, 0.8),  # AU 4
            Ingredient("mouthFrown", 0.60, 0.95),  # AU 15
            Ingredient("mouthShrugLower", 0.45, 0.90),  # AU 17
            Ingredient("eyeSquint", 0.10, 0.35),
            Ingredient("eyeBlink", 0.10, 0.30),
            Ingredient("eyeLookDown", 0.10, 0.55, 0.5),
            Ingredient("mouthRollLower", 0.10, 0.30, 0.3),
            Ingredient("mouthStretch", 0.05, 0.22, 0.4),
        ),
    ),
    "surprise": (
        (
            Ingredient("browInnerUp", 0.70, 1.0),  # AU 1
            Ingredient("browOuterUp", 0.65, 1.0),  # AU 2
            Ingredient("eyeWide", 0.55, 0.90),  # AU 5
            Ingredient("jawOpen", 0.40, 0.80),  # AU 26
            Ingredient("mouthFunnel", 0.10, 0.45, 0.7),
        ),
    ),
    "neutral": (
        (
            Ingredient("browInnerUp", 0.0, 0.05, 0.4),
            Ingredient("mouthPress", 0.0, 0.08, 0.3),
            Ingredient("mouthFrown", 0.0, 0.05, 0.3),
            Ingredient("mouthSmile", 0.0, 0.05, 0.3),
            Ingredient("eyeSquint", 0.0, 0.15, 0.3),
            Ingredient("jawOpen", 0.0, 0.03, 0.3),
        ),
    ),
}
# Contempt shows on one side: the first recipe there, the second opposite (AU 14, unilateral).
_CONTEMPT_SIDE = (
    Ingredient("mouthSmile", 0.50, 0.75),
    Ingredient("mouthDimple", 0.70, 1.0),
    Ingredient("cheekSquint", 0.30, 0.60),
    Ingredient("mouthUpperUp", 0.05, 0.30),
    Ingredient("browOuterUp", 0.35, 0.90),
)
_CONTEMPT_OPPOSITE = (
    Ingredient("mouthPress", 0.25, 0.50),
    Ingredient("browDown", 0.15, 0.35),
)
_CONTEMPT_BOTH = (Ingredient("eyeBlink", 0.08, 0.24), Ingredient("eyeSquint", 0.20, 0.50))

# Weights are full weight * intensity ** exponent: below 1 where a mild expression would not be readable.
_READABILITY = {"angry": 0.70, "disgust": 0.70, "contempt": 0.65}
# Units too conspicuous to twitch by chance.
_STILL = ("Look", "tongue", "jaw", "Close", "Puff", "Roll", "mouthLeft", "mouthRight", "_neutral")


def draw_expression(rng: np.random.Generator, name: str, intensity: float | None = None) -> Expression:
    """Draw unit weights for an expression of WITH_CONTEMPT; intensity 0.1..1, drawn evenly if not given.

    "neutral" has intensity 0: only the small weights of its recipe, which are part of the stated units.

    Raises: DataError for an unknown name or an intensity outside 0.1..1.
    """
    if name not in WITH_CONTEMPT:
        raise DataError(f"“{name}” is not one of the expressions {', '.join(WITH_CONTEMPT)}.")
    drawn = float(rng.uniform(0.1, 1.0)) if intensity is None else float(intensity)
    if not 0.1 <= drawn <= 1.0:
        raise DataError(f"An intensity of {drawn:g} cannot be drawn; choose one between 0.1 and 1.")
    asymmetry = float(np.clip(rng.normal(0, 0.08), -0.25, 0.25))
    if name == "contempt":
        weights = _one_sided(rng)
    else:
        variants = RECIPES[name]
        recipe = variants[int(rng.integers(len(variants)))]
        weights = _mixed(rng, recipe, asymmetry)
    if name == "neutral":
        return Expression(name, 0.0, asymmetry, as_units(weights))
    strength = drawn ** _READABILITY.get(name, 0.9)
    weights = {unit: min(weight * strength, 1.0) for unit, weight in weights.items()}
    return Expression(name, drawn, asymmetry, as_units(_twitched(rng, weights)))


def _mixed(rng: np.random.Generator, recipe: tuple[Ingredient, ...], asymmetry: float) -> dict[str, float]:
    weights: dict[str, float] = {}
    for ingredient in recipe:
        takes_part, weight = rng.random() <= ingredient.chance, rng.uniform(ingredient.low, ingredient.high)
        if not takes_part:
            continue
        for unit in sides(ingredient.unit):
            tilt = asymmetry if unit.endswith("Left") else -asymmetry if unit.endswith("Right") else 0.0
            weights[unit] = min(weight * (1 + tilt), 1.0)
    return weights


def _one_sided(rng: np.random.Generator) -> dict[str, float]:
    side, other = ("Left", "Right") if rng.random() < 0.5 else ("Right", "Left")
    weights = {i.unit + side: float(rng.uniform(i.low, i.high)) for i in _CONTEMPT_SIDE}
    weights |= {i.unit + other: float(rng.uniform(i.low, i.high)) for i in _CONTEMPT_OPPOSITE}
    return weights | _mixed(rng, _CONTEMPT_BOTH, 0.0)


def _twitched(rng: np.random.Generator, weights: dict[str, float]) -> dict[str, float]:
    """Small weights for the units that the recipe leaves alone: no two faces move alike."""
    small = np.abs(rng.normal(0, 0.012, len(UNIT_INDEX)))
    twitches = {
        unit: float(small[index]) for unit, index in UNIT_INDEX.items() if not any(still in unit for still in _STILL)
    }
    return twitches | weights
