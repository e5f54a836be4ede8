"""The maps side by side as HTML, each with its verdict; and the curves behind the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from plotly.graph_objects import Figure

from fer_demo.figures.explain import curve_figure
from fer_demo.inference.explain.curves import CURVES, SHARES
from fer_demo.inference.explain.verdict import Check
from fer_demo.inference.recognize.attribution import overlay, shown_heat
from fer_demo.interface.context import title
from fer_demo.interface.tabs.explain.explaining import BOTH, Explained, Map
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import ZOOM, data_uri, lead, message, sentences

SIDE = 288  # pixels of a picture
NOT_COUNTED = "How often it is faithful was not measured."


def maps_view(shown: Explained | None, opacity: float) -> str:
    """A card for each method: the face under its map, the verdict, and the checks on demand."""
    if shown is None:
        return message("No maps yet: choose a face, and up to three methods.")
    cards = "".join(_card(shown, method, one, opacity) for method, one in shown.maps.items())
    words = f"What speaks for {shown.question}, by {title(shown.model)}. The brighter, the more it counted."
    pairs = " pairs" if shown.target == BOTH else ""
    return f'{lead(words)}<div class="editors{pairs}">{cards}</div>{sentences(shown.troubles)}'


def maps_awaited(methods: Sequence[str], often: Mapping[str, str]) -> str:
    """The places of maps that are being drawn; `often` as in Explained."""
    cards = "".join(
        f'<figure class="editor"><figcaption>{explained(_capital(method))}</figcaption><div class="blank"></div>'
        f"{lead('On its way …')}{lead(often.get(method, NOT_COUNTED))}</figure>"
        for method in methods
    )
    return f'{lead("Maps of an example are being drawn.")}<div class="editors">{cards}</div>'


def map_picture(shown: Explained, method: str, opacity: float) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the aligned face under the map of one method."""
    return overlay(shown.crop.pixels(SIDE), shown_heat(shown.maps[method].heat), opacity)


def curve_figures(shown: Explained | None) -> list[Figure]:
    """A figure for each question and curve, with all methods and rivals; none before everything is checked."""
    if shown is None or not shown.checked:
        return []
    return [
        curve_figure(_figure_title(shown, curve.name, question), SHARES, methods, rivals)
        for question, by_curve in shown.rivals.items()
        for curve in CURVES
        if (methods := _curves_of(shown, question, curve.name))
        and (rivals := {name: rows.mean(axis=0) for name, rows in by_curve[curve.name].items()})
    ]


def _curves_of(shown: Explained, question: str, curve: str) -> dict[str, np.ndarray]:
    """By method; none of a map without evidence."""
    return {
        one.method: one.curves[curve] for one in shown.maps.values() if one.question == question and curve in one.curves
    }


def _figure_title(shown: Explained, curve: str, question: str) -> str:
    return f"{curve}, {question}" if len(shown.rivals) > 1 else curve


def _card(shown: Explained, method: str, one: Map, opacity: float) -> str:
    source = data_uri(map_picture(shown, method, opacity))
    described = escape(f"Map of {one.method} for {one.question}")
    if one.verdict is None:
        below = '<p class="lead">Not checked yet</p>'
    else:
        rows = "".join(map(_check, one.verdict.checks))
        checks = f"<details><summary>All checks</summary><dl>{rows}</dl></details>" if rows else ""
        below = f'<p class="verdict">{explained(one.verdict.sentence)}</p>{checks}'
    caption = f"<figcaption>{explained(_capital(method))}</figcaption>"
    below += lead(shown.often.get(one.method, NOT_COUNTED))
    place = " second" if one.question != next(iter(shown.rivals)) else ""
    return (
        f'<figure class="editor zoomable{place}">{caption}<img src="{source}" alt="{described}">{below}{ZOOM}</figure>'
    )


def _check(check: Check) -> str:
    mark = "passed" if check.passed else "missed"
    return f"<dt>{explained(check.name)}</dt><dd><b>{check.figure:z.2f}</b>, {mark}: {explained(check.words)}</dd>"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
