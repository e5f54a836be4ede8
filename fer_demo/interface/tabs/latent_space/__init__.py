"""Latent space: the same faces on two maps, by identity code and by expression code; select on one, see it on both."""

from __future__ import annotations

from fer_demo.interface.tabs.latent_space.page import TITLE, build

__all__ = ["TITLE", "build"]
