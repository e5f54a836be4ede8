"""On which groups of faces a recognizer fails: accuracy with intervals, group by group, small groups hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

SMALLEST = 30  # faces; an accuracy over fewer says next to nothing
MOST_GROUPS = 12  # of one column; a column with more words than this names things rather than groups
_PARTS = 3  # numbers are split into so many groups of equal size
_DRAWS = 4000


@dataclass(frozen=True)
class Slice:
    """One group, and how often the answers about its faces are right."""

    column: str
    group: str
    count: int
    accuracy: float
    low: float  # 95 % bootstrap interval
    high: float
    differs: bool  # the interval of its difference from all other faces leaves out zero


@dataclass(frozen=True)
class SliceReport:
    """All groups that are large enough, the worst first."""

    whole: Slice | None  # all faces together; None if there are none
    slices: tuple[Slice, ...]
    hidden: int  # groups with fewer faces than `smallest`
    smallest: int


def slice_errors(
    correct: np.ndarray, columns: Mapping[str, Sequence[Any]], seed: int = 0, smallest: int = SMALLEST
) -> SliceReport:
    """How often answers are right (N bools) in every group of every column of values (N each)."""
    if not len(correct):
        return SliceReport(None, (), 0, smallest)
    right = correct.astype(np.float32)
    whole = Slice("all", "all faces", len(right), float(right.mean()), *_interval(right, seed), False)
    found, hidden = [], 0
    for column, values in columns.items():
        groups = groups_of(values)
        if len(groups) < 2:
            continue
        for name, members in groups.items():
            if members.sum() < smallest:
                hidden += 1
            else:
                found.append(_slice(column, name, right, members, seed))
    return SliceReport(whole, tuple(sorted(found, key=lambda one: one.accuracy)), hidden, smallest)


def groups_of(values: Sequence[Any]) -> dict[str, np.ndarray]:
    """Name -> (N,) bool: words by themselves, many numbers in three parts of equal size; empty for other values."""
    if any(isinstance(value, list | tuple | dict | np.ndarray) for value in values):
        return {}
    known = [value for value in values if value is not None and value == value]
    distinct = set(known)
    is_number = all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in known)
    if is_number and len(distinct) > _PARTS:
        return _parts(np.array([np.nan if value is None else value for value in values], np.float64))
    if not distinct or len(distinct) > MOST_GROUPS:
        return {}
    names = sorted(distinct, key=str)
    return {_word(name): np.array([value == name for value in values]) for name in names}


def _parts(values: np.ndarray) -> dict[str, np.ndarray]:
    inner = np.unique(np.nanquantile(values, np.arange(1, _PARTS) / _PARTS))
    bounds = [-np.inf, *inner, np.inf]
    groups = {}
    for low, high in pairwise(bounds):
        members = (values > low) & (values <= high)
        name = f"up to {high:.3g}" if low == -np.inf else f"above {low:.3g}"
        name += f", up to {high:.3g}" if -np.inf < low and high < np.inf else ""
        groups[name] = members
    return {name: members for name, members in groups.items() if members.any()}


def _slice(column: str, group: str, right: np.ndarray, members: np.ndarray, seed: int) -> Slice:
    own, others = right[members], right[~members]
    differs = False
    if len(others):
        low, high = difference_interval(own, others, seed)
        differs = low > 0 or high < 0
    return Slice(column, group, len(own), float(own.mean()), *_interval(own, seed), differs)


def _interval(right: np.ndarray, seed: int) -> tuple[float, float]:
    return _middle(_draws(right, np.random.default_rng(seed)))


def difference_interval(own: np.ndarray, others: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the share of one group (bools) minus that of another, each drawn by itself."""
    rng = np.random.default_rng(seed)
    return _middle(_draws(own, rng) - _draws(others, rng))


def _draws(right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap draws of a share: the mean of n zeros and ones drawn with replacement is binomial, so drawn at once."""
    return rng.binomial(len(right), right.mean(), _DRAWS) / len(right)


def _middle(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
