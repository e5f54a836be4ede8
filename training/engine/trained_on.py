"""Whose pictures taught a checkpoint: what a run really read, and what stands behind the models it learned from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.data.named_sets import split_name
from fer_demo.errors import DataError
from fer_demo.outputs import write_whole
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.model import CONFIG_FILE
from training.engine.recipe import Recipe
from training.engine.run_folder import checkpoint_folder, read_json

TRAINED_ON_FILE = "taught_by.json"  # beside the weights
_PICTURES = {"ck+": "ckplus", "ferplus": "fer2013", None: "own"}  # sets whose pictures are recorded by another name


@dataclass(frozen=True)
class TrainedOn:
    """The pictures that taught a checkpoint, by set (keys of DATA_SETS)."""

    faces: Mapping[str, int] = field(default_factory=dict)  # how many it learned from itself
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the sets behind each model it learned from

    @property
    def sets(self) -> set[str]:
        """All sets, those behind its teachers included."""
        return {*self.faces, *(name for sets in self.models.values() for name in sets)}

    def write(self, folder: Path) -> None:
        """Record it beside a checkpoint's weights."""
        text = json.dumps({"faces": dict(self.faces), "models": dict(self.models)}, indent=2)
        write_whole(folder / TRAINED_ON_FILE, text + "\n")

    @classmethod
    def read(cls, folder: Path) -> TrainedOn:
        """What `write` wrote.

        Raises: DataError if nobody recorded it.
        """
        path = folder / TRAINED_ON_FILE
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(values["faces"], {name: tuple(sets) for name, sets in values["models"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"{path} does not say which pictures taught this checkpoint ({error}). Train it again."
            ) from error


def pictures_of(named: str) -> str:
    """The key of DATA_SETS of a set named as SET:PATH; a path alone is a set of one's own."""
    name, _ = split_name(named)
    return _PICTURES.get(name, str(name))


def under_their_names(read: Mapping[str, int], named: Mapping[str, str | None]) -> dict[str, int]:
    """How many faces of each set were read, where sets named as SET:PATH stood in place of those the recipe knows."""
    counts: dict[str, int] = {}
    for known, count in read.items():
        text = named.get(known)
        name = known if text is None else pictures_of(text)
        counts[name] = counts.get(name, 0) + count
    return {name: count for name, count in counts.items() if count}


def models_behind(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """The sets behind every checkpoint that a recipe's settings name, as a start, a guide or a teacher.

    Raises: DataError if one of them does not say whose pictures taught it.
    """
    behind = {}
    for name in _named(dataclasses.asdict(recipe)):
        bundled = name in MODELS
        folder = BUNDLED_FOLDER / name if bundled else checkpoint_folder(Path(name))
        if bundled or (folder / CONFIG_FILE).is_file():
            behind[name if bundled else "/".join(folder.parts[-2:])] = tuple(sorted(sets_behind(folder)))
    return behind


def sets_behind(folder: Path) -> set[str]:
    """The sets that taught the checkpoint in this folder: as its run recorded them, or as its evaluation says.

    Raises: DataError if neither can be read.
    """
    if (folder / TRAINED_ON_FILE).is_file() or not (folder / EVALUATION_FILE).is_file():
        return TrainedOn.read(folder).sets
    sets = read_json(folder / EVALUATION_FILE, dict).get("trained_on")
    if not isinstance(sets, list):
        raise DataError(
            f"{folder / EVALUATION_FILE} does not say which sets taught this checkpoint. Evaluate it again."
        )
    return set(sets)


def _named(value: Any) -> Iterator[str]:
    """Every word and path among a recipe's settings."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _named(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _named(part)
    elif isinstance(value, str | Path):
        yield str(value)
