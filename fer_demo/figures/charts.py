"""Bar charts of expressions: probabilities and class balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_demo.figures.palette import EXPRESSION_COLOURS, OTHER_COLOUR, TEXT_COLOUR, axis, layout


def probability_bars(
    expressions: Sequence[str], probabilities: np.ndarray, votes: np.ndarray | None = None
) -> go.Figure:
    """One bar per expression, always in the given order, so that two faces compare at a glance.

    votes: (K,) the share of people who chose each expression, drawn as outlines under the model's bars.
    """
    most = int(np.argmax(probabilities))
    names = [f"<b>{name}</b>" if row == most else name for row, name in enumerate(expressions)]
    bars = [
        _bars(
            x=[float(value) for value in probabilities],
            y=names,
            name="model",
            marker={"color": [EXPRESSION_COLOURS[name] for name in expressions]},
            text=[f"{value:.0%}" for value in probabilities],
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    ]
    if votes is not None:
        outline = {"color": "rgba(0, 0, 0, 0)", "line": {"color": TEXT_COLOUR, "width": 1.5}}
        bars.append(
            _bars(
                x=[float(value) for value in votes],
                y=names,
                name="people",
                marker=outline,
                text=[f"{value:.0%}" if value > 0 else "" for value in votes],
                hovertemplate="people: %{x:.0%}<extra></extra>",
            )
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
    return _bar_figure([bars], axis(range=[0, 1.15 * most], title={"text": "faces", "font": {"size": 13}}))


def _bars(**values: Any) -> go.Bar:
    beside = {"textposition": "outside", "textfont": {"color": TEXT_COLOUR}, "cliponaxis": False}
    return go.Bar(orientation="h", **beside, **values)


def _bar_figure(bars: Sequence[go.Bar], scale: dict[str, Any]) -> go.Figure:
    changes = {
        "xaxis": scale,
        "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        "height": 60 + 34 * len(bars[0].y),
        "bargap": 0.35 if len(bars) == 1 else 0.2,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure(list(bars), layout(**changes))
