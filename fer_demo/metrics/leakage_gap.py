"""Leakage of labels into codes, for sets that have labels but no true factors."""

from __future__ import annotations


def leakage(accuracy: float, floor: float) -> float:
    """How far reading a label from a code is above a floor: (accuracy - floor) / (1 - floor).

    0 = as from the floor, 1 = always right, below 0 = worse than the floor. The floor is the accuracy by chance, or
    that from what any code has to hold, such as the probabilities of the expressions. A floor of 1 leaves nothing: 0.
    """
    return (accuracy - floor) / (1 - floor) if floor < 1 else 0.0


def leakage_gap(own: float, other: float, chance: float) -> float:
    """How much more of a label is read from the code that should hold it than from the one that should not.

    The difference of their leakages above chance, in -1..1: 1 = one tells it all and the other nothing, 0 = both tell
    it alike, below 0 = it is in the wrong code.
    """
    return leakage(own, chance) - leakage(other, chance)
