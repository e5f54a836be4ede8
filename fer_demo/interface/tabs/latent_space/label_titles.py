"""What the labels of the faces on a map are called on the page, and how their values are written."""

from __future__ import annotations

_TITLES = {
    "yaw": "head turn",
    "pitch": "head nod",
    "roll": "head tilt",
    "light_azimuth": "light side",
    "light_elevation": "light height",
    "answer": "recognizer's answer",
    "entropy": "its doubt",
}
_DEGREES = ("yaw", "pitch", "roll", "light_azimuth", "light_elevation")


def label_title(name: str) -> str:
    """The name of a label for people."""
    return _TITLES.get(name, name.replace("_", " "))


def label_value(name: str, value: object) -> str:
    """One value of a label for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}°" if name in _DEGREES else f"{value:.2f}"
    return "–" if value is None else str(value)
