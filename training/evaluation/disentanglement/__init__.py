"""What each code tells, beside baselines."""
