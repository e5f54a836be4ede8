"""Recognize: a photo, a camera or many photos in; what each face shows out."""

from __future__ import annotations

from fer_demo.interface.tabs.recognize.page import TITLE, build

__all__ = ["TITLE", "build"]
