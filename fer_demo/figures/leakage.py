"""Bars of what can be read from codes, with chance, intervals and the control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from fer_demo.figures.palette import NUMBER_SCALE, OTHER_COLOUR, TEXT_COLOUR, axis, layout

ROW_HEIGHT = 44  # pixels
_OWN_COLOUR = NUMBER_SCALE[0][1]
_VALUES_AT = 1.3  # where the column of values ends; on a phone a tenth of the scale is a dozen pixels


class LeakBar(NamedTuple):
    """One code."""

    title: str
    score: float  # accuracy, or R²; below 0 it is drawn as 0
    low: float
    high: float
    control: float
    own: bool  # whether it is a code of the model and not a baseline


def leak_bars(bars: Sequence[LeakBar], chance: float, is_class: bool, share: Callable[[float], str]) -> go.Figure:
    """A bar for each code, its interval as a thin line, its control as a diamond, and a dotted line at chance.

    `share` writes a value as the sentences about it do.
    """
    titles = [f"<b>{bar.title}</b>" if bar.own else bar.title for bar in bars]
    drawn = [min(max(bar.score, 0.0), 1.0) for bar in bars]
    hover = [
        f"{bar.title}: {bar.score:.1%} ({bar.low:.1%} to {bar.high:.1%})<br>with shuffled labels {bar.control:.1%}"
        for bar in bars
    ]
    scores = go.Bar(
        x=drawn,
        y=titles,
        orientation="h",
        # Pale enough for the intervals and diamonds to be seen on them.
        marker={"color": [_OWN_COLOUR if bar.own else OTHER_COLOUR for bar in bars], "opacity": 0.5},
        error_x={
            "array": [max(min(bar.high, 1.0) - at, 0.0) for bar, at in zip(bars, drawn, strict=True)],
            "arrayminus": [max(at - max(bar.low, 0.0), 0.0) for bar, at in zip(bars, drawn, strict=True)],
            "thickness": 1.5,
            "width": 5,
            "color": TEXT_COLOUR,
        },
        hovertext=hover,
        hoverinfo="text",
    )
    controls = go.Scatter(
        x=[min(max(bar.control, 0.0), 1.0) for bar in bars],
        y=titles,
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": TEXT_COLOUR, "line": {"width": 2}},
        hoverinfo="skip",
    )
    values = go.Scatter(
        x=[_VALUES_AT] * len(bars),
        y=titles,
        mode="text",
        text=[share(max(bar.score, 0.0)) for bar in bars],
        textposition="middle left",
        textfont={"color": TEXT_COLOUR},
        hoverinfo="skip",
    )
    return go.Figure([scores, controls, values], _layout(len(bars), chance, f"chance {share(chance)}", is_class))


def leak_height(count: int) -> int:
    """Pixels that so many bars need."""
    return 84 + ROW_HEIGHT * count


def _layout(count: int, chance: float, words: str, is_class: bool) -> dict[str, Any]:
    line = {"color": TEXT_COLOUR, "width": 1.5, "dash": "dot"}
    at_chance = {"type": "line", "x0": chance, "x1": chance, "y0": 0, "y1": 1, "yref": "paper", "line": line}
    says = {"text": words}
    place = {"x": chance, "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    title = "guessed right" if is_class else "share of the differences told (R²)"
    return layout(
        xaxis=axis(
            range=[0, _VALUES_AT],
            tickvals=[0, 0.5, 1],  # a phone has room for three
            tickformat=".0%",
            title={"text": title, "standoff": 8, "font": {"size": 13}},
        ),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        shapes=[at_chance],
        annotations=[{**says, **place}],
        height=leak_height(count),
        bargap=0.4,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 26, "b": 8},
    )
