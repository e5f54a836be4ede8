"""What the folder of a run or of one of its stages holds, by name: checkpoints, settings and the chain of stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from fer_demo.errors import DataError

Kind = TypeVar("Kind")

BEST_FOLDER = "best"  # the checkpoint to publish
LAST_FOLDER = "last"  # the newest one
RECIPE_FILE = "recipe.json"  # settings, as the run was started with them; of a run in stages the last one's
ENDED_FILE = "ended.json"  # of a stage that has come to its end: images, minutes, hash of its best weights
STAGES_FILE = "stages.json"  # of a run in stages: each one's name, ENDED_FILE and settings, in order
MAP_FILE = "map.parquet"  # the latent map that evaluation fits for a model with codes


def checkpoint_folder(run: Path) -> Path:
    """The best checkpoint of a run; a checkpoint's folder is its own."""
    best = run / BEST_FOLDER
    return best if best.is_dir() else run


def read_json(path: Path, kind: type[Kind]) -> Kind:
    """What a JSON file of a run holds.

    Raises: DataError if it is missing, empty, cut off or of another kind.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path} cannot be read ({error}). Give the folder of a training run; if this is one, take the file from a "
            "backup, or remove its folder and train it again."
        ) from error
    if not isinstance(values, kind):
        raise DataError(f"{path} holds something else than a run writes there. Give the folder of a training run.")
    return values


def read_chain(run: Path) -> list[dict[str, Any]]:
    """The stages of a run, in order, each with its images, minutes, hash and settings; none if it has none.

    Raises: DataError if the file is damaged.
    """
    path = run / STAGES_FILE
    chain: list[Any] = read_json(path, list) if path.is_file() else []
    if not all(isinstance(stage, dict) and isinstance(stage.get("stage"), str) for stage in chain):
        raise DataError(f"{path} does not name the stages of a run; remove it and train the run again to its end.")
    return chain


def last_stage_folder(run: Path) -> Path:
    """The folder of the last stage of a run; a run without stages is its own."""
    chain = read_chain(run)
    return run / str(chain[-1]["stage"]) if chain else run


def read_recipe(run: Path) -> dict[str, Any]:
    """The settings of a run.

    Raises: DataError if the folder holds none.
    """
    return read_json(run / RECIPE_FILE, dict)
