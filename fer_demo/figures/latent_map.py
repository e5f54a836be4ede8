"""The scatter map of a latent space: one point per face, coloured by any label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.figures.palette import (
    CATEGORY_COLOURS,
    EXPRESSION_COLOURS,
    EXPRESSION_SYMBOLS,
    NUMBER_SCALE,
    OTHER_COLOUR,
    TEXT_COLOUR,
    layout,
)

OTHER, UNKNOWN = "other", "unknown"
_POINT_SIZE = 6
_SVG_POINTS = 5000  # above it the points are drawn with WebGL, which not every browser has


def latent_map(
    xy: np.ndarray, labels: Sequence[Any], keys: Sequence[str], title: str, selected: Sequence[int] = ()
) -> go.Figure:
    """Points (N, 2) with hover text; `customdata` of a point is [row, key], so that a click can be traced to its face.

    Whole or broken numbers are coloured along a scale, anything else by category: the seven most frequent ones and
    "other". The `selected` rows wear a ring.
    """
    values = [_plain(label) for label in labels]
    if _are_numbers(values):
        traces = [_number_trace(xy, values, keys)]
    else:
        traces = _category_traces(xy, [UNKNOWN if value is None else str(value) for value in values], keys)
    if len(selected) > 0:
        traces.append(_rings(xy, selected))
    hidden = {"visible": False}
    return go.Figure(
        traces,
        layout(
            title={"text": title, "x": 0.5, "font": {"size": 15}},
            xaxis=hidden,
            # Distances mean the same in both directions.
            yaxis={**hidden, "scaleanchor": "x"},
            height=480,
            legend={"orientation": "h", "y": -0.02, "itemsizing": "constant"},
            dragmode="pan",
            uirevision=title,  # keeps the visitor's zoom when colours or the selection change
        ),
    )


def _plain(label: Any) -> Any:
    """NumPy scalars as Python's, not-a-number as None."""
    value = label.item() if isinstance(label, np.generic) else label
    return None if isinstance(value, float) and np.isnan(value) else value


def _are_numbers(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _points(xy: np.ndarray, rows: Sequence[int], keys: Sequence[str], **style: Any) -> go.Scatter | go.Scattergl:
    kind = go.Scatter if len(xy) <= _SVG_POINTS else go.Scattergl
    return kind(
        x=[float(xy[row, 0]) for row in rows],
        y=[float(xy[row, 1]) for row in rows],
        mode="markers",
        customdata=[[row, keys[row]] for row in rows],
        **style,
    )


def _number_trace(xy: np.ndarray, values: Sequence[Any], keys: Sequence[str]) -> go.Scatter | go.Scattergl:
    rows = [row for row, value in enumerate(values) if value is not None]
    known = [values[row] for row in rows]
    marker = {"size": _POINT_SIZE, "color": known, "colorscale": NUMBER_SCALE, "colorbar": {"thickness": 10}}
    template = "%{marker.color:.3~g}<br>%{customdata[1]}<extra></extra>"
    return _points(xy, rows, keys, marker=marker, hovertemplate=template, showlegend=False)


def _category_traces(xy: np.ndarray, names: Sequence[str], keys: Sequence[str]) -> list[Any]:
    traces = []
    for name, colour, symbol, rows in _categories(names):
        # A category's own name is data: it must not be read as a template or as HTML.
        shown = name.replace("&", "&amp;").replace("<", "&lt;").replace("%", "&#37;")
        style = {"size": _POINT_SIZE, "color": colour, "symbol": symbol, "opacity": 0.85}
        template = f"{shown}<br>%{{customdata[1]}}<extra></extra>"
        traces.append(_points(xy, rows, keys, name=shown, marker=style, hovertemplate=template))
    return traces


def _categories(names: Sequence[str]) -> list[tuple[str, str, str, list[int]]]:
    """Name, colour, symbol and rows of each trace: known expressions in the house's order, or the most frequent."""
    present = Counter(names)
    rows_of: dict[str, list[int]] = {}
    if set(present) - {UNKNOWN} <= set(WITH_CONTEMPT):
        styles = {name: (EXPRESSION_COLOURS[name], EXPRESSION_SYMBOLS[name]) for name in WITH_CONTEMPT}
    else:
        frequent = sorted((-count, name) for name, count in present.items() if name != UNKNOWN)
        kept = sorted(name for _, name in frequent[: len(CATEGORY_COLOURS) - 1])
        symbols = tuple(EXPRESSION_SYMBOLS.values())
        styles = {name: (CATEGORY_COLOURS[place], symbols[place]) for place, name in enumerate(kept)}
    for row, name in enumerate(names):
        rows_of.setdefault(name if name in styles or name == UNKNOWN else OTHER, []).append(row)
    plain = (OTHER_COLOUR, "circle-open")
    order = [*(name for name in styles if name in rows_of), *(name for name in (OTHER, UNKNOWN) if name in rows_of)]
    return [(name, *styles.get(name, plain), rows_of[name]) for name in order]


def _rings(xy: np.ndarray, selected: Sequence[int]) -> go.Scatter:
    return go.Scatter(
        x=[float(xy[row, 0]) for row in selected],
        y=[float(xy[row, 1]) for row in selected],
        mode="markers",
        marker={"size": 16, "symbol": "circle-open", "color": TEXT_COLOUR, "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
    )
