"""What every training shares: recipe, objective, the loop, saved state and averaged weights."""
