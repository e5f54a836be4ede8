"""Disentangled facial expression: recognise it, encode it, move it to another face, explain it."""

from __future__ import annotations

__version__ = "0.1.0"
