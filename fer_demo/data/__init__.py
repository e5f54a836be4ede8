"""Face datasets from any place, one record at a time."""
