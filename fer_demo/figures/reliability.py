"""How far a recognizer can be trusted, drawn: the reliability diagram and accuracy on spoiled copies of the faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from fer_demo.figures.palette import NUMBER_SCALE, TEXT_COLOUR, axis, layout
from fer_demo.published.evaluation_file import Reliability, RobustnessRow

UNTOUCHED = "untouched"  # the row of a robustness table that the others are compared with
WAYS = {  # how evaluations name a way of spoiling faces, and how the page does
    "blur (sigma, share of the face)": "blurred, in parts of the face",
    "light left": "light that is left",
    "framing, end to end": "cut out tight or wide",
}
_LARGEST_MARK = 22.0  # pixels


def reliability_diagram(reliability: Reliability, said: str, found: str) -> go.Figure:
    """One mark for each confidence bin, the larger the more faces; on the diagonal, confidence is what it says.

    said, found: what the two axes hold. A bar shows the standard error of a share of so many faces.
    """
    bins = reliability.bins
    most = max((one.count for one in bins), default=1)
    marks = go.Scatter(
        x=[one.confidence for one in bins],
        y=[one.accuracy for one in bins],
        error_y={"array": [_standard_error(one.accuracy, one.count) for one in bins], "thickness": 1.2, "width": 3},
        mode="lines+markers",
        line={"color": NUMBER_SCALE[0][1], "width": 2},
        marker={"opacity": 1, "size": [8 + (_LARGEST_MARK - 8) * math.sqrt(one.count / most) for one in bins]},
        text=[f"{one.count:,} faces" for one in bins],
        hovertemplate=f"{said} %{{x:.0%}}<br>{found} %{{y:.0%}}<br>%{{text}}<extra></extra>",
    )
    diagonal = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": TEXT_COLOUR, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    shares = {"range": [0, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return go.Figure(
        [diagonal, marks],
        layout(
            xaxis=axis(title=_title(said), **shares),
            yaxis=axis(title=_title(found), **shares),
            height=340,
            showlegend=False,
            margin={"l": 8, "r": 12, "t": 8, "b": 8},
        ),
    )


def robustness_curves(rows: Sequence[RobustnessRow]) -> list[go.Figure]:
    """Accuracy on spoiled copies of the same faces: a figure for each way of spoiling them, from mild to strong.

    The dotted line is what the faces get untouched; crop sensitivity was measured on other faces and has none.
    """
    untouched = [row for row in rows if row.degradation == UNTOUCHED]
    ways = dict.fromkeys(row.degradation for row in rows if row.degradation != UNTOUCHED)
    return [_robustness_curve(way, [row for row in rows if row.degradation == way], untouched) for way in ways]


def _robustness_curve(way: str, rows: Sequence[RobustnessRow], untouched: Sequence[RobustnessRow]) -> go.Figure:
    marks = go.Scatter(
        x=[row.level for row in rows],
        y=[row.accuracy for row in rows],
        error_y={"array": [_standard_error(row.accuracy, row.count) for row in rows], "thickness": 1.2, "width": 3},
        mode="lines+markers",
        line={"color": NUMBER_SCALE[0][1], "width": 2},
        marker={"size": 8},
        text=[f"{row.count:,} faces" for row in rows],
        hovertemplate="%{x}: right in %{y:.1%} of %{text}<extra></extra>",
    )
    dotted = {"color": TEXT_COLOUR, "width": 1, "dash": "dot"}
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": dotted}
    return go.Figure(
        [marks],
        layout(
            title={"text": WAYS.get(way, way), "x": 0.5, "font": {"size": 14}},
            xaxis=axis(type="category", showgrid=False),
            yaxis=axis(range=[0, 1.04], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]),
            shapes=[
                {**across, "y0": row.accuracy, "y1": row.accuracy} for row in untouched if row.count == rows[0].count
            ],
            height=200,
            showlegend=False,
        ),
    )


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 13}}


def _standard_error(share: float, count: int) -> float:
    return math.sqrt(share * (1 - share) / max(count, 1))
