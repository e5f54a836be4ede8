"""TDGAN's training: batches, discriminators, losses and stages."""
