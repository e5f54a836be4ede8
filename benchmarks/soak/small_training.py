"""A recognizer's run of a few steps on the bundled faces, which saves its state after each: to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from fer_demo.models.expression_classifier import ExpressionClassifierConfig
from training.engine.loop import RunSettings, train
from training.recipes.expression_classifier import ExpressionClassifierRecipe

BATCH, STEPS = 4, 24
BEGUN = "begun"  # what it prints when its imports are done


def run_small_training(out: Path) -> None:
    """Run it, or go on with what is in the folder."""
    recipe = ExpressionClassifierRecipe(
        model=ExpressionClassifierConfig(),
        images=BATCH * STEPS,
        batch=BATCH,
        validate_every=BATCH * STEPS // 4,
        unlabelled_share=0.0,
    )
    print(BEGUN, flush=True)
    train(recipe, RunSettings(out=out, save_every=BATCH, log_every=1, device="cpu"))


if __name__ == "__main__":
    run_small_training(Path(sys.argv[1]))
