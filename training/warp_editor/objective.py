"""What the stages of the warp editor share: settings, validation, and what is published."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_demo.models.warp_editor import WarpEditor
from training.engine.objective import Objective
from training.engine.recipe import Recipe
from training.warp_editor.batches import EditorBatches
from training.warp_editor.validation import editor_figures, editor_sheet
from training.warp_editor.views import ViewSettings


@dataclass(frozen=True)
class EditorRecipe(Recipe):
    """A stage that trains a warp editor or a part of one."""

    scenes: int = 750  # rendered people to learn from, those held out included; the same in every stage
    views: ViewSettings = field(default_factory=ViewSettings)


@dataclass
class EditorObjective(Objective):
    """Trains a warp editor, or a part of one, kept under the name `model`."""

    batches: EditorBatches = field(kw_only=True)

    def validate(self) -> dict[str, float]:
        return editor_figures(self.published(), self.batches.faces)

    def published(self) -> WarpEditor:
        average = self.averages["model"].average
        assert isinstance(average, WarpEditor)
        return average

    def _model(self) -> WarpEditor:
        model = self.networks["model"]
        assert isinstance(model, WarpEditor)
        return model

    def sample_sheet(self) -> np.ndarray:
        return editor_sheet(self.published(), self.batches.faces)
