"""One part of a model's evaluation: which model is meant, and joining what was found with the rest of its file."""

from __future__ import annotations

import datetime
import json
import platform
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import torch

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.errors import DataError
from fer_demo.published.model import PublishedModel
from training.engine.run_folder import RECIPE_FILE, checkpoint_folder, read_recipe
from training.engine.trained_on import sets_behind
from training.evaluation.record import DATA_SETS, Evaluation, Figure, Measurement

_CARD_SETTINGS = re.compile(r"^Settings of the (?:run|last stage):\n\n```json\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def place_of(run: str) -> Path:
    """The folder of a run, a checkpoint or a bundled model."""
    bundled = BUNDLED_FOLDER / run
    return bundled if run in MODELS and bundled.is_dir() else Path(run)


def beside(folder: Path, name: str, bundled: Path) -> Path:
    """Where a file that belongs to a checkpoint is kept: in its folder; of a bundled one, where those of all are."""
    return bundled / f"{folder.name}{Path(name).suffix}" if folder.parent == BUNDLED_FOLDER else folder / name


def open_model(run: Path) -> tuple[Path, PublishedModel]:
    """The folder of a run's best checkpoint, and what is in it."""
    folder = checkpoint_folder(run)
    return folder, load_model(str(folder))


def recipe_of(run: Path) -> dict[str, Any]:
    """The settings of a run, or those that the card of a published checkpoint states; none for any other folder."""
    if (run / RECIPE_FILE).exists():
        return read_recipe(run)
    card = run / "README.md"
    stated = _CARD_SETTINGS.search(card.read_text(encoding="utf-8")) if card.is_file() else None
    return {} if stated is None else dict(json.loads(stated[1]))


def write_part(
    path: Path,
    model: PublishedModel,
    part: str,
    run: Path,
    seed: int,
    found: list[Figure],
    tables: dict[str, Any],
    options: str,
) -> Evaluation:
    """Join the part with what the file says of the same weights, write it and print its figures."""
    assert model.origin is not None  # load_model always sets it
    words = ["python", "-m", "training", "evaluate", part.partition(",")[0], run.name, *options.split()]
    now = Measurement(
        command=shlex.join([*words, *(["--seed", str(seed)] if seed else [])]),
        seed=seed,
        date=datetime.date.today().isoformat(),
        machine=f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}",
    )
    fresh = Evaluation(model.origin.sha256, _trained_on(path.parent), {part: now}, tuple(found), tables)
    evaluation = fresh.joined(_earlier(path))
    evaluation.write(path)
    for figure in found:
        print(f"{figure.shown:>28}  {figure.name}  [{figure.data}, {figure.count}]", file=sys.stdout)
    return evaluation


def _earlier(path: Path) -> Evaluation | None:
    """What the file says already; a file that cannot be read is replaced."""
    try:
        return Evaluation.read(path)
    except DataError:
        return None


def _trained_on(folder: Path) -> tuple[str, ...]:
    trained_on = sets_behind(folder)
    return tuple(name for name in DATA_SETS if name in trained_on)
