"""What each slider does, beside what it should."""
