"""The bar chart of a dataset: class balance."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from fer_demo.figures.palette import EXPRESSION_COLOURS, OTHER_COLOUR, TEXT_COLOUR, axis, layout


def class_balance(counts: Mapping[str, int]) -> go.Figure:
    """How many faces there are of each class, in the given order; other labels than expressions are grey."""
    total, most = max(sum(counts.values()), 1), max([1, *counts.values()])
    bars = go.Bar(
        orientation="h",
        x=list(counts.values()),
        y=list(counts),
        marker={"color": [EXPRESSION_COLOURS.get(name, OTHER_COLOUR) for name in counts]},
        text=[f"{count:,}" for count in counts.values()],
        customdata=[count / total for count in counts.values()],
        textposition="outside",
        textfont={"color": TEXT_COLOUR},
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} faces, %{customdata:.1%}<extra></extra>",
    )
    changes = {
        "xaxis": axis(range=[0, 1.15 * most], title={"text": "faces", "font": {"size": 13}}),
        "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        "height": 60 + 34 * len(counts),
        "bargap": 0.35,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure([bars], layout(**changes))
