"""How an answer falls or rises while a face is hidden or comes to light in the order of a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from fer_demo.figures.palette import EXPRESSION_COLOURS, OTHER_COLOUR, axis, layout

HEIGHT = 260  # pixels
_COLOURS = [EXPRESSION_COLOURS[name] for name in ("happy", "sad", "disgust")]  # of the methods, far apart
_DASHES = ("dot", "dash", "dashdot")


def curve_figure(
    name: str, shares: Sequence[float], methods: Mapping[str, np.ndarray], rivals: Mapping[str, np.ndarray]
) -> go.Figure:
    """The answer at each share of the face: a line for each method, broken grey ones for the rivals."""
    lines = [
        go.Scatter(
            x=list(shares),
            y=[float(value) for value in row],
            mode="lines+markers",
            name=method,
            line={"color": colour, "width": 2.5},
        )
        for (method, row), colour in zip(methods.items(), _COLOURS, strict=False)
    ]
    dashes = zip(rivals.items(), _DASHES, strict=False)
    lines += [
        go.Scatter(
            x=list(shares),
            y=[float(value) for value in row],
            mode="lines",
            name=rival,
            line={"color": OTHER_COLOUR, "dash": dash, "width": 1.5},
        )
        for (rival, row), dash in dashes
    ]
    legend = {"orientation": "h", "y": -0.28, "font": {"size": 12}}
    return go.Figure(
        lines,
        layout(
            title={"text": name, "font": {"size": 14}, "x": 0},
            xaxis=axis(tickformat=".0%", title={"text": "of the face", "font": {"size": 13}}),
            yaxis=axis(title={"text": "answer", "font": {"size": 13}}),
            height=HEIGHT,
            legend=legend,
        ),
    )
