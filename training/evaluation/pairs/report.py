"""An editor beside the true pictures of people, with the baselines that it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from fer_demo.capabilities import EditsByLabel
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.inference.transfer.true_pairs import ALL
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import CKPLUS, LFW, LONDON, RENDERED, PairSet, Task, load_photos, make_tasks
from training.evaluation.pairs.groups import group_scores
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
from training.evaluation.pairs.readers import Readers
from training.evaluation.pairs.rendered import PEOPLE, rendered_tasks
from training.evaluation.pairs.scores import Bench, Measured, PairModels, scores_of
from training.evaluation.pairs.shape_judge import ShapeJudge
from training.evaluation.pairs.table import BRIEF, COLUMNS, MEAN, NOTHING, TRUTH, WHOLE, Score, asked, pairs_table
from training.evaluation.pairs.two_photos import photo_task
from training.evaluation.record import Figure

SETS = (LONDON, CKPLUS)
LFW_FOLDER = "lfw"
OF_MOTION = ("size", "cosine")  # says nothing of a photo that nobody touched
OF_PICTURES = ("l1", "l1, untouched", "pose")  # says nothing of two photos taken apart


@dataclass(frozen=True)
class PairsReport:
    """Everything that was found out about one editor."""

    figures: list[Figure]
    table: dict[str, Any]


JUDGE = "expression_judge"  # never taught an editor


def load_pair_models(seed: int) -> PairModels:
    """The landmarker and the embedder, which teach no editor."""
    embedder = load_model("identity_embedder")
    if not isinstance(embedder, IdentityEmbedder):
        raise CheckpointError(f"The identity_embedder is a {type(embedder).__name__}. Install fer_demo again.")
    return PairModels(load_model("face_landmarker"), embedder, seed)


def pairs_report(model: PublishedModel, data: Path, seed: int, sets: Sequence[PairSet] = SETS) -> PairsReport:
    """Mean displacements from the fitting halves, scores on the validating halves; about 6 minutes on one core."""
    models, detector = load_pair_models(seed), RetinaFaceDetector(threads=1)
    known, strangers = (
        {pairs: load_photos(data, pairs, teaching, detector, models.landmarker) for pairs in sets}
        for teaching in (True, False)
    )
    fitting, validating = (
        [task for pairs in sets for task in make_tasks(pairs, photos[pairs], seed)] for photos in (known, strangers)
    )
    validating = possible(model, validating)
    shapes = ShapeJudge.fit(list(known.values()))
    readers = Readers(load_model(JUDGE), shapes, model, models.landmarker, detector)
    means = {(task.pairs, task.expression): _Mean.of(task, models) for task in fitting if task.people > 1}
    measured = {
        task: _measured(model, task, means.get((task.pairs, task.expression)), models, readers)
        for task in tqdm(validating, desc="true pairs", leave=False)
    }
    further = _further(model, data, models, detector)
    together = [*measured.items(), *_pooled(CKPLUS, measured), *_pooled(RENDERED, further), *_of(LFW, further)]
    rows = [_row(task, by_method, models.seed) for task, by_method in together]
    return PairsReport(_figures(rows), pairs_table(rows, _split(fitting, validating), shapes.taught))


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


def _measured(
    model: PublishedModel, task: Task, mean: _Mean | None, models: PairModels, readers: Readers
) -> dict[str, Measured]:
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
        **{
            name: {**bench.measure(pictures, in_full=True), **readers.read(task.cases, pictures)}
            for name, pictures in photos.items()
        },
        f"{MEAN}, points only": points,
        TRUTH: readers.read_truth(task.cases),
    }


def _further(
    model: PublishedModel, data: Path, models: PairModels, detector: Detector
) -> dict[Task, dict[str, Measured]]:
    """The editor on rendered people and, where LFW is there, on strangers with two photographs."""
    tasks = possible(model, rendered_tasks(PEOPLE, models.seed, models.landmarker))
    if (data / LFW_FOLDER).is_dir() and not isinstance(model, EditsByLabel):  # the other photo drives
        task = photo_task(data, detector, models.landmarker)
        tasks += [] if task is None else [task]
    methods = {f"{type(model).__name__}{WHOLE}": editing(model), NOTHING: do_nothing}
    found: dict[Task, dict[str, Measured]] = {}
    for task in tqdm(tasks, desc="rendered people and LFW", leave=False):
        bench = Bench(task, models)
        photos = {name: [method(case) for case in task.cases] for name, method in methods.items()}
        left_out = OF_PICTURES if task.pairs is LFW else ()
        found[task] = {
            name: {of: values for of, values in bench.measure(pictures, in_full=False).items() if of not in left_out}
            for name, pictures in photos.items()
        }
    return found


def possible(model: PublishedModel, tasks: Sequence[Task]) -> list[Task]:
    """The tasks that an editor can be asked: one that knows expressions by their names alone follows nobody."""
    return [task for task in tasks if not (task.driven and isinstance(model, EditsByLabel))]


def _of(pairs: PairSet, measured: Mapping[Task, Mapping[str, Measured]]) -> list[tuple[Task, Mapping[str, Measured]]]:
    return [(task, by_method) for task, by_method in measured.items() if task.pairs is pairs]


def _pooled(
    pairs: PairSet, measured: Mapping[Task, Mapping[str, Measured]]
) -> list[tuple[Task, Mapping[str, Measured]]]:
    """A set with all of its expressions together, by name and driven."""
    found: list[tuple[Task, Mapping[str, Measured]]] = []
    for driven in (False, True):
        parts = [task for task, _ in _of(pairs, measured) if task.driven == driven]
        if len(parts) > 1:
            task = Task(pairs, ALL, driven, tuple(case for part in parts for case in part.cases))
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
    (edited,) = (measured for method, measured in by_method.items() if method.endswith(WHOLE))
    if TRUTH in by_method:  # people of one group may show less than those of another
        edited = {**edited, "judge of the truth": by_method[TRUTH]["judge"]}
    return {
        "set": task.pairs.name,
        "expression": task.expression,
        "driven": task.driven,
        "people": task.people,
        "pairs": len(task.cases),
        "scores": scores,
        "groups": group_scores(task, edited, seed),
    }


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """What the card and the README say first: London, and CK+ with all expressions together."""
    found = []
    for row in rows:
        if row["set"] == CKPLUS.name and row["expression"] != ALL:
            continue
        data = f"{row['set']}, {row['people']} people who never teach: {row['expression']}, {asked(row)}"
        for method, scores in row["scores"].items():
            if method.endswith(WHOLE):
                found += [_figure(column, scores[column], data) for column in BRIEF if column in scores]
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
