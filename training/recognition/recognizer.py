"""A recognizer's training: one stage, whatever the network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import tyro

from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe
from training.recognition.objective import RecognitionRecipe


@dataclass(frozen=True)
class RecognizerTraining(StagedRecipe):
    """What may be turned of a recognizer's recipe; None: its own value."""

    stage: Annotated[RecognitionRecipe, tyro.conf.Suppress] = field(kw_only=True)
    size: int | None = None  # pixels of the network
    synthetic_share: float | None = None  # of every batch: rendered faces
    unlabelled_share: float | None = None  # of every batch: LFW, whose faces have no label
    posed_sets: tuple[Literal["ckplus", "london"], ...] | None = None  # whose posed faces teach

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.stage.differences

    def stages(self, run: Path) -> dict[str, Recipe]:
        stage = self.stage
        own: dict[str, Any] = {}
        if self.size is not None:
            model = cast(Any, stage).model
            own["model"] = replace(model, size=self.size)
            own["start_size"] = round(stage.start_size * self.size / model.size)
        for name in ("synthetic_share", "unlabelled_share", "posed_sets"):
            if (value := getattr(self, name)) is not None:
                own[name] = value
        return {"recognizer": replace(stage, initial=self.initial, **own)}
