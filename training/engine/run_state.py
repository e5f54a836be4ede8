"""The state of a run on disk: written atomically, read back strictly."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

import torch

from fer_demo.errors import CheckpointError
from fer_demo.outputs import write_whole
from training.engine.objective import Objective
from training.engine.operations import Operations

STATE_FILE = "state.pt"


@dataclass
class Position:
    """How far a run has come."""

    step: int = 0
    images: int = 0
    best_score: float = float("-inf")
    seconds: float = 0.0  # of work, as far as it was saved
    operations: Operations = field(default_factory=Operations)


def save_state(objective: Objective, position: Position, folder: Path) -> None:
    """Replace the run's state file in one move, so that a kill leaves the old or the new one."""
    state = {
        "position": asdict(position),
        "networks": {name: network.state_dict() for name, network in objective.networks.items()},
        "averages": {name: average.average.state_dict() for name, average in objective.averages.items()},
        "optimizers": {name: optimizer.state_dict() for name, optimizer in objective.optimizers.items()},
    }

    def write(file: BinaryIO) -> None:
        try:
            torch.save(state, file)
        except RuntimeError as error:  # PyTorch's own, while it closes what the disk had no room for
            raise error.__context__ if isinstance(error.__context__, OSError) else error from None

    write_whole(folder / STATE_FILE, write)


def load_state(objective: Objective, folder: Path) -> Position:
    """Bring a run back to where its state file left it; a new run if there is none.

    Raises: CheckpointError if the file is damaged or belongs to other settings.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return Position()
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)  # what takes it in moves it
        for name, network in objective.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, average in objective.averages.items():
            average.average.load_state_dict(state["averages"][name])
        for name, optimizer in objective.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        position = state["position"]
        return Position(**position | {"operations": Operations(**position.get("operations", {}))})
    # What unpickling raises on damaged bytes is nearly anything, IndexError and AttributeError included.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise CheckpointError(
            f"{path} does not fit this run ({reason}); resume with its first settings, or choose another --out."
        ) from error
