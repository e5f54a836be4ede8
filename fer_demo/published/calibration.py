"""From logits to probabilities and prediction sets that can be held to their word; travels with the weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from fer_demo.errors import CheckpointError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.metrics.conformal import set_scores
from fer_demo.outputs import write_whole

CALIBRATION_FILE = "calibration.json"
COVERAGES = (0.8, 0.9, 0.95)  # what a person can ask of a prediction set
SIZE_LIMIT = 100_000  # bytes
_OPTIONAL = frozenset({"habit", "votes"})  # what a file may lack


@dataclass(frozen=True)
class Calibration:
    """Temperature and conformal thresholds of one head, fitted on a validation cut, never on a test split.

    That of the label holds that of the votes, where the network has such a head.
    """

    temperature: float  # the mean logits of a face and its mirror image are divided by it (Guo et al. 2017)
    thresholds: Mapping[float, float]  # coverage -> the largest score a class in the set may have
    expressions: tuple[str, ...]  # order of the probabilities it was fitted for
    fitted_on: str  # the faces, in words
    count: int  # how many of them
    # What a share is divided by before the largest gives the one name of a face: how readily people name each
    # expression whatever they see. Empty: nothing.
    habit: tuple[float, ...] = ()
    votes: Calibration | None = None  # of the shares of people who would name each expression

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise CheckpointError(f"A temperature is a number above 0, not {self.temperature}.")
        if not self.thresholds or not all(0 < c < 1 and 0 <= t <= 1 for c, t in self.thresholds.items()):
            raise CheckpointError(f"Coverages and thresholds are shares of 1, unlike {dict(self.thresholds)}.")
        if len(set(self.expressions)) != len(self.expressions) or len(self.expressions) < 2 or self.count < 1:
            raise CheckpointError("A calibration names at least two different expressions and the faces it comes from.")
        usable = all(math.isfinite(share) and share > 0 for share in self.habit)
        if not usable or len(self.habit) not in (0, len(self.expressions)):
            raise CheckpointError("A habit is a number above 0 for each expression.")
        if self.votes is not None and (self.votes.expressions != WITH_CONTEMPT or self.votes.votes is not None):
            raise CheckpointError(f"Votes are cast for {', '.join(WITH_CONTEMPT)}, in this order.")

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, K) float32 of logits (N, K): softmax(logits / temperature).

        For a face and its mirror image the logits are the mean of both.
        """
        scaled = np.asarray(logits, dtype=np.float64) / self.temperature
        exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)

    def prediction_set(self, probabilities: np.ndarray, coverage: float) -> tuple[int, ...]:
        """The classes that hold the right one this often, most probable first and never none, of probabilities (K,).

        Raises: CheckpointError if no threshold was fitted for this coverage.
        """
        if coverage not in self.thresholds:
            known = ", ".join(f"{value:g}" for value in sorted(self.thresholds))
            raise CheckpointError(f"No prediction set was fitted for coverage {coverage:g}; choose one of {known}.")
        scores = set_scores(np.asarray(probabilities)[None])[0]
        order = np.argsort(-np.asarray(probabilities), kind="stable")
        chosen = tuple(int(index) for index in order if scores[index] <= self.thresholds[coverage])
        return chosen or (int(order[0]),)

    def named(self, probabilities: np.ndarray) -> int:
        """The class that gives a face its one name, of probabilities (K,)."""
        return int(named(probabilities, self.habit))

    def to_json(self) -> str:
        """The text of calibration.json."""
        return json.dumps(self._values(), indent=2) + "\n"

    def _values(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["thresholds"] = {f"{name:g}": value for name, value in self.thresholds.items()}
        values["votes"] = None if self.votes is None else self.votes._values()
        return {name: value for name, value in values.items() if name not in _OPTIONAL or value}

    def save(self, folder: Path) -> None:
        """Write calibration.json into `folder`."""
        write_whole(folder / CALIBRATION_FILE, self.to_json())

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The calibration in `folder`, None if it has none.

        Raises: CheckpointError if the file is not exactly what `save` writes.
        """
        path = folder / CALIBRATION_FILE
        if not path.exists():
            return None
        try:
            if path.stat().st_size > SIZE_LIMIT:
                raise ValueError(f"it is larger than {SIZE_LIMIT} bytes")
            values: Any = json.loads(path.read_text(encoding="utf-8"))
            return cls._of(values)
        except (CheckpointError, OSError, ValueError, TypeError, RecursionError) as error:
            reason = str(error).rstrip(".")
            raise CheckpointError(
                f"{path} cannot be used: {reason}. Delete it and run `python -m training evaluate recognition` again."
            ) from error

    @classmethod
    def _of(cls, values: Any) -> Self:
        """What `_values` gave."""
        known = dict.fromkeys(cls.__dataclass_fields__)
        if not isinstance(values, dict) or not known.keys() - _OPTIONAL <= values.keys() <= known.keys():
            raise ValueError(f"it must hold {', '.join(name for name in known if name not in _OPTIONAL)}")
        return cls(
            temperature=_number(values["temperature"]),
            thresholds={float(name): _number(value) for name, value in dict(values["thresholds"]).items()},
            expressions=tuple(_text(name) for name in values["expressions"]),
            fitted_on=_text(values["fitted_on"]),
            count=_whole(values["count"]),
            habit=tuple(_number(share) for share in values.get("habit", ())),
            votes=None if values.get("votes") is None else cls._of(values["votes"]),
        )


def named(probabilities: np.ndarray, habit: Sequence[float] | np.ndarray) -> np.ndarray:
    """The class that gives each face its one name, of probabilities (..., K): the largest without the habit."""
    return np.argmax(probabilities / np.asarray(habit) if len(habit) else probabilities, axis=-1)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
