"""What each slider of an editor does beside what it should do, on rendered strangers whose true answer is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

from fer_demo.capabilities import Edit
from fer_demo.inference.transfer.editing import SLIDERS, as_photo_editor, slider_direction
from fer_demo.published.model import PublishedModel
from training.evaluation.record import Figure
from training.evaluation.sliders.scenes import SliderScenes
from training.evaluation.sliders.table import COLUMNS, MEAN
from training.evaluation.transfer.scores import interval
from training.evaluation.transfer.table import Score, Scores

OUTSIDE = 0.01  # of the distance between the eyes: landmarks that the truth moves less belong to another region
_STEPS = 20  # until a landmark's new place is found; the field turns over nowhere, so that a few are enough
_HEADLINES = ("purity", "reached", "share of the true change", "movement outside")

# A face and changes of its units, one for each slider -> the edits.
Mover = Callable[[Float[Tensor, "1 1 size size"], Float[Tensor, "sliders 52"]], Edit]


@dataclass(frozen=True)
class SliderReport:
    """The scores of every slider, and of all together."""

    data: str
    people: int
    amount: float
    rows: Mapping[str, Scores]  # by slider, then by column; MEAN is the last

    @property
    def figures(self) -> list[Figure]:
        """Those of all sliders together."""
        return [
            Figure(f"slider {name}", score.value, self.data, score.count, unit, (score.low, score.high))
            for name in _HEADLINES
            for score, unit in ((self.rows[MEAN][name], COLUMNS[name].unit),)
        ]

    @property
    def table(self) -> dict[str, Any]:
        """All rows as JSON, `tables.sliders` of evaluation.json: a score is value, low, high and count."""
        return {
            "people": self.people,
            "amount": self.amount,
            "columns": [{"name": name, **column._asdict()} for name, column in COLUMNS.items()],
            "rows": [
                {"slider": slider, "scores": {name: _rounded(score) for name, score in scores.items()}}
                for slider, scores in self.rows.items()
            ],
        }


def mover_of(model: PublishedModel) -> Mover:
    """A model's own way to move sliders.

    Raises: CheckpointError if it has none.
    """
    editor = as_photo_editor(model)

    def move(face: Tensor, changes: Tensor) -> Edit:
        own = editor.expression_code(face).expand(len(changes), -1)
        return editor.edit(face.expand(len(changes), -1, -1, -1), own + changes, own)

    return move


@torch.inference_mode()
def slider_report(move: Mover, scenes: SliderScenes, seed: int) -> SliderReport:
    """Move every slider on every face; the seed is the bootstrap's."""
    changes = torch.from_numpy(scenes.amount * np.stack([slider_direction(name) for name in SLIDERS]))
    measured = [_measure(move(face[None], changes), scenes, person) for person, face in enumerate(scenes.sources)]
    values = {name: np.stack([one[name] for one in measured]) for name in measured[0]}
    rows = {
        slider: {name: _score(part[:, [place]], seed) for name, part in values.items()}
        for place, slider in enumerate(SLIDERS)
    }
    together = {name: _score(part, seed) for name, part in values.items()}
    people = len(scenes.sources)
    data = f"{people} rendered strangers, {len(SLIDERS)} sliders by {scenes.amount:g}"
    return SliderReport(data, people, scenes.amount, rows | {MEAN: together})


def _measure(edit: Edit, scenes: SliderScenes, person: int) -> dict[str, np.ndarray]:
    """(sliders, 2) of every column for one person: a numerator and a denominator."""
    source = scenes.sources[person].flatten().double().numpy()
    truth = scenes.truth[person].flatten(1).double().numpy()
    result = edit.result.flatten(1).double().numpy()
    changed, should = result - source, truth - source
    points, moved = scenes.points[person], scenes.moved[person]
    went = displacements(edit.flow, points, scenes.sources.shape[-1])
    eyes = float(np.linalg.norm(points[36:42].mean(axis=0) - points[42:48].mean(axis=0)))
    inside = np.linalg.norm(moved, axis=-1) >= OUTSIDE * eyes
    lengths = 100 * np.linalg.norm(went, axis=-1) / eyes
    return {
        "purity": _of_one(own_share(changed, should)),
        "reached": np.stack([(changed * should).sum(axis=1), (should**2).sum(axis=1)], axis=1),
        "share of the true change": np.stack(
            [np.abs(should).sum(axis=1) - np.abs(result - truth).sum(axis=1), np.abs(should).sum(axis=1)], axis=1
        ),
        "movement reached": np.stack(
            [((went * moved).sum(axis=-1) * inside).sum(axis=1), ((moved**2).sum(axis=-1) * inside).sum(axis=1)], axis=1
        ),
        "movement inside": np.stack([(lengths * inside).sum(axis=1), inside.sum(axis=1)], axis=1),
        "true movement inside": np.stack(
            [(100 * np.linalg.norm(moved, axis=-1) / eyes * inside).sum(axis=1), inside.sum(axis=1)], axis=1
        ),
        "movement outside": np.stack([(lengths * ~inside).sum(axis=1), (~inside).sum(axis=1)], axis=1),
    }


def own_share(
    changed: Float[np.ndarray, "sliders pixels"], should: Float[np.ndarray, "sliders pixels"]
) -> Float[np.ndarray, " sliders"]:
    """How much of each change is what its own slider does; 0 if nothing changed, or only backwards.

    A change is read by least squares as so much of every slider's true change; each part counts by the grey levels
    that it stands for.
    """
    amounts = np.linalg.lstsq(should.T, changed.T, rcond=None)[0].T  # row i: how much of each slider is in change i
    parts = amounts * np.linalg.norm(should, axis=1)
    total = np.abs(parts).sum(axis=1)
    return np.divide(np.diag(parts).clip(0), total, out=np.zeros(len(parts)), where=total > 0)


def displacements(
    flow: Float[Tensor, "edits 2 rows columns"], points: Float[np.ndarray, "68 2"], size: int
) -> Float[np.ndarray, "edits 68 2"]:
    """Where an edit's field takes the landmarks, in pixels.

    The result shows at p what the source shows at p + flow(p), so a landmark q goes to the p with p + flow(p) = q.
    """
    wanted = torch.from_numpy(points / size * 2 - 1).float().expand(len(flow), -1, -1)
    place = wanted
    for _ in range(_STEPS):
        field = grid_sample(flow.float(), place[:, :, None], padding_mode="border", align_corners=False)
        place = wanted - field[..., 0].transpose(1, 2)
    return ((place - wanted) * size / 2).double().numpy()


def _of_one(shares: np.ndarray) -> np.ndarray:
    return np.stack([shares, np.ones_like(shares)], axis=1)


def _score(values: Float[np.ndarray, "people sliders 2"], seed: int) -> Score:
    """The mean of a share, or a ratio of sums, with the interval over people."""
    score = interval(values, seed, _ratio)
    return Score(score.value, score.low, score.high, values.shape[0] * values.shape[1])


def _ratio(values: np.ndarray) -> float:
    above, below = values.reshape(-1, 2).sum(axis=0)
    return float(above / below) if below > 0 else 0.0


def _rounded(score: Score) -> list[float]:
    return [*(round(value, 5) for value in (score.value, score.low, score.high)), score.count]
