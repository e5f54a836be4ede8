"""Linked maps: the same faces side by side in several figures; what is done on one map is seen on all of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr
import plotly.graph_objects as go
from gradio.events import Dependency

from fer_demo.interface.widgets.markup import ZOOM
from fer_demo.interface.widgets.plots import as_json, script

_BESIDE_POINTER = '<img class="hover-face" alt="" hidden><div class="hover-name" hidden></div>'
_SAID = '<p class="map-said unseen" role="status"></p>'
_KEYS = "Arrow keys go from face to face, Enter chooses one."
_turns = itertools.count()
Packed = list[int | list[int]]  # a row or rows, and how many were packed before


def packed(value: int | list[int]) -> Packed:
    """`chosen` or `selected` as a map hears of it, even if the server says again what the visitor has changed since."""
    return [value, next(_turns)]


class LinkedMaps(gr.HTML):
    """Scatter figures whose points say by `customdata` which face they are.

    Fires `select` with the index of a face that was clicked, or reached with arrow keys and chosen with Enter, `lasso`
    with the rows inside a drawn outline or box (none when it is taken away), and `place` with the panel, x and y of a
    click that hit no face.

    value: the figures, one for each of `labels` (what a screen reader says).
    chosen, selected: the ringed face and the selected ones, as `packed` packs them.
    placed: where on each map the star is, if anywhere.
    scene: names the set of faces; with a row it is what `thumbnail` is asked by, for the picture beside the pointer.
    """

    EVENTS: list[Any] = [*gr.HTML.EVENTS, "lasso", "place"]  # noqa: RUF012, declared so in gr.HTML
    lasso: Callable[..., Dependency]  # as Gradio makes them of EVENTS
    place: Callable[..., Dependency]

    def __init__(
        self,
        value: Sequence[go.Figure] | None = None,
        *,
        labels: Sequence[str],
        height: int,
        scene: str,
        chosen: Packed,
        selected: Packed | None = None,
        placed: Sequence[tuple[float, float]] | None = None,
        thumbnail: Callable[[str, int], str],
        **options: Any,
    ) -> None:
        panels = "".join(
            f'<div class="map-panel"><canvas class="marks dots"></canvas>'
            f'<div class="plot" role="application" tabindex="0" aria-label="{escape(label)}. {_KEYS}" '
            f'style="height:{height}px"></div><canvas class="marks"></canvas></div>'
            for label in labels
        )

        def face(asked: Any) -> str:
            scene, row = asked if isinstance(asked, list) and len(asked) == 2 else ("", None)
            return thumbnail(str(scene), row) if isinstance(row, int) else ""

        super().__init__(
            value,
            html_template=f'<div class="plots zoomable">{panels}{_BESIDE_POINTER}{_SAID}{ZOOM}</div>',
            js_on_load=script("dots.js", "maps.js"),
            apply_default_css=False,
            server_functions=[face],
            has_thumbnails=True,
            scene=scene,
            chosen=chosen,
            selected=selected,
            placed=placed,
            **options,
        )
        # gr.HTML takes any quoted word of its script for an event unless the attribute is there
        self.chosen, self.selected, self.placed = chosen, selected, placed

    def postprocess(self, value: Sequence[go.Figure] | None) -> Any:
        return as_json(value)

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "description": "Plotly figures as JSON"}
