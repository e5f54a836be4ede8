"""Draw a head shape: the artists' whole-head shapes first, then hundreds of small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_OPPOSITES = {
    "incr": "decr",
    "in": "out",
    "up": "down",
    "forward": "backward",
    "convex": "concave",
    "compress": "uncompress",
}
_SPREAD = 0.22  # standard deviation of a detail weight; more makes caricatures
_LIMIT = 0.50
# Factors on the spread. The last group imitates expressions, so a person may hardly use it.
_CALMER = (
    (("scale", "trans"), 0.60),
    (("neck",), 0.40),
    (("chin", "head"), 0.75),
    (("mouth", "-eye-"), 0.80),
    (
        (
            "mouth-angles", "laugh-lines", "dimples", "eyebrows-angle", "lip-ext", "lip-middle", "eyebrows-trans",
            "eye-corner", "eye-height", "eyefold", "eye-trans", "mouth-trans",
        ),
        0.25,
    ),
    (("head-age", "pointed", "ear-shape", "nose-septum", "trunk"), 0.0),
)  # fmt: skip
_OUTLINES = ("diamond", "invertedtriangular", "oval", "rectangular", "round", "square", "triangular")


@dataclass(frozen=True)
class Macro:
    """Weights of the whole-head shapes and the artists' parameters behind them: shape words, never demographics."""

    weights: tuple[float, ...]
    female: float
    old: float
    african: float
    asian: float
    caucasian: float


def draw_macro(rng: np.random.Generator, names: Sequence[str]) -> Macro:
    """Mix the artists' whole-head shapes."""
    female = float(rng.beta(1.2, 7) if rng.random() < 0.5 else rng.beta(7, 1.2))
    old = float(0.8 * rng.beta(1.1, 2.4))
    ancestry = rng.dirichlet([0.45, 0.45, 0.45])
    weight = float(np.clip(rng.normal(0.05, 0.28), -0.5, 0.7))
    muscle = float(np.clip(rng.normal(0, 0.28), -0.6, 0.6))
    genders, ages = {"female": female, "male": 1 - female}, {"young": 1 - old, "old": old}
    muscles = {"average": 1 - abs(muscle), "max": max(muscle, 0), "min": max(-muscle, 0)}
    weights = {"average": 1 - abs(weight), "max": max(weight, 0), "min": max(-weight, 0)}
    mix = {}
    for gender, age in ((gender, age) for gender in genders for age in ages):
        share = genders[gender] * ages[age]
        for name, part in zip(("african", "asian", "caucasian"), ancestry, strict=True):
            mix[f"{name}-{gender}-{age}"] = part * share
        for m, w in ((m, w) for m in muscles for w in weights):
            mix[f"universal-{gender}-{age}-{m}muscle-{w}weight"] = muscles[m] * weights[w] * share
    african, asian, caucasian = (float(part) for part in ancestry)
    return Macro(tuple(float(mix.get(name, 0.0)) for name in names), female, old, african, asian, caucasian)


def draw_detail(rng: np.random.Generator, names: Sequence[str]) -> tuple[float, ...]:
    """Weights of the small shapes, nearly the same on both sides of the face.

    Most come as pairs of opposites ("nose-base-up", "nose-base-down"), of which one signed draw uses one.
    """
    index = {name: i for i, name in enumerate(names)}
    row = np.zeros(len(names))
    outline = f"head-{rng.choice(_OUTLINES)}"
    for name in names:
        if name.startswith("r-"):
            continue  # drawn together with its left twin
        if name.startswith("asym"):
            row[index[name]] = abs(rng.normal(0, 0.035)) * _calm(name)
            continue
        stem, _, end = name.rpartition("-")
        if end in _OPPOSITES.values():
            continue  # drawn together with its opposite
        draw = float(np.clip(rng.normal(0, _SPREAD), -_LIMIT, _LIMIT)) * _calm(name)
        if end not in _OPPOSITES:
            row[index[name]] = abs(draw) * 1.5 if name == outline else 0.0
            continue
        opposite = f"{stem}-{_OPPOSITES[end]}"
        if not name.startswith("l-"):
            _put(row, index, name, opposite, draw)
            continue
        for side in ("l-", "r-"):
            _put(row, index, side + name[2:], side + opposite[2:], draw + rng.normal(0, 0.03) * _calm(name))
    return tuple(float(weight) for weight in row)


def _calm(name: str) -> float:
    factor = 1.0
    for words, scale in _CALMER:
        if any(word in name for word in words):
            factor *= scale
    return factor


def _put(row: np.ndarray, index: dict[str, int], name: str, opposite: str, weight: float) -> None:
    chosen = name if weight >= 0 else opposite
    if chosen in index:
        row[index[chosen]] = abs(weight)
