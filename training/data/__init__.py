"""Faces to learn from: sets, splits, random views, and rendered people."""
