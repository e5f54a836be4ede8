"""Transfer: one person's face with another's expression, or a named one, by degrees and measured at every step."""

from __future__ import annotations

from fer_demo.interface.tabs.transfer.page import TITLE, build

__all__ = ["TITLE", "build"]
