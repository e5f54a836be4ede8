"""Explain: where on a face an answer comes from, by several methods, and whether each map can be believed."""

from __future__ import annotations

from fer_demo.interface.tabs.explain.page import TITLE, build

__all__ = ["TITLE", "build"]
