"""The verdict on one explanation: the checks it was put to, each with its figure, and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from fer_demo.inference.explain.rivals import CENTRE, EDGES, RANDOM

Word = Literal["faithful", "weak", "fails", "no evidence"]
MARGIN = 0.01  # of the range of the answers: a curve that is better by less is as good
MOST_ALIKE = 0.5  # mean rank correlation with the maps of a model that forgets
LEAST_STABLE = 0.7  # mean rank correlation with the maps of faces under small noise
WEIGHTS, NOISE = "forgotten weights", "small noise"

_AS_WELL = {
    CENTRE: "looking at the middle does as well",
    EDGES: "outlining the face does as well",
    RANDOM: "a random map does as well",
}


@dataclass(frozen=True)
class Check:
    """One check and how the map came through it."""

    name: str
    figure: float  # a curve: how much better than the best rival, in shares of the range; else a rank correlation
    passed: bool
    words: str
    unbeaten: tuple[str, ...] = ()  # the rivals that a curve is not better than


@dataclass(frozen=True, eq=False)
class Verdict:
    """What became of one map."""

    word: Word
    sentence: str
    checks: tuple[Check, ...]


def no_evidence(words: str) -> Verdict:
    """The verdict on a map that is nowhere positive."""
    return Verdict("no evidence", f"No evidence: by this method, nothing in this face speaks for {words}.", ())


def curve_check(
    name: str, sign: int, own: Float[np.ndarray, " shares"], rivals: Mapping[str, Float[np.ndarray, "maps shares"]]
) -> Check:
    """Whether a curve is better than that of every rival; the area under it is what counts."""
    answers = np.concatenate([own[None], *rivals.values()])
    span = float(np.ptp(answers))
    if span == 0:
        return Check(name, 0.0, False, "The answer stays the same whatever is hidden.", tuple(rivals))
    ahead = {rival: sign * (own.mean() - rows.mean(axis=1)).astype(float) / span for rival, rows in rivals.items()}
    least = {rival: float(leads.min()) for rival, leads in ahead.items()}
    nearest = min(least, key=lambda rival: least[rival])
    unbeaten = tuple(rival for rival, lead in least.items() if lead <= MARGIN)
    words = f"{_AS_WELL[nearest].capitalize()}." if unbeaten else "Better than the middle, the edges and random maps."
    return Check(name, least[nearest], not unbeaten, words, unbeaten)


def weights_check(likenesses: Sequence[float]) -> Check:
    """Whether the map changes when the model forgets what it has learned."""
    alike = float(np.mean(likenesses))
    passed = alike < MOST_ALIKE
    words = "It changes when the model forgets." if passed else "It stays when the model forgets what it has learned."
    return Check(WEIGHTS, alike, passed, words)


def noise_check(likenesses: Sequence[float]) -> Check:
    """Whether the map stays when the face hardly changes; a map that ignores the face passes this check too."""
    alike = float(np.mean(likenesses))
    passed = alike >= LEAST_STABLE
    words = "It stays under small noise." if passed else "Small noise changes it."
    return Check(NOISE, alike, passed, words)


def lost_to_a_rival(curves: Sequence[Check]) -> Verdict | None:
    """The verdict if one rival does as well on most curves, whatever other checks say; None if none does."""
    for rival, sentence in _AS_WELL.items():
        if 2 * sum(rival in check.unbeaten for check in curves) > len(curves):
            return Verdict("fails", f"Fails: {sentence}.", tuple(curves))
    return None


def verdict_of(curves: Sequence[Check], weights: Check, noise: Check) -> Verdict:
    """Faithful if every check is passed; it fails if one rival does as well on most curves, or if weights do not count.

    Being stable under noise is asked for, but makes no map better than weak: a map of the middle is stable as well.
    """
    checks = (*curves, weights, noise)
    if (lost := lost_to_a_rival(curves)) is not None:
        return replace(lost, checks=checks)
    if not weights.passed:
        return Verdict("fails", "Fails: the map stays when the model forgets what it has learned.", checks)
    missed = [check.name for check in checks if not check.passed]
    if missed:
        kept = len(checks) - len(missed)
        return Verdict("weak", f"Weak: {kept} of {len(checks)} checks passed, not {' and '.join(missed)}.", checks)
    return Verdict("faithful", f"Faithful: all {len(checks)} checks passed.", checks)
