"""What can be read from which code: probes, targets, scores and their words."""
