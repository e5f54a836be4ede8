"""Colours and layout shared by all figures.

The expression colours stay apart under protanopia and deuteranopia (CIE76 distance above 20) and stand out against
white as well as near-black (contrast 3:1); backgrounds are transparent and text is a grey that reads on both.
"""

from __future__ import annotations

from typing import Any

EXPRESSION_COLOURS = {
    "angry": "#A63B00",
    "disgust": "#24A2A1",
    "fear": "#867EDF",
    "happy": "#FF5815",
    "sad": "#335AF6",
    "surprise": "#146694",
    "neutral": "#5D5D5D",
    "contempt": "#E56E5A",
}
EXPRESSION_SYMBOLS = {  # a second way to tell them apart on a map
    "angry": "triangle-down",
    "disgust": "x",
    "fear": "diamond",
    "happy": "triangle-up",
    "sad": "square",
    "surprise": "star",
    "neutral": "circle",
    "contempt": "cross",
}
CATEGORY_COLOURS = tuple(EXPRESSION_COLOURS.values())  # for labels that are not expressions
OTHER_COLOUR = "#8C8C8C"  # what has no label, or one of too many
TEXT_COLOUR = "#767676"
GRID_COLOUR = "rgba(128, 128, 128, 0.25)"
NUMBER_SCALE = [[0, "#335AF6"], [0.5, "#8C8C8C"], [1, "#E8790C"]]  # blue, grey, orange: safe for the same readers


def layout(**changes: Any) -> dict[str, Any]:
    """Plotly layout values that every figure starts from, with its own changes on top."""
    base: dict[str, Any] = {
        "template": "none",
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": TEXT_COLOUR, "size": 13, "family": "system-ui, sans-serif"},
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "hoverlabel": {"align": "left"},
    }
    return {**base, **changes}


def axis(**changes: Any) -> dict[str, Any]:
    """A quiet axis: faint grid, no line, labels a little apart from the marks."""
    quiet = {"gridcolor": GRID_COLOUR, "zeroline": False, "showline": False, "automargin": True}
    apart = {"ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0, 0, 0, 0)"}
    return {**quiet, **apart, **changes}
