"""What every objective about the warp editor shares: how it is watched, and what of it is published."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_demo.models.warp_editor import WarpEditor
from training.engine.objective import Objective
from training.warp_editor.batches import EditorBatches
from training.warp_editor.validation import editor_figures, editor_sheet


@dataclass
class EditorObjective(Objective):
    """Teaches a warp editor, or a part of one, kept under the name `model`."""

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
