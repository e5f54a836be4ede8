"""The browser that measurements and tests drive."""

from __future__ import annotations

import os
import shutil

# The headless shell does a fifth less work for the same page.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: the one named by FER_DEMO_CHROMIUM, else the first one installed."""
    named = os.environ.get("FER_DEMO_CHROMIUM")
    return named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
