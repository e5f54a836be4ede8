"""What was measured about how far a model keeps person and expression apart: one table of its evaluation file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.errors import CheckpointError
from fer_demo.inference.leakage.probe_codes import TITLES
from fer_demo.inference.leakage.probing import Plan, ProbeScore
from fer_demo.published.model import PublishedModel

TABLE = "disentanglement"  # its name among the tables, of the bundled faces
FACTORIAL = "disentanglement, factorial"  # the same of people who all show the same expressions
PROBED_DIMS = 32  # principal dimensions of every code that probes and metrics see, so that none wins by its size
BOTH, NOISE = "both", "noise"
CODE_TITLES: Mapping[str, str] = {BOTH: "both codes", **TITLES, NOISE: "random numbers"}
METRICS: Mapping[str, str] = {  # name -> what 1 means; 0 is the worst
    "DCI disentanglement": "each number of the code matters to one thing alone",
    "DCI completeness": "each thing needs one number of the code alone",
    "DCI informativeness": "everything can be told from the code",
    "MIG": "one number of the code tells all of a thing, the next nothing",
    "SAP": "one number predicts a thing, the next does no better than chance",
    "FactorVAE score": "the number that stands still names the thing that was held",
    "IRS": "a number stays put whatever else changes",
    "modularity": "each number tells of one thing alone",
}


@dataclass(frozen=True)
class Leak:
    """A label read from one code by a linear probe."""

    code: str  # one of CODE_TITLES
    score: float  # accuracy
    low: float  # 95 % interval over people
    high: float
    control: float  # with shuffled labels


@dataclass(frozen=True)
class Leaks:
    """One label read from every code."""

    target: str
    chance: float
    readings: tuple[Leak, ...]

    def of(self, code: str) -> Leak | None:
        """The reading of one code."""
        return next((leak for leak in self.readings if leak.code == code), None)


@dataclass(frozen=True)
class Difference:
    """How much more of a label is read from one code than from another."""

    target: str
    code: str
    other: str
    value: float
    low: float  # 95 % interval over people
    high: float

    @property
    def finding(self) -> str:
        """The plain finding, as a sentence."""
        less = "less" if self.high < 0 else "more" if self.low > 0 else "neither clearly less nor clearly more"
        return (
            f"The {CODE_TITLES[self.code]} tells {less} about the {self.target} than {_owner(self.other)} "
            f"({100 * self.value:+.1f} percentage points, {100 * self.low:+.1f} to {100 * self.high:+.1f})."
        )


@dataclass(frozen=True)
class Disentanglement:
    """All that was measured on one set of faces."""

    data: str
    faces: int
    dims: int  # principal dimensions of a code that the metrics saw
    factors: tuple[str, ...]
    scores: Mapping[str, Mapping[str, float]]  # by code, then by metric
    leaks: tuple[Leaks, ...]
    differences: tuple[Difference, ...]

    def leaks_of(self, target: str) -> Leaks | None:
        """The readings of one label."""
        return next((leaks for leaks in self.leaks if leaks.target == target), None)

    def table(self) -> dict[str, Any]:
        """All of it as JSON, shares rounded to 5 digits."""
        return _rounded(dataclasses.asdict(self))


def leaks_of(plan: Plan, scores: Sequence[ProbeScore]) -> Leaks:
    """What probes found, without what they found of each face."""
    found = (Leak(one.code, one.score, one.low, one.high, one.control) for one in scores)
    return Leaks(plan.target.name, plan.chance, tuple(found))


def disentanglement_from(table: Mapping[str, Any]) -> Disentanglement:
    """What `table` wrote.

    Raises: CheckpointError if it is anything else.
    """
    try:
        leaks = tuple(
            Leaks(str(one["target"]), float(one["chance"]), tuple(Leak(**reading) for reading in one["readings"]))
            for one in table["leaks"]
        )
        differences = tuple(Difference(**one) for one in table["differences"])
        kept = {name: table[name] for name in ("data", "faces", "dims", "scores")}
        known = set(CODE_TITLES)
        named = {*kept["scores"], *(leak.code for one in leaks for leak in one.readings)}
        if not named <= known:
            raise ValueError(f"unknown codes {sorted(named - known)}")
        return Disentanglement(**kept, factors=tuple(table["factors"]), leaks=leaks, differences=differences)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(
            f"The table of disentanglement cannot be used ({error}). Run `python -m training evaluate disentanglement` "
            "again."
        ) from error


def measured_disentanglement(name: str, model: PublishedModel) -> Disentanglement | None:
    """The table of an evaluation of exactly these bundled weights, None if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    return bundled_evaluation(
        name, model, "disentanglement", lambda tables: disentanglement_from(tables[TABLE]) if TABLE in tables else None
    )


def _owner(code: str) -> str:
    """A code within a sentence, after "than"."""
    return {
        "pixels": "raw pixels",
        "classifier": "the features of a plain classifier",
        "probabilities": "the seven probabilities",
    }.get(code, f"the {CODE_TITLES[code]}")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
