"""The mean of several checkpoints' weights, for a network and what it became when it learnt something further.

Between the two the loss has no ridge as long as one started from the other, and their mean often keeps what the first
knew and most of what the second learnt (Wortsman et al. 2022, WiSE-FT; the same group's model soups).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro
from torch import Tensor

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel
from training.engine.run_folder import BEST_FOLDER, RECIPE_FILE, checkpoint_folder, read_recipe
from training.engine.trained_on import TrainedOn, sets_behind


@dataclass(frozen=True)
class AverageSettings:
    """Whose weights to average, and where to write the result."""

    runs: tyro.conf.Positional[tuple[Path, ...]]  # folders of runs (their best is taken) or of checkpoints
    out: Path  # folder to write: it can be evaluated and published as a run can
    shares: tuple[float, ...] = ()  # of each; none: all alike

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise SettingsError("Name at least two runs whose weights shall be averaged.")
        if self.shares and (len(self.shares) != len(self.runs) or min(self.shares) < 0 or sum(self.shares) <= 0):
            raise SettingsError(f"Give --shares a number of at least 0 for each of the {len(self.runs)} runs.")


def average(settings: AverageSettings) -> Path:
    """Write the averaged model and the settings of the last run, which say what was averaged; return the folder.

    Raises: CheckpointError if the models differ in shape, or a run has no settings to state.
    """
    folders = [checkpoint_folder(run) for run in settings.runs]
    models = [load_model(str(folder)) for folder in folders]
    shares = settings.shares or (1.0,) * len(models)
    mean = averaged(models, [share / sum(shares) for share in shares])
    recipe = read_recipe(folders[-1].parent) | {
        "averaged": [str(folder) for folder in folders],
        "shares": [round(share / sum(shares), 4) for share in shares],
    }
    mean.save(settings.out / BEST_FOLDER)
    TrainedOn(models={str(folder): tuple(sorted(sets_behind(folder))) for folder in folders}).write(
        settings.out / BEST_FOLDER
    )
    write_whole(settings.out / RECIPE_FILE, json.dumps(recipe, indent=2) + "\n")
    return settings.out


def averaged(models: Sequence[PublishedModel], shares: Sequence[float]) -> PublishedModel:
    """The first model with the mean of all weights; integers stay the first one's.

    Raises: CheckpointError if the models differ in class or settings.
    """
    first = models[0]
    if any(type(model) is not type(first) or model.config != first.config for model in models):
        raise CheckpointError("Only checkpoints of one network with the same settings can be averaged.")
    states = [model.state_dict() for model in models]

    def mean(name: str, own: Tensor) -> Tensor:
        if not own.is_floating_point():
            return own
        return torch.stack([state[name] * share for state, share in zip(states, shares, strict=True)]).sum(dim=0)

    first.load_state_dict({name: mean(name, own) for name, own in states[0].items()})
    first.calibration = None  # it belongs to the weights it was fitted to
    return first
