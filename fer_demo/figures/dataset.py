"""Charts about a dataset: histograms, balance of the splits, accuracy of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from fer_demo.figures.palette import NUMBER_SCALE, OTHER_COLOUR, TEXT_COLOUR, axis, layout
from fer_demo.metrics.slices import Slice, SliceReport

_BINS = 32
_MOST_SLICES = 18
_SPLIT_COLOURS = (NUMBER_SCALE[0][1], NUMBER_SCALE[2][1], OTHER_COLOUR)


def histogram(values: np.ndarray, title: str) -> go.Figure:
    """How often each value occurs; empty if there are none."""
    counts, edges = np.histogram(values, _BINS) if len(values) else (np.zeros(1), np.array([0.0, 1.0]))
    middles = (edges[:-1] + edges[1:]) / 2
    bars = go.Bar(
        x=[float(value) for value in middles],
        y=[int(count) for count in counts],
        marker={"color": NUMBER_SCALE[0][1]},
        hovertemplate="%{x:.3g}: %{y:,} faces<extra></extra>",
    )
    changes = {
        "xaxis": axis(title={"text": title, "font": {"size": 13}}, showgrid=False),
        "yaxis": axis(rangemode="tozero", nticks=4),
        "bargap": 0.06,
        "height": 220,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure([bars], layout(**changes))


def split_balance(counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """The share of each class within each split, side by side, so that splits of different size compare."""
    bars = []
    for place, (split, classes) in enumerate(counts.items()):
        total = max(sum(classes.values()), 1)
        bars.append(
            go.Bar(
                x=list(classes),
                y=[count / total for count in classes.values()],
                name=f"{split} ({total:,})",
                marker={"color": _SPLIT_COLOURS[place % len(_SPLIT_COLOURS)]},
                customdata=list(classes.values()),
                hovertemplate="%{x}, %{fullData.name}: %{customdata:,} faces, %{y:.1%}<extra></extra>",
            )
        )
    changes = {
        "xaxis": axis(type="category", showgrid=False),
        "yaxis": axis(tickformat=".0%", rangemode="tozero", nticks=5),
        "height": 280,
        "barmode": "group",
        "bargap": 0.3,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
    }
    return go.Figure(bars, layout(**changes))


def slice_chart(report: SliceReport) -> go.Figure:
    """Accuracy of the worst groups with 95 % intervals; a line marks that of all faces together."""
    shown = report.slices[:_MOST_SLICES]
    marks = go.Scatter(
        x=[one.accuracy for one in shown],
        y=[f"{one.column}: {one.group}" for one in shown],
        mode="markers",
        marker={"size": 9, "color": [NUMBER_SCALE[2][1] if one.differs else OTHER_COLOUR for one in shown]},
        error_x={
            "array": [one.high - one.accuracy for one in shown],
            "arrayminus": [one.accuracy - one.low for one in shown],
            "thickness": 1.5,
            "width": 3,
            "color": TEXT_COLOUR,
        },
        text=_words(shown),
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )
    shapes = []
    if report.whole is not None:
        line = {"color": TEXT_COLOUR, "width": 1, "dash": "dot"}
        share = report.whole.accuracy
        shapes.append({"type": "line", "x0": share, "x1": share, "y0": 0, "y1": 1, "yref": "paper", "line": line})
    changes = {
        "xaxis": axis(range=[0, 1.02], tickformat=".0%", title={"text": "right answers", "font": {"size": 13}}),
        "yaxis": axis(type="category", range=[max(len(shown), 10) - 0.5, -0.5], showgrid=False),  # the first on top
        "height": 520,
        "shapes": shapes,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure([marks], layout(**changes))


def _words(slices: Sequence[Slice]) -> list[str]:
    return [f"{one.accuracy:.1%} of {one.count:,} faces ({one.low:.1%} to {one.high:.1%})" for one in slices]
