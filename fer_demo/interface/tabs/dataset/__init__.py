"""Dataset: open a set, look through it, ask it questions, find what is wrong with it, and take the clean rest home."""

from __future__ import annotations

from fer_demo.interface.tabs.dataset.page import TITLE, build

__all__ = ["TITLE", "build"]
