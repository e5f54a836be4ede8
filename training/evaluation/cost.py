"""What a model costs: its values, the time of one answer on one core, and the training that its run has on record."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import tyro

from fer_demo.checkpoints import CAPABILITY
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.transfer.leaderboard import COST, MINUTES, PARAMETERS, TIME
from fer_demo.inference.transfer.transfer import direction_to, edited
from fer_demo.published.model import PublishedModel
from training.engine.run_folder import read_chain
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.record import EVALUATION_FILE, Figure

_STAGE = re.compile(r"^\| \w+ \| ([\d,]+) \| ([\d,.]+) \| `[0-9a-f]+` \|$", re.MULTILINE)  # as a card has its stages
EXPRESSION = "happy"  # of the edit that is timed


@dataclass(frozen=True)
class CostSettings:
    """Which editor to time."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    edits: int = 20  # that are timed, after a first one that is not

    def __post_init__(self) -> None:
        if self.edits < 3:
            raise SettingsError("Give --edits 3 or more.")


def evaluate_cost(settings: CostSettings) -> Path:
    """Write evaluation.json beside the weights; needs no data.

    Raises: CheckpointError if the model edits no faces.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if not isinstance(model, CAPABILITY["transfer"]):
        raise CheckpointError(f"{settings.run} holds a {type(model).__name__}, which edits no faces.")
    milliseconds = time_of_an_edit(model, settings.edits)
    found = [
        Figure(PARAMETERS, model.parameter_count(), "the published networks", 1),
        Figure(TIME, statistics.median(milliseconds), "a bundled synthetic face", len(milliseconds), "ms"),
    ]
    stages = stages_on_record(run)
    if stages:
        total = sum(minutes for _, minutes in stages)
        images = sum(images for images, _ in stages)
        found.append(Figure(MINUTES, total, "all stages of its run, as they were recorded", images, "minutes"))
    else:
        print(f"{MINUTES}: not known; the run kept no record of its stages.")
    path = folder / EVALUATION_FILE
    write_part(path, model, COST, run, 0, found, {}, f"--edits {settings.edits}")
    return path


@torch.inference_mode()
def time_of_an_edit(model: PublishedModel, edits: int) -> list[float]:
    """Milliseconds of one thread's work on an edit by name, of an aligned face; others on the machine do not count."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        crop, taken = FaceCrop(load_bundled()[0].image, None), []
        for _ in range(edits + 1):
            start = time.process_time()
            edited(model, direction_to(model, crop, EXPRESSION), 1.0)
            taken.append(1000 * (time.process_time() - start))
    finally:
        torch.set_num_threads(before)
    return taken[1:]


def stages_on_record(run: Path) -> list[tuple[int, float]]:
    """Images and minutes of every stage of a run, or those that the card of a published checkpoint states."""
    chain: list[dict[str, Any]] = read_chain(run)
    if chain:
        return [(int(stage["images"]), float(stage["minutes"])) for stage in chain]
    card = run / "README.md"
    rows = _STAGE.findall(card.read_text(encoding="utf-8")) if card.is_file() else []
    return [(int(images.replace(",", "")), float(minutes.replace(",", ""))) for images, minutes in rows]
