"""US-GAN: a small translator with one residual block, whose result is added to the face (Akram and Khan 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.label_translator import LabelTranslatorConfig, Result
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe
from training.translation.paper import SHARED_DIFFERENCES
from training.translation.translator_stage import TranslatorRecipe

DIFFERENCES = (
    Difference("size", "128 × 128 pixels, in colour (authors' code)", "64 × 64 pixels, in grey"),
    Difference(
        "network",
        "64, 128 and 256 channels, two halvings: 2.5 M parameters",
        "16, 32, 64 and 128 channels, three halvings: a quarter of the parameters, for one CPU core",
    ),
    Difference("batch", "8 pictures", "32"),
    Difference(
        "data",
        "posed sets of one camera each",
        "FER2013 Training where most voters of FER+ agree, and for the pairs CK+, London and rendered people",
    ),
    *SHARED_DIFFERENCES,
)


@dataclass(frozen=True)
class USGANTraining(StagedRecipe):
    """One stage; `--result whole` is the paper's ablation, and `--result masked` paints through an edit mask."""

    result: Result = "added"  # what is painted: what is added to the face, or laid over it by a mask, or the whole face

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = LabelTranslatorConfig(blocks=1, result=self.result)
        return {"translation": TranslatorRecipe(model=model, cycle_weight=1.0, initial=self.initial)}
