"""What edits keep, reach and cost, beside baselines."""
