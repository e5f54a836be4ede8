"""What the stages of the landmark editor share: the whole editor is their one network, and a part of it learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.models.landmark_editor import LandmarkEditor
from training.engine.objective import Objective


@dataclass
class EditorObjective(Objective):
    """An objective whose network `model` is the editor."""

    def published(self) -> LandmarkEditor:
        return self.editor

    @property
    def editor(self) -> LandmarkEditor:
        """The editor as it learns."""
        model = self.networks["model"]
        assert isinstance(model, LandmarkEditor)
        return model


def editor_to_teach(folder: Path | None, data: Path | None, needs: str) -> tuple[LandmarkEditor, Path]:
    """The editor of an earlier stage, and the data folder.

    Raises: SettingsError, which begins with `needs`, without one of them.
    """
    model = None if folder is None else load_model(str(folder))
    if data is None or not isinstance(model, LandmarkEditor):
        raise SettingsError(f"{needs}; give --data.")
    return model, data
