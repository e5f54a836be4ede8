"""The scores of pictures that should show what the true one shows, each with an interval over people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.faces.alignment import align, five_points
from fer_demo.faces.stable_frame import in_stable_frame, stable_points
from fer_demo.images import to_grey, to_tensor
from fer_demo.inference.identity import distances, embed_aligned
from fer_demo.inference.landmarks import look_again
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.head_pose import average_pose_distance
from fer_demo.metrics.peak_signal_to_noise import peak_signal_to_noise
from fer_demo.metrics.perceptual import perceptual_distance
from fer_demo.metrics.point_motion import REGIONS, keypoint_distance, motion_cosine, motion_size
from fer_demo.metrics.sharpness import MOUTH, sharpness
from fer_demo.metrics.structural_similarity import structural_similarity
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import Case, Task
from training.evaluation.pairs.table import Score

DRAWS = 1000  # of the bootstrap
GREY_SIDE = 160  # of the squares whose L1 is taken; the inner face is 96 x 128 of it
INNER = (0.2, 1.0, 0.2, 0.8)  # top, bottom, left, right of the inner face on the template
_OUTER_EYES = (36, 45)

Measured = Mapping[str, Float[np.ndarray, " cases"]]  # one number of each case; NaN where it says nothing


@dataclass(frozen=True)
class PairModels:
    """What pictures are measured with; none of it teaches an editor."""

    landmarker: PublishedModel
    embedder: IdentityEmbedder
    seed: int  # of the bootstrap


class Bench:
    """One task with its true and untouched pictures at hand, to measure many kinds of edits of it."""

    def __init__(self, task: Task, models: PairModels) -> None:
        self.task, self.models = task, models
        self._before = np.stack([case.source.landmarks for case in task.cases])
        self._true = np.stack([case.truth.landmarks for case in task.cases])
        self._source = [case.source.crop.photo for case in task.cases]
        self._truth = [case.truth.crop.photo for case in task.cases]
        self._grey_source, self._grey_truth = (
            _grey_inner(photos, landmarks)
            for photos, landmarks in ((self._source, self._before), (self._truth, self._true))
        )

    def measure(self, photos: Sequence[np.ndarray], in_full: bool) -> Measured:
        """Points and grey levels of the edited photos; `in_full` also what they look like."""
        found = look_again(self.models.landmarker, photos, self._before)
        measured = {**self._points(found), **self._grey(photos, found)}
        return {**measured, **self._pictures(photos, found)} if in_full else measured

    def measure_points(self, displacement: Float[np.ndarray, "... 68 2"]) -> Measured:
        """Points alone, everybody's own moved by a displacement of the stable frame; no picture is made."""
        return self._framed(np.stack([in_stable_frame(points) for points in self._before]) + displacement)

    def _points(self, found: Float[np.ndarray, "cases 68 2"]) -> Measured:
        measured = self._framed(np.stack([in_stable_frame(points) for points in found]))
        heads = [(five_points(one), five_points(other)) for one, other in zip(found, self._true, strict=True)]
        return {**measured, "pose": np.array([average_pose_distance(*pair) for pair in heads])}

    def _framed(self, made: Float[np.ndarray, "cases 68 2"]) -> Measured:
        """Distances on the stable frame, in per cent of that between the source's outer eye corners."""
        before, true = (np.stack([in_stable_frame(points) for points in part]) for part in (self._before, self._true))
        unit = 100 / np.linalg.norm(np.diff(before[:, _OUTER_EYES], axis=1), axis=-1)[:, 0]
        measured = {}
        for name, points in REGIONS.items():
            measured[name] = unit * keypoint_distance(made[:, points], true[:, points])
            measured[f"{name}, untouched"] = unit * keypoint_distance(before[:, points], true[:, points])
        lips = REGIONS["mouth"]
        motion, wanted = made[:, lips] - before[:, lips], true[:, lips] - before[:, lips]
        measured["motion"], measured["true motion"] = unit * motion_size(motion), unit * motion_size(wanted)
        measured["cosine"] = motion_cosine(motion, wanted)
        return measured

    def _grey(self, photos: Sequence[np.ndarray], found: np.ndarray) -> Measured:
        """Mean absolute difference of the inner faces in grey levels, edited and untouched."""
        made = _grey_inner(photos, found)
        errors = [(one - self._grey_truth).abs().mean(dim=(1, 2, 3)).numpy() for one in (made, self._grey_source)]
        return {"l1": errors[0] * 127.5, "l1, untouched": errors[1] * 127.5}

    @torch.inference_mode()
    def _pictures(self, photos: Sequence[np.ndarray], found: np.ndarray) -> Measured:
        """On the stable frame, at the set's own detail."""
        side, channels, embedder = self.task.pairs.side, self.task.pairs.channels, self.models.embedder
        sets = ((photos, found), (self._source, self._before), (self._truth, self._true))
        squares = [squares_of(*one, side, channels) for one in sets]
        who = [embed_aligned(embedder, stack) for stack in squares]
        made, truth = to_tensor(squares[0], channels), to_tensor(squares[2], channels)
        apart = [
            perceptual_distance(*pair, lambda part: embedder.feature_maps(embedder.chips(part)))
            for pair in zip(made.split(16), truth.split(16), strict=True)
        ]
        measured = {
            "ssim": structural_similarity(inner_face(made), inner_face(truth)),
            "psnr": peak_signal_to_noise(inner_face(made), inner_face(truth)),
            "perceptual": torch.cat(apart),
            "sharpness": sharpness(made, MOUTH),
            "true sharpness": sharpness(truth, MOUTH),
        }
        return {
            **{name: values.double().numpy() for name, values in measured.items()},
            "to source": distances(who[0], who[1]),
            "to truth": distances(who[0], who[2]),
            "csim": _cosine(who[0], who[1]),
        }


