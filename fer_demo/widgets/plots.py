"""Plotly figures that answer to a click, follow the page's colours and, side by side, point at the same face."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import plotly
import plotly.graph_objects as go

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"  # ships in the wheel: no CDN
_SCRIPT = (Path(__file__).parent.parent / "assets" / "style" / "plots.js").read_text(encoding="utf-8")
gr.set_static_paths([PLOTLY_JS])


class Plots(gr.HTML):
    """One or more figures side by side; clicking a point fires `select` with the index of what it stands for.

    value: the figures, one for each of `labels` (what a screen reader says). The index is the first entry of a point's
    customdata, or the place of a bar. Points of different figures with the same index stand for the same thing: they
    are pointed at together, and the chosen one is ringed in all figures.
    thumbnail: gives the data URI of the picture shown beside the pointer, by the second entry of a point's customdata.
    """

    def __init__(
        self,
        value: Sequence[go.Figure] | None = None,
        *,
        labels: Sequence[str] = (),
        height: int = 320,
        chosen: int | None = None,
        tools: bool = False,
        thumbnail: Callable[[str], str] | None = None,
        **options: Any,
    ) -> None:
        panels = "".join(
            f'<div class="plot" role="img" aria-label="{escape(label)}" style="height:{height}px"></div>'
            for label in labels
        )

        def face(key: str) -> str:
            return thumbnail(str(key)) if thumbnail is not None else ""

        super().__init__(
            value,
            html_template=f'<div class="plots">{panels}<img class="hover-face" alt="" hidden></div>',
            js_on_load=_SCRIPT,
            head=f'<script src="/gradio_api/file={PLOTLY_JS}"></script>',
            apply_default_css=False,
            server_functions=None if thumbnail is None else [face],
            chosen=chosen,
            tools=tools,
            has_thumbnails=thumbnail is not None,
            **options,
        )
        self.chosen = chosen  # gr.HTML takes any quoted word of its script for an event unless the attribute is there

    def postprocess(self, value: Sequence[go.Figure] | None) -> Any:
        return [json.loads(figure.to_json()) for figure in value or ()]

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "description": "Plotly figures as JSON"}
