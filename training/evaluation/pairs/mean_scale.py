"""How much of a mean displacement suits somebody new, found on the fitting half: a baseline that editors must beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.pairs.data import Task
from training.evaluation.pairs.methods import means_of_others, warp_photo
from training.evaluation.pairs.scores import Bench, Measured, PairModels

SCALES = tuple(0.25 * step for step in range(9))  # of a mean displacement that are tried


@dataclass(frozen=True)
class Curve:
    """One task at several strengths."""

    task: Task
    strengths: tuple[float, ...]
    measured: tuple[Measured, ...]  # at each strength

    def errors(self) -> np.ndarray:
        """The summed distance of the points that the set is chosen by to the true ones, by strength."""
        return np.array([sum(one[region].sum() for region in self.task.pairs.regions) for one in self.measured])


def mean_curve(task: Task, models: PairModels) -> Curve:
    """The mean displacement of the others on one task of the fitting half, at every scale."""
    bench, means = Bench(task, models), means_of_others(task.cases)
    told = list(zip(task.cases, means, strict=True))
    photos = ([warp_photo(case.source, scale * mean) for case, mean in told] for scale in SCALES)
    return Curve(task, SCALES, tuple(bench.measure(at, in_full=False) for at in photos))


def best_strength(curves: Sequence[Curve]) -> float:
    """Where the summed errors are least: the vertex of the parabola through the least one and its neighbours."""
    strengths, errors = curves[0].strengths, np.sum([one.errors() for one in curves], axis=0)
    least = int(errors.argmin())
    if least in (0, len(errors) - 1):
        return strengths[least]
    before, here, after = errors[least - 1 : least + 2]
    step = strengths[1] - strengths[0]
    return round(float(strengths[least] + step * 0.5 * (before - after) / (before - 2 * here + after)), 2)
