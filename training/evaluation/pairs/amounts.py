"""The natural amount: how far a raw edit has to go to come nearest to what people do, found on the fitting half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import Task
from training.evaluation.pairs.methods import editor_at, means_of_others, warp_photo
from training.evaluation.pairs.scores import Bench, Measured, PairRulers

AMOUNTS = tuple(round(0.1 * step, 1) for step in range(1, 13))  # raw ones that are tried
SCALES = tuple(0.25 * step for step in range(9))  # of a mean displacement that are tried
FEWEST = 8  # people below whom an expression takes the pooled amount
DRIVEN = "driver"  # stands in the table of amounts for edits by another person's face


@dataclass(frozen=True)
class Curve:
    """One task at several strengths."""

    task: Task
    strengths: tuple[float, ...]
    measured: tuple[Measured, ...]  # at each strength

    def errors(self) -> np.ndarray:
        """The summed distance of the points that the set is chosen by to the true ones, by strength."""
        return np.array([sum(one[region].sum() for region in self.task.pairs.regions) for one in self.measured])


@dataclass(frozen=True)
class NaturalAmount:
    """The amount of one expression, and on whom it rests."""

    expression: str  # or DRIVEN
    amount: float
    people: int  # of the fitting half who show the expression itself
    pooled: bool  # over all expressions, because these are too few


def curve(model: PublishedModel, task: Task, rulers: PairRulers) -> Curve:
    """The editor on one task at every amount."""
    edit = editor_at(model, AMOUNTS)
    photos = [edit(case) for case in tqdm(task.cases, desc=f"{task.pairs.name}: {task.name}", leave=False)]
    bench = Bench(task, rulers)
    return Curve(task, AMOUNTS, tuple(bench.measure(at, in_full=False) for at in zip(*photos, strict=True)))


def mean_curve(task: Task, rulers: PairRulers) -> Curve:
    """The mean displacement of the others on one task of the fitting half, at every scale."""
    bench, means = Bench(task, rulers), means_of_others(task.cases)
    told = list(zip(task.cases, means, strict=True))
    photos = ([warp_photo(case.source, scale * mean) for case, mean in told] for scale in SCALES)
    return Curve(task, SCALES, tuple(bench.measure(at, in_full=False) for at in photos))


def natural_amounts(curves: Sequence[Curve]) -> list[NaturalAmount]:
    """The best amount of each basic expression by name, and of all driven edits together.

    The pooled amount leaves out the way back to neutral, which is another kind of edit.

    Raises: DataError if too few people show anything.
    """
    named = [one for one in curves if not one.task.driven]
    driven = [one for one in curves if one.task.driven]
    if not driven or all(one.task.expression == "neutral" for one in named):
        raise DataError("The fitting half of the true pairs shows too few people; use the whole files.")
    pooled = best_strength([one for one in named if one.task.expression != "neutral"])
    found = []
    for expression in BASIC:
        own = [one for one in named if one.task.expression == expression]
        people = sum(one.task.people for one in own)
        few = people < FEWEST
        found.append(NaturalAmount(expression, pooled if few else best_strength(own), people, few))
    people = len({case.source.person for one in driven for case in one.task.cases})
    return [*found, NaturalAmount(DRIVEN, best_strength(driven), people, False)]


def best_strength(curves: Sequence[Curve]) -> float:
    """Where the summed errors are least: the vertex of the parabola through the least one and its neighbours."""
    strengths, errors = curves[0].strengths, np.sum([one.errors() for one in curves], axis=0)
    least = int(errors.argmin())
    if least in (0, len(errors) - 1):
        return strengths[least]
    before, here, after = errors[least - 1 : least + 2]
    step = strengths[1] - strengths[0]
    return round(float(strengths[least] + step * 0.5 * (before - after) / (before - 2 * here + after)), 2)
