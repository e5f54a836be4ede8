"""Bar and line charts of expressions: probabilities, class balance and the course of a strip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_demo.expressions import BASIC
from fer_demo.figures.palette import EXPRESSION_COLOURS, OTHER_COLOUR, TEXT_COLOUR, axis, layout


def probability_bars(expressions: Sequence[str], probabilities: np.ndarray) -> go.Figure:
    """One bar per expression, always in the given order, so that two faces compare at a glance."""
    most = int(np.argmax(probabilities))
    bars = _bars(
        x=[float(value) for value in probabilities],
        y=[f"<b>{name}</b>" if row == most else name for row, name in enumerate(expressions)],
        marker={"color": [EXPRESSION_COLOURS[name] for name in expressions]},
        text=[f"{value:.0%}" for value in probabilities],
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    scale = axis(range=[0, 1.12], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%")
    return _bar_figure(bars, scale)


def class_balance(counts: Mapping[str, int]) -> go.Figure:
    """How many faces there are of each class, in the given order; other labels than expressions are grey."""
    total, most = max(sum(counts.values()), 1), max([1, *counts.values()])
    bars = _bars(
        x=list(counts.values()),
        y=list(counts),
        marker={"color": [EXPRESSION_COLOURS.get(name, OTHER_COLOUR) for name in counts]},
        text=[f"{count:,}" for count in counts.values()],
        customdata=[count / total for count in counts.values()],
        hovertemplate="%{y}: %{x:,} faces, %{customdata:.1%}<extra></extra>",
    )
    return _bar_figure(bars, axis(range=[0, 1.15 * most], title={"text": "faces"}))


def _bars(**values: Any) -> go.Bar:
    beside = {"textposition": "outside", "textfont": {"color": TEXT_COLOUR}, "cliponaxis": False}
    return go.Bar(orientation="h", **beside, **values)


def _bar_figure(bars: go.Bar, scale: dict[str, Any]) -> go.Figure:
    changes = {
        "xaxis": scale,
        "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        "height": 60 + 34 * len(bars.y),
        "bargap": 0.35,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure(bars, layout(**changes))


def strip_course(alphas: np.ndarray, probabilities: np.ndarray, identity_similarity: np.ndarray) -> go.Figure:
    """What the judge sees along a strip, (T, 7) in the order of BASIC, and how far the person's code is kept (T,)."""
    positions = [float(alpha) for alpha in alphas]
    lines = [
        go.Scatter(
            x=positions,
            y=[float(value) for value in probabilities[:, row]],
            name=name,
            mode="lines+markers",
            line={"color": EXPRESSION_COLOURS[name], "width": 2},
            marker={"size": 5},
            hovertemplate=f"{name}: %{{y:.1%}}<extra></extra>",
        )
        for row, name in enumerate(BASIC)
    ]
    kept = go.Scatter(
        x=positions,
        y=[float(value) for value in identity_similarity],
        name="identity kept",
        mode="lines",
        line={"color": TEXT_COLOUR, "width": 2, "dash": "dot"},
        hovertemplate="identity kept: %{y:.2f}<extra></extra>",
    )
    lowest = min(0.0, float(np.min(identity_similarity)))
    return go.Figure(
        [*lines, kept],
        layout(
            xaxis=axis(title={"text": "alpha"}),
            yaxis=axis(title={"text": "probability · cosine"}, range=[lowest - 0.02, 1.04]),
            height=380,
            hovermode="x unified",
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        ),
    )
