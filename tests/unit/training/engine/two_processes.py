"""What `accelerate launch` runs twice in test_stages: both stages whole, then stopped by one process and resumed.

Each process leaves its final weights and the paths that it wrote in files of its own: python -m ... FOLDER.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from torch import Tensor, nn

import training.engine.loop as loop
from tests.unit.training.engine.line import Line, LineObjective, LineRecipe
from tests.unit.training.engine.test_stages import go
from training.engine.objective import Moment, Objective
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe

STOP_AT = 200  # images, in the first stage
_built: list[Objective] = []


class WithRareWeight(Line):
    """A line whose second weight only some batches reach, as a task that a batch has no labels for."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.rare = nn.Parameter(torch.zeros(1))


class StopsAndSkips(LineObjective):
    """The second process skips the rare weight in every other step, and is asked to stop if the run is to be broken."""

    stops: bool = False

    def training_step(self, batch: Tensor, moment: Moment) -> dict[str, Tensor]:
        second = not self.accelerator.is_main_process
        if self.stops and second and moment.images == STOP_AT:
            os.kill(os.getpid(), signal.SIGTERM)
        network = self.networks["model"]
        loss = (network.layer(batch) - 3 * batch).square().mean()
        if not (second and moment.images % 20):
            loss = loss + (network.rare - 1).square().sum()
        self.descend(loss, "model")
        return {"loss": loss}


@dataclass(frozen=True)
class LineWithRareWeight(LineRecipe):
    """The same length as the line's."""

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        plain = super().build(data, accelerator)
        network = WithRareWeight(plain.networks["model"].config)  # type: ignore[arg-type]
        average = type(plain.averages["model"])(network, 20)
        optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
        _built.append(StopsAndSkips(accelerator, {"model": network}, {"model": optimizer}, {"model": average}))
        return _built[-1]


@dataclass(frozen=True)
class TwoStages(StagedRecipe):
    """The long one can be stopped; the short one begins anew."""

    def stages(self, run: Path) -> dict[str, Recipe]:
        return {"long": LineWithRareWeight(), "short": LineWithRareWeight(images=40)}


def main(folder: Path) -> None:
    """Run in each process."""
    loop.models_behind = lambda recipe: {}  # type: ignore[attr-defined]
    rank, written = PartialState(cpu=True).process_index, set[str]()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event in ("os.mkdir", "os.rename", "os.remove") or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writes and str(arguments[0]).startswith(str(folder)):
            written.add(str(Path(os.fsdecode(arguments[0])).relative_to(folder)))

    sys.addaudithook(watch)
    go(folder / "whole", TwoStages())
    StopsAndSkips.stops = True
    stopped_in = go(folder / "parts", TwoStages())
    StopsAndSkips.stops = False
    go(folder / "parts", TwoStages())
    weights = {name: value.tolist() for name, value in _built[-2].networks["model"].state_dict().items()}
    found = {"written": sorted(written), "stopped in": stopped_in.name, "weights": weights}
    (folder.parent / f"process{rank}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
