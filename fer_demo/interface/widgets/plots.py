"""Plotly figures that answer to a click and follow the page's colours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from fer_demo.interface.widgets.markup import ZOOM

# Gradio brings Plotly for its own charts and serves it beside the page, behind any prefix: no CDN, no second copy.
_SERVED = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
_PLOTLY = next(path.name for path in sorted(_SERVED.glob("PlotlyPlot-*.js")))
_WHEN_SHOWN = """new Promise((shown) => new ResizeObserver((_, watcher) => {
  if (element.offsetWidth) { watcher.disconnect(); shown(); }
}).observe(element))"""
_STYLE = Path(__file__).parents[2] / "assets" / "style"


def script(*names: str) -> str:
    """Those of our scripts that draw figures as one, with what all of them share in front.

    They run when their place is first shown and Plotly is there, which a page without figures never fetches.
    """
    ours = "".join((_STYLE / name).read_text(encoding="utf-8") for name in ("figures.js", *names))
    plotly = f"window.Plotly || import(new URL('assets/{_PLOTLY}', document.baseURI))"
    return f"{_WHEN_SHOWN}.then(() => {plotly}).then(() => {{\n{ours}\n}});"


def as_json(figures: Sequence[go.Figure] | None) -> list[dict[str, Any]]:
    """Figures as they are sent to the browser; arrays of numbers are packed."""
    return [json.loads(figure.to_json()) for figure in figures or ()]


class Plots(gr.HTML):
    """One or more figures side by side; clicking a bar or point fires `select` with its place.

    value: the figures, one for each of `labels` (what a screen reader says).
    """

    def __init__(
        self,
        value: Sequence[go.Figure] | None = None,
        *,
        labels: Sequence[str] = (),
        height: int = 320,
        **options: Any,
    ) -> None:
        panels = "".join(
            f'<div class="plot" role="img" aria-label="{escape(label)}" style="height:{height}px"></div>'
            for label in labels
        )
        template = f'<div class="plots zoomable">{panels}{ZOOM}</div>'
        super().__init__(
            value, html_template=template, js_on_load=script("plots.js"), apply_default_css=False, **options
        )

    def postprocess(self, value: Sequence[go.Figure] | None) -> Any:
        return as_json(value)

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "description": "Plotly figures as JSON"}
