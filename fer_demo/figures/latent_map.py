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
    layout,
)

OTHER, UNKNOWN = "other", "unknown"
_POINT_SIZE, _SMALL_POINT_SIZE = 6, 3
_OPACITY = 0.85
_SVG_POINTS = 5000  # above it SVG is slow; Plotly alone takes WebGL then, and our maps draw the dots themselves


def latent_map(xy: np.ndarray, labels: Sequence[Any], title: str, view: str = "") -> go.Figure:
    """Points (N, 2); `customdata` of a point is its row, so that it can be traced to its face.

    Whole or broken numbers are coloured along a scale, anything else by category: the seven most frequent ones and
    "other". A figure of the same `view` keeps the visitor's zoom.
    """
    values = [_plain(label) for label in labels]
    if _are_numbers(values):
        traces = [_number_trace(xy, values)]
    else:
        traces = _category_traces(xy, [UNKNOWN if value is None else str(value) for value in values])
    hidden = {"visible": False}
    return go.Figure(
        traces,
        layout(
            title={"text": title, "x": 0.02, "xanchor": "left", "font": {"size": 15}},
            xaxis=hidden,
            # Distances mean the same in both directions.
            yaxis={**hidden, "scaleanchor": "x"},
            height=480,
            legend={"orientation": "h", "y": -0.02, "itemsizing": "constant"},
            dragmode="lasso",
            hoverdistance=8,  # pixels; beyond it a click means the empty place
            uirevision=f"{title} {view}",
        ),
    )


def _plain(label: Any) -> Any:
    """NumPy scalars as Python's, not-a-number as None."""
    value = label.item() if isinstance(label, np.generic) else label
    return None if isinstance(value, float) and np.isnan(value) else value


def _are_numbers(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _points(xy: np.ndarray, rows: Sequence[int], marker: dict[str, Any], **style: Any) -> go.Scatter | go.Scattergl:
    many = len(xy) > _SVG_POINTS
    chosen = np.asarray(rows, dtype=np.int32)
    # The page marks selections itself, on all maps alike, so Plotly's own fading is switched off.
    unfaded = {"marker": {"opacity": _OPACITY}}
    return (go.Scattergl if many else go.Scatter)(
        x=xy[chosen, 0].astype(np.float32),
        y=xy[chosen, 1].astype(np.float32),
        mode="markers",
        customdata=chosen,
        marker={"size": _SMALL_POINT_SIZE if many else _POINT_SIZE, "opacity": _OPACITY, **marker},
        selected=unfaded,
        unselected=unfaded,
        **style,
    )


def _number_trace(xy: np.ndarray, values: Sequence[Any]) -> go.Scatter | go.Scattergl:
    rows = [row for row, value in enumerate(values) if value is not None]
    known = np.array([values[row] for row in rows], dtype=np.float32)
    bar = {"thickness": 10, "len": 0.8}
    limits = {"cmin": float(known.min()), "cmax": float(known.max())}
    marker = {"color": known, "colorscale": NUMBER_SCALE, "colorbar": bar, **limits}
    return _points(xy, rows, marker, hovertemplate="%{marker.color:.3~g}<extra></extra>", showlegend=False)


def _category_traces(xy: np.ndarray, names: Sequence[str]) -> list[Any]:
    traces = []
    for name, colour, symbol, rows in _categories(names):
        # A category's own name is data: it must not be read as a template or as HTML.
        shown = name.replace("&", "&amp;").replace("<", "&lt;").replace("%", "&#37;")
        marker = {"color": colour, "symbol": symbol}
        last = {"legendrank": 2000} if name in (OTHER, UNKNOWN) else {}
        traces.append(_points(xy, rows, marker, name=shown, hovertemplate=f"{shown}<extra></extra>", **last))
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
    # What has no name of its own lies beneath.
    order = [*(name for name in (OTHER, UNKNOWN) if name in rows_of), *(name for name in styles if name in rows_of)]
    return [(name, *styles.get(name, plain), rows_of[name]) for name in order]
