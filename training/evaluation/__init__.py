"""Reports on finished checkpoints: the evaluation file and what is measured for it."""
