"""What travels with a checkpoint: config, weights, calibration, evaluation, and where the Hub keeps them."""
