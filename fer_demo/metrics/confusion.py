"""Confusion counts, and the two scores read off them that treat rare classes like frequent ones."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int


def confusion_counts(
    truth: Int[np.ndarray, " batch"], answers: Int[np.ndarray, " batch"], classes: int
) -> Int[np.ndarray, "classes classes"]:
    """How often each class (row) was answered with each class (column)."""
    return np.bincount(truth * classes + answers, minlength=classes * classes).reshape(classes, classes)


def balanced_accuracy(counts: Int[np.ndarray, "classes classes"]) -> float:
    """The mean over the classes that occur of the share answered right."""
    rows = counts.sum(axis=1)
    return float((counts.diagonal()[rows > 0] / rows[rows > 0]).mean())


def macro_f1(counts: Int[np.ndarray, "classes classes"]) -> float:
    """The mean of F1 over the classes that occur or are answered."""
    weight = counts.sum(axis=0) + counts.sum(axis=1)
    return float((2 * counts.diagonal()[weight > 0] / weight[weight > 0]).mean())
