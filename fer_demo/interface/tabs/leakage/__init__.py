"""Leakage: what can be read from each code of a model, live, and how disentangled its codes were measured to be."""

from __future__ import annotations

from fer_demo.interface.tabs.leakage.page import TITLE, build

__all__ = ["TITLE", "build"]
