"""The warp editor from nothing: it learns to edit and to read faces, then to close real mouths, then to read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from fer_demo.models.warp_editor import WarpEditorConfig
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.warp_editor.editor_stage import WarpEditorRecipe
from training.warp_editor.encoder_stage import ExpressionEncoderRecipe

CLASSIFIER = "expression_classifier"  # the second stage's encoder starts from its trunk
CLASSIFIER_WIDTHS = (64, 128, 256)


@dataclass(frozen=True)
class WarpEditorTraining(StagedRecipe):
    """Four stages, in the order in which the parts of the bundled weights were learnt; those were made by 22 runs."""

    size: int = 96  # pixels, those of the scenes
    scenes: int = 750  # rendered people to learn from, those held out included
    agreement_weight: float = 16.0  # what recognizers see in edits, while the encoder learns
    effort_weight: float = 900.0  # squared motion around the eyes, while the encoder learns
    teachers: Annotated[tuple[Path, ...], tyro.conf.Suppress] = ExpressionEncoderRecipe.teachers  # never a judge

    def stages(self, run: Path) -> dict[str, Recipe]:
        encoder = ExpressionEncoderRecipe(
            scenes=self.scenes,
            classifier=CLASSIFIER,
            teachers=self.teachers,
            agreement_weight=self.agreement_weight,
            effort_weight=self.effort_weight,
        )
        small = WarpEditorConfig(size=self.size)
        ended = {name: run / name / BEST_FOLDER for name in ("editor", "encoder", "closed_mouths")}
        return {
            "editor": WarpEditorRecipe(model=small, scenes=self.scenes, initial=self.initial),
            # A larger encoder, which has learnt from many more pictures what faces show.
            "encoder": replace(encoder, editor=ended["editor"]),
            # The editor learns on, with the mouths of photographs; what reads is good enough to say which are open.
            "closed_mouths": WarpEditorRecipe(
                model=replace(small, encoder="residual", encoder_widths=CLASSIFIER_WIDTHS, emphasis=encoder.emphasis),
                scenes=self.scenes,
                initial=ended["encoder"],
                guide=ended["encoder"],
                reading_weight=0.0,  # the encoder stays as it is
                rate=5e-4,
                images=96_000,
                validate_every=8_000,
            ),
            # Teachers look at what this editor does with the units.
            "encoder_again": replace(
                encoder, editor=ended["closed_mouths"], rate=3e-4, images=14_000, validate_every=3_500
            ),
        }
