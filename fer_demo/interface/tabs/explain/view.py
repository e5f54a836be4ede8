"""The maps side by side as HTML, each with its verdict; and the curves behind the verdicts."""

from __future__ import annotations

from html import escape

import numpy as np
from plotly.graph_objects import Figure

from fer_demo.figures.explain import curve_figure
from fer_demo.inference.explain.curves import CURVES, SHARES
from fer_demo.inference.explain.verdict import Check
from fer_demo.inference.recognize.attribution import overlay, shown_heat
from fer_demo.interface.context import title
from fer_demo.interface.tabs.explain.explaining import Explained, Map
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import ZOOM, data_uri, lead, message, sentences

SIDE = 288  # pixels of a picture


def maps_view(shown: Explained | None, opacity: float) -> str:
    """A card for each method: the face under its map, the verdict, and the checks on demand."""
    if shown is None:
        return message("No maps yet: choose a face, and up to three methods.")
    cards = "".join(_card(shown, method, one, opacity) for method, one in shown.maps.items())
    words = f"What speaks for {shown.question}, by {title(shown.model)}. The brighter, the more it counted."
    return f'{lead(words)}<div class="editors">{cards}</div>{sentences(shown.troubles)}'


def map_picture(shown: Explained, method: str, opacity: float) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the aligned face under the map of one method."""
    return overlay(shown.crop.pixels(SIDE), shown_heat(shown.maps[method].heat), opacity)


def curve_figures(shown: Explained | None) -> list[Figure]:
    """A figure for each curve, with all methods and the rivals; none before everything is checked."""
    if shown is None or not shown.checked:
        return []
    figures = []
    for curve in CURVES:
        methods = {method: one.curves[curve.name] for method, one in shown.maps.items() if one.curves}
        rivals = {name: rows.mean(axis=0) for name, rows in shown.rivals.get(curve.name, {}).items()}
        figures += [curve_figure(curve.name, SHARES, methods, rivals)] if methods else []
    return figures


def _card(shown: Explained, method: str, one: Map, opacity: float) -> str:
    source = data_uri(map_picture(shown, method, opacity))
    described = escape(f"Map of {method} for {shown.question}")
    if one.verdict is None:
        below = '<p class="lead">Not checked yet</p>'
    else:
        rows = "".join(map(_check, one.verdict.checks))
        checks = f"<details><summary>All checks</summary><dl>{rows}</dl></details>" if rows else ""
        below = f'<p class="verdict">{explained(one.verdict.sentence)}</p>{checks}'
    caption = f"<figcaption>{explained(_capital(method))}</figcaption>"
    return f'<figure class="editor zoomable">{caption}<img src="{source}" alt="{described}">{below}{ZOOM}</figure>'


def _check(check: Check) -> str:
    mark = "passed" if check.passed else "missed"
    return f"<dt>{explained(check.name)}</dt><dd><b>{check.figure:z.2f}</b>, {mark}: {explained(check.words)}</dd>"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
