"""StarGAN: one generator for all expressions, held to the person by the way back (Choi et al. 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.label_translator import LabelTranslatorConfig
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe
from training.translation.paper import SHARED_DIFFERENCES
from training.translation.translator_stage import TranslatorRecipe

DIFFERENCES = (
    Difference("size", "128 × 128 pixels, in colour", "64 × 64 pixels, in grey"),
    Difference(
        "network",
        "64, 128 and 256 channels, two halvings, six blocks: 8.4 M parameters",
        "16, 32, 64 and 128 channels, three halvings, six blocks: a quarter of the parameters, for one CPU core",
    ),
    Difference("batch", "16 pictures", "32"),
    Difference(
        "data",
        "RaFD for expressions, together with CelebA for other attributes",
        "FER2013 Training where most voters of FER+ agree, and for the pairs CK+, London and rendered people",
    ),
    *SHARED_DIFFERENCES,
)


@dataclass(frozen=True)
class StarGANTraining(StagedRecipe):
    """One stage; the whole face is painted."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = LabelTranslatorConfig(blocks=6, result="whole")
        return {"translation": TranslatorRecipe(model=model, cycle_weight=10.0, initial=self.initial)}
