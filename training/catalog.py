"""Every recipe by name, with its default settings."""

from __future__ import annotations

from training.engine.recipe import Recipe
from training.recipes.efficientnet_lite import EfficientNetLiteRecipe
from training.recipes.expression_classifier import ExpressionClassifierRecipe
from training.recipes.expression_judge import ExpressionJudgeRecipe
from training.recipes.residual_masking import ResidualMaskingRecipe
from training.recipes.tdgan import REPAIRED, TDGANRecipe
from training.recipes.warp_editor import WarpEditorRecipe
from training.tdgan.branch_stage import ExpressionBranchRecipe
from training.warp_editor.reader_stage import ExpressionReaderRecipe

RECIPES: dict[str, Recipe] = {
    "expression_classifier": ExpressionClassifierRecipe(),
    "expression_branch": ExpressionBranchRecipe(),
    "efficientnet_lite": EfficientNetLiteRecipe(),
    "residual_masking": ResidualMaskingRecipe(),
    "expression_judge": ExpressionJudgeRecipe(),
    "tdgan": TDGANRecipe(),
    "tdgan_repaired": REPAIRED,
    "warp_editor": WarpEditorRecipe(),
    "expression_reader": ExpressionReaderRecipe(),
}
