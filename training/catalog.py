"""Every recipe by name, with its default settings."""

from __future__ import annotations

from training.recipe import Recipe
from training.recipes.efficientnet_lite import EfficientNetLiteRecipe
from training.recipes.expression_branch import ExpressionBranchRecipe
from training.recipes.expression_classifier import ExpressionClassifierRecipe
from training.recipes.expression_judge import ExpressionJudgeRecipe
from training.recipes.expression_reader import ExpressionReaderRecipe
from training.recipes.residual_masking import ResidualMaskingRecipe
from training.recipes.tdgan import REPAIRED, TDGANRecipe
from training.recipes.warp_editor import WarpEditorRecipe

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
