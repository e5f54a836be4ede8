"""The landmark editor from nothing: it learns to read faces, to paint mouths, and how faces move and are shaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.landmark_editor import LandmarkEditorConfig
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.landmark_editor.distillation_stage import DistillationRecipe
from training.landmark_editor.motion_stage import MotionRecipe
from training.landmark_editor.painter_stage import MouthPainterRecipe
from training.landmark_editor.reader_stage import FaceReaderRecipe
from training.landmark_editor.shading_stage import ShadingRecipe


@dataclass(frozen=True)
class LandmarkEditorTraining(StagedRecipe):
    """Each stage teaches another part of the same model."""

    size: int = 128  # pixels; the reader looks at 96 of them
    paints: bool = True  # two stages of their own, most of the time

    def stages(self, run: Path) -> dict[str, Recipe]:
        stages: dict[str, Recipe] = {
            "reader": FaceReaderRecipe(model=LandmarkEditorConfig(size=self.size), initial=self.initial)
        }
        if self.paints:
            stages["painter"] = MouthPainterRecipe(editor=run / "reader" / BEST_FOLDER)
            stages["distillation"] = DistillationRecipe(editor=run / "painter" / BEST_FOLDER)
        before = run / list(stages)[-1] / BEST_FOLDER
        stages["motion"] = MotionRecipe(editor=before)
        stages["shading"] = ShadingRecipe(editor=run / "motion" / BEST_FOLDER)
        return stages
