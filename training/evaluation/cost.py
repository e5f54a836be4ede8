"""What a model costs: its values, the time of one answer on one core, and the training that its run has on record."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import tyro

from fer_demo.checkpoints import CAPABILITY
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.transfer.leaderboard import COST, FLOP, MINUTES, PARAMETERS, TIME
from fer_demo.inference.transfer.transfer import direction_to, edited
from fer_demo.published.model import PublishedModel
from training.engine.operations import NOT_COUNTED
from training.engine.run_folder import read_chain
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.record import EVALUATION_FILE, Figure

# A stage as a card has it; runs before FLOP were counted have no such column.
_STAGE = re.compile(r"^\| \w+ \| ([\d,]+) \| ([\d,.]+) \|(?: (\S+) \|)? `[0-9a-f]+` \|$", re.MULTILINE)
EXPRESSION = "happy"  # of the edit that is timed


class StageCost(NamedTuple):
    """What a stage of a run cost."""

    images: int
    minutes: float
    flop: float  # floating-point operations; 0 where they were not counted


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
        images, where = sum(stage.images for stage in stages), "all stages of its run, as they were recorded"
        found.append(Figure(MINUTES, sum(stage.minutes for stage in stages), where, images, "minutes"))
        if all(stage.flop for stage in stages):
            found.append(Figure(FLOP, sum(stage.flop for stage in stages), where, images))
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


def stages_on_record(run: Path) -> list[StageCost]:
    """What every stage of a run cost, or those that the card of a published checkpoint states."""
    chain: list[dict[str, Any]] = read_chain(run)
    if chain:
        return [StageCost(int(one["images"]), float(one["minutes"]), float(one.get("flop", 0))) for one in chain]
    card = run / "README.md"
    rows = _STAGE.findall(card.read_text(encoding="utf-8")) if card.is_file() else []
    return [
        StageCost(
            int(images.replace(",", "")),
            float(minutes.replace(",", "")),
            0.0 if flop in ("", NOT_COUNTED) else float(flop),
        )
        for images, minutes, flop in rows
    ]
