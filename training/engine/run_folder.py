"""What the folder of a run or of one of its stages holds, by name: checkpoints, settings and the chain of stages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from fer_demo.errors import DataError, SettingsError

Kind = TypeVar("Kind")

BEST_FOLDER = "best"  # the checkpoint to publish
LAST_FOLDER = "last"  # the newest one
RECIPE_FILE = "recipe.json"  # settings, as the run was started with them; of a run in stages the last one's
ENDED_FILE = "ended.json"  # of a stage that has come to its end: images, minutes, FLOP, hash of its best weights
STAGES_FILE = "stages.json"  # of a run in stages: each one's name, ENDED_FILE and settings, in order
LOCK_FILE = ".lock"  # held by the training that is at work
MAP_FILE = "map.parquet"  # the latent map that evaluation fits for a model with codes


def checkpoint_folder(run: Path) -> Path:
    """The best checkpoint of a run; a checkpoint's folder is its own."""
    best = run / BEST_FOLDER
    return best if best.is_dir() else run


def make_folder(folder: Path) -> None:
    """A folder to write to.

    Raises: SettingsError if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The folder {folder} cannot be made ({error.strerror}); choose another --out.") from error


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Keep every other training out of a run's folder; one that is killed lets go of it.

    Raises: SettingsError if another is at work there, or the folder cannot be made.
    """
    make_folder(run)
    lock = FileLock(run / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SettingsError(
            f"Another training is at work in {run}; wait for its end, or choose another --out."
        ) from None
    try:
        yield
    finally:
        lock.release()


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
