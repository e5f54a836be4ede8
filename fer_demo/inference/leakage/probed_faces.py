"""Which faces are probed, and what a probe must know of them: the bundled ones, some of them, or some of any map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.inference.leakage.probe_codes import ProbeCodes
from fer_demo.inference.leakage.probe_targets import PERSON, Target, target_of, target_of_labels
from fer_demo.inference.leakage.probing import Plan

ALL_FACES = "all faces"
SELECTED = "selected on the maps"
_FACING = 10.0  # degrees
_STRONG = 0.6  # intensity
_FEW = 20  # people
_MOST = 2000  # faces of a map that are probed at once; more take longer than anybody waits


@dataclass(frozen=True, eq=False)
class ProbedFaces:
    """N faces and what a probe must know of them."""

    which: str  # in words
    target: Target
    people: list[Any]  # None where nobody is named
    codes: Mapping[str, np.ndarray]  # (N, D) by name

    def words(self, plan: Plan) -> str:
        """On which faces a probe ran."""
        named = all(self.people[row] is not None for row in plan.rows)
        tested = f"Tested on {self.which}" + (f", of {int(plan.people.max()) + 1} people." if named else ".")
        left_out = len(self.people) - len(plan.rows)
        if not left_out:
            return tested
        return f"{tested} {left_out:,} are left out: their {self.target.name} is not known, or only one face shows it."


def bundled_faces(
    source: FaceSource, codes: ProbeCodes, target: str, name: str = ALL_FACES, keys: Sequence[str] = ()
) -> ProbedFaces:
    """The bundled faces that go by a name; `keys` are those of the faces selected on the maps.

    Raises: DataError if there is no such choice or label.
    """
    rows = probed_rows(source, name, keys)
    people = source.column(PERSON)
    return ProbedFaces(
        which=ALL_FACES if name == ALL_FACES else f"{len(rows):,} of {len(source):,} faces ({name})",
        target=target_of(source, codes.brightness, target).select(rows),
        people=[people[row] for row in rows],
        codes={code: values[rows] for code, values in codes.codes.items()},
    )


def faces_of_map(table: EmbeddingTable, name: str, target: str, keys: Sequence[str]) -> ProbedFaces:
    """Selected faces of any map, by the codes and labels that its table keeps; of very many only some, evenly spread.

    Raises: DataError if the table has no such faces or label.
    """
    selected = [row for key in keys if (row := table.row_of_key.get(key)) is not None]
    if not selected:
        raise DataError("The selected faces are no longer on the map; select some again.")
    rows = np.array(sorted(selected))[np.unique(np.linspace(0, len(selected) - 1, _MOST).round().astype(np.int64))]
    people = table.labels.get(PERSON, [None] * len(table))
    spread = f", evenly spread over {len(selected):,}" if len(rows) < len(selected) else ""
    return ProbedFaces(
        which=f"{len(rows):,} of {len(table):,} faces ({SELECTED}{spread}), by the codes of the map “{name}”",
        target=target_of_labels(table.labels, target).select(rows),
        people=[people[row] for row in rows],
        codes={space: table.space(space).codes[rows] for space in table.info.spaces},
    )


@lru_cache(maxsize=2)
def selections(source: FaceSource) -> Mapping[str, np.ndarray]:
    """Rows of the faces that can be asked about, by what they have in common."""
    poses = [np.zeros(3) if pose is None else pose for pose in source.column("head_pose")]
    facing = np.abs(np.stack(poses)[:, :2]).max(axis=1) < _FACING
    intensities = source.column("intensity") if "intensity" in source.columns else [1.0] * len(source)
    strong = np.array([value is not None and value >= _STRONG for value in intensities])
    neutral = np.array([expression == "neutral" for expression in source.column("expression")])
    people = sorted({str(person) for person in source.column("person")})[:_FEW]
    few = np.array([str(person) in people for person in source.column("person")])
    kept = {
        ALL_FACES: np.ones(len(source), bool),
        "turned to the camera": facing,
        "strong expressions": strong,
        "neutral faces": neutral,
        f"{_FEW} people only": few,
    }
    return {name: np.flatnonzero(mask) for name, mask in kept.items()}


def probed_rows(source: FaceSource, name: str, keys: Sequence[str]) -> np.ndarray:
    """Rows of the faces that go by the name; `keys` are those of the faces selected on the maps.

    Raises: DataError if there is no such choice.
    """
    if name == SELECTED and keys:
        wanted = set(keys)
        return np.array([row for row, key in enumerate(source.column("key")) if key in wanted], np.int64)
    known = selections(source)
    if name not in known:
        raise DataError("That choice is no longer there; reload the page and choose again.")
    return known[name]
