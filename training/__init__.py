"""Everything needed only to make checkpoints: recipes, losses, the loop, evaluation and publishing."""
