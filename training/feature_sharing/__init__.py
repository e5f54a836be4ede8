"""Learning selective feature sharing: critic, losses, objectives and stages."""