def squares_of(photos: Sequence[np.ndarray], landmarks: np.ndarray, side: int, channels: int) -> np.ndarray:
    """Photos as squares on the stable frame, uint8."""
    pairs = zip(photos, landmarks, strict=True)
    squares = np.stack([align(photo, stable_points(points), side) for photo, points in pairs])
    return to_grey(squares) if channels == 1 else squares


def inner_face(faces: Float[Tensor, "batch channels side side"]) -> Float[Tensor, "batch channels rows columns"]:
    """Brows to chin, without hair and background."""
    top, bottom, left, right = (round(part * faces.shape[-1]) for part in INNER)
    return faces[:, :, top:bottom, left:right]


def scores_of(task: Task, measured: Measured, seed: int) -> dict[str, Score]:
    """Every score that `measured` allows, by its column of the table; people are drawn again, not pairs."""
    scores = {}
    for column, (needs, statistic) in STATISTICS.items():
        values = [measured[name] for name in needs if name in measured]
        known = ~np.isnan(values).any(axis=0) if len(values) == len(needs) else np.zeros(len(task.cases), bool)
        if known.any():
            cases = [task.cases[number] for number in np.flatnonzero(known)]
            rows = by_person(cases, np.column_stack(values)[known])
            low, high = bootstrap_interval(rows, seed, statistic, DRAWS)
            scores[column] = Score(statistic(rows), low, high, len(cases))
    return scores


def by_person(cases: Sequence[Case], values: Float[np.ndarray, "cases n"]) -> Float[np.ndarray, "people n1"]:
    """The sums over each person's cases, and how many these are in the last column."""
    people = np.array([case.source.person for case in cases])
    values = np.column_stack([values, np.ones(len(values))])
    return np.stack([values[people == person].sum(axis=0) for person in np.unique(people)])


def _gain(rows: np.ndarray) -> float:
    error, untouched, _ = rows.sum(axis=0)
    return float(1 - error / max(untouched, 1e-12))


def _ratio(rows: np.ndarray) -> float:
    over, under, _ = rows.sum(axis=0)
    return float(over / max(under, 1e-12))


def _mean(rows: np.ndarray) -> float:
    total, count = rows.sum(axis=0)
    return float(total / count)


# By column of the table: what it is made of, and how.
STATISTICS: Mapping[str, tuple[tuple[str, ...], Callable[[np.ndarray], float]]] = {
    **{f"{name} gain": ((name, f"{name}, untouched"), _gain) for name in ("mouth", "brows", "eyes")},
    "L1 gain": (("l1", "l1, untouched"), _gain),
    "size": (("motion", "true motion"), _ratio),
    "cosine": (("cosine",), _mean),
    "AKD": (("inner face",), _mean),
    "APD": (("pose",), _mean),
    "L1": (("l1",), _mean),
    "SSIM": (("ssim",), _mean),
    "PSNR": (("psnr",), _mean),
    "perceptual distance": (("perceptual",), _mean),
    "identity distance": (("to source",), _mean),
    "identity distance to the truth": (("to truth",), _mean),
    "CSIM": (("csim",), _mean),
    "mouth sharpness": (("sharpness", "true sharpness"), _ratio),
    "read by the judge": (("judge",), _mean),
    "true picture read by it": (("judge of the truth",), _mean),
    "read by shape": (("shapes",), _mean),
    "read by its teacher": (("teacher",), _mean),
    "teacher minus judges": (("gap",), _mean),
}


def _grey_inner(photos: Sequence[np.ndarray], landmarks: np.ndarray) -> Float[Tensor, "cases 1 128 96"]:
    return inner_face(to_tensor(squares_of(photos, landmarks, GREY_SIDE, 1), 1))


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(axis=1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))
