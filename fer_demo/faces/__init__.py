"""Faces in photos: found, aligned to one template, and judged for quality."""
