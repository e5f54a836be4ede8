"""A recognizer's run of a few steps on the bundled faces, which saves its state after each: to be killed."""

from __future__ import annotations

from pathlib import Path

from fer_demo.models.expression_classifier import ExpressionClassifierConfig
from training.engine.loop import RunSettings, train
from training.recipes.expression_classifier import ExpressionClassifierRecipe

BATCH, STEPS = 4, 24


def run_small_training(out: Path) -> None:
    """Run it, or go on with what is in the folder."""
    recipe = ExpressionClassifierRecipe(
        model=ExpressionClassifierConfig(),
        images=BATCH * STEPS,
        batch=BATCH,
        validate_every=BATCH * STEPS // 4,
        unlabelled_share=0.0,
    )
    train(recipe, RunSettings(out=out, save_every=BATCH, log_every=1, device="cpu"))
