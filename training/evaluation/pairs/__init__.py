"""Edits beside the true picture of the same person."""
