"""What a run's folder holds, by name: checkpoints and settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fer_demo.errors import DataError

BEST_FOLDER = "best"  # the checkpoint to publish
LAST_FOLDER = "last"  # the newest one
RECIPE_FILE = "recipe.json"  # settings, as the run was started with them
MAP_FILE = "map.parquet"  # the latent map that evaluation fits for a model with codes


def checkpoint_folder(run: Path) -> Path:
    """The best checkpoint of a run; a checkpoint's folder is its own."""
    best = run / BEST_FOLDER
    return best if best.is_dir() else run


def read_recipe(run: Path) -> dict[str, Any]:
    """The settings of a run.

    Raises: DataError if the folder holds none.
    """
    path = run / RECIPE_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}). Give the folder of a training run.") from error
    if not isinstance(values, dict):
        raise DataError(f"{path} holds no settings. Give the folder of a training run.")
    return values
