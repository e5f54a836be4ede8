"""The landmark editor from nothing: it learns to read faces, then how people move, then to paint mouths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.landmark_editor import LandmarkEditorConfig
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.landmark_editor.motion_stage import MotionRecipe
from training.landmark_editor.painter_stage import MouthPainterRecipe
from training.landmark_editor.reader_stage import FaceReaderRecipe


@dataclass(frozen=True)
class LandmarkEditorTraining(StagedRecipe):
    """Three stages, each of which teaches another part of the same model."""

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = LandmarkEditorConfig()
        return {
            "reader": FaceReaderRecipe(model=model),
            "motion": MotionRecipe(editor=run / "reader" / BEST_FOLDER),
            "painter": MouthPainterRecipe(editor=run / "motion" / BEST_FOLDER),
        }
