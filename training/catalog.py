"""Every recipe by name, with its default settings."""

from __future__ import annotations

from training.recipe import Recipe
from training.recipes.expression_branch import ExpressionBranchRecipe
from training.recipes.expression_classifier import ExpressionClassifierRecipe
from training.recipes.tdgan import REPAIRED, TDGANRecipe

RECIPES: dict[str, Recipe] = {
    "expression_classifier": ExpressionClassifierRecipe(),
    "expression_branch": ExpressionBranchRecipe(),
    "tdgan": TDGANRecipe(),
    "tdgan_repaired": REPAIRED,
}
