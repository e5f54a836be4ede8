"""An editor beside the true pictures of people, with the baselines that it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import CKPLUS, LONDON, PairSet, Task, load_photos, make_tasks
from training.evaluation.pairs.mean_scale import SCALES, Curve, best_strength, mean_curve
from training.evaluation.pairs.methods import (
    Method,
    blend_pixels,
    displacements,
    do_nothing,
    editing,
    means_of_others,
    warp_photo,
)
from training.evaluation.pairs.scores import Bench, Measured, PairModels, scores_of
from training.evaluation.pairs.table import BRIEF, COLUMNS, MEAN, NOTHING, WHOLE, Score, pairs_table
from training.evaluation.record import Figure

SETS = (LONDON, CKPLUS)
ALL = "all expressions"
OF_MOTION = ("size", "cosine")  # says nothing of a photo that nobody touched


@dataclass(frozen=True)
class PairsReport:
    """Everything that was found out about one editor."""

    figures: list[Figure]
    table: dict[str, Any]


def load_pair_models(seed: int) -> PairModels:
    """The landmarker and the embedder, which teach no editor."""
    embedder = load_model("identity_embedder")
    if not isinstance(embedder, IdentityEmbedder):
        raise CheckpointError(f"The identity_embedder is a {type(embedder).__name__}. Install fer_demo again.")
    return PairModels(load_model("face_landmarker"), embedder, seed)


def pairs_report(model: PublishedModel, data: Path, seed: int, sets: Sequence[PairSet] = SETS) -> PairsReport:
    """Mean displacements from the fitting halves, scores on the validating halves; about 20 minutes on one core."""
    models, detector = load_pair_models(seed), RetinaFaceDetector(threads=1)
    halves = [
        [
            task
            for pairs in sets
            for task in make_tasks(pairs, load_photos(data, pairs, teaching, detector, models.landmarker), seed)
        ]
        for teaching in (True, False)
    ]
    fitting, validating = halves
    means = {(task.pairs, task.expression): _Mean.of(task, models) for task in fitting if task.people > 1}
    measured = {
        task: _measured(model, task, means.get((task.pairs, task.expression)), models)
        for task in tqdm(validating, desc="true pairs", leave=False)
    }
    rows = [_row(task, by_method, models.seed) for task, by_method in [*measured.items(), *_pooled(measured)]]
    return PairsReport(_figures(rows), pairs_table(rows, _split(fitting, validating)))


@dataclass(frozen=True)
class _Mean:
    """How the people of the fitting half move on average, and how much of it suits somebody new."""

    displacement: Float[np.ndarray, "68 2"]
    scale: float  # of the warp, by what is seen in its pictures
    scale_of_points: float  # of the points alone

    @classmethod
    def of(cls, task: Task, models: PairModels) -> _Mean:
        mean = displacements(task.cases).mean(axis=0)
        bench, others = Bench(task, models), means_of_others(task.cases)
        points = Curve(task, SCALES, tuple(bench.measure_points(scale * others) for scale in SCALES))
        return cls(mean, best_strength([mean_curve(task, models)]), best_strength([points]))


def _measured(model: PublishedModel, task: Task, mean: _Mean | None, models: PairModels) -> dict[str, Measured]:
    """All methods on one task, the editor at amount 1."""
    edit = editing(model)
    photos = {f"{type(model).__name__}{WHOLE}": tuple(edit(case) for case in task.cases)}
    # Where too few people teach a mean it does nothing, so that sums over expressions stay comparable.
    mean = mean or _Mean(np.zeros((68, 2)), 0.0, 0.0)
    baselines: dict[str, Method] = {
        NOTHING: do_nothing,
        MEAN: lambda case: warp_photo(case.source, mean.scale * mean.displacement),
    }
    if task.driven:
        baselines["50/50 pixel blend"] = blend_pixels
    photos |= {name: tuple(method(case) for case in task.cases) for name, method in baselines.items()}
    bench = Bench(task, models)
    points = bench.measure_points(mean.scale_of_points * mean.displacement)
    return {
        **{name: bench.measure(pictures, in_full=True) for name, pictures in photos.items()},
        f"{MEAN}, points only": points,
    }


def _pooled(measured: Mapping[Task, Mapping[str, Measured]]) -> list[tuple[Task, Mapping[str, Measured]]]:
    """CK+ with all of its expressions together, by name and driven."""
    found: list[tuple[Task, Mapping[str, Measured]]] = []
    for driven in (False, True):
        parts = [task for task in measured if task.pairs is CKPLUS and task.driven == driven]
        if len(parts) > 1:
            task = Task(CKPLUS, ALL, driven, tuple(case for part in parts for case in part.cases))
            together: dict[str, Measured] = {
                method: {
                    name: np.concatenate([measured[part][method][name] for part in parts])
                    for name in measured[parts[0]][method]
                }
                for method in measured[parts[0]]
            }
            found.append((task, together))
    return found


def _row(task: Task, by_method: Mapping[str, Measured], seed: int) -> dict[str, Any]:
    """One task with the scores of all methods."""
    scores = {method: scores_of(task, measured, seed) for method, measured in by_method.items()}
    for name in OF_MOTION:
        scores.get(NOTHING, {}).pop(name, None)
    return {
        "set": task.pairs.name,
        "expression": task.expression,
        "driven": task.driven,
        "people": task.people,
        "pairs": len(task.cases),
        "scores": scores,
    }


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """What the card and the README say first: London, and CK+ with all expressions together."""
    found = []
    for row in rows:
        if row["set"] == CKPLUS.name and row["expression"] != ALL:
            continue
        asked = "driven by another person" if row["driven"] else "by name"
        data = f"{row['set']}, {row['people']} people who never teach: {row['expression']}, {asked}"
        for method, scores in row["scores"].items():
            if method.endswith(WHOLE):
                found += [_figure(column, scores[column], data) for column in BRIEF]
    return found


def _figure(column: str, score: Score, data: str) -> Figure:
    return Figure(f"{column}, amount 1", score.value, data, score.count, COLUMNS[column].unit, (score.low, score.high))


def _split(fitting: Sequence[Task], validating: Sequence[Task]) -> dict[str, dict[str, int]]:
    """How many people of each set are in each half."""
    halves = {"fitting": fitting, "validating": validating}
    return {
        pairs.name: {
            half: len({case.source.person for task in tasks if task.pairs is pairs for case in task.cases})
            for half, tasks in halves.items()
        }
        for pairs in dict.fromkeys(task.pairs for task in [*fitting, *validating])
    }
