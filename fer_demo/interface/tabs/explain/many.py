"""Over many faces: how often each method is faithful, from where on the mean face answers come, which part counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.images import resize
from fer_demo.inference.explain.many_faces import (
    REGION_TABLE,
    VERDICT_TABLE,
    MeanMaps,
    RegionTable,
    faithful_counts,
    faithful_sentence,
    load_mean_maps,
    region_table,
)
from fer_demo.inference.explain.regions import OUTLINES, REGIONS
from fer_demo.inference.recognize.attribution import overlay
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.widgets.markup import data_uri, lead, message, sentences
from fer_demo.interface.widgets.tables import table

_TITLE = "Over many faces"
_SIDE = 160  # pixels of a mean face


class ManyFacesPart:
    """Closed at first; it follows the chosen model."""

    def __init__(self, context: AppContext, model: str) -> None:
        with gr.Accordion(_TITLE, open=False, elem_id="many-faces"):
            self._shown = gr.HTML(many_faces_view(context, model), apply_default_css=False)

    def connect(self, listen: Callable[..., Any], context: AppContext, model: Any) -> None:
        """`model`: the component that names it; `listen` is events.listen."""
        listen([model.change], partial(many_faces_view, context), [model], [self._shown], latest=True)


def many_faces_view(context: AppContext, name: str) -> str:
    """Sentences, mean maps and the table of regions of one model; a sentence where nobody measured it."""
    model = context.described(name)
    counts = bundled_evaluation(name, model, VERDICT_TABLE, faithful_counts)
    regions = bundled_evaluation(name, model, REGION_TABLE, region_table)
    maps = load_mean_maps(name, model)
    if counts is None and regions is None:
        return message(f"{title(name)} has not been explained on many faces yet.")
    faithful = sentences([faithful_sentence(counts[0], *pair) for pair in counts[1].items()]) if counts else ""
    return faithful + (_maps(maps) if maps else "") + (_regions(regions) if regions else "")


def _maps(maps: MeanMaps) -> str:
    """A mean face for each expression, under the mean map of what speaks for it."""
    figures = "".join(
        f'<figure class="editor"><figcaption>{escape(expression)}</figcaption>'
        f'<img src="{data_uri(overlay(resize(face, _SIDE), heat))}" alt="Mean map of {escape(expression)}"></figure>'
        for expression, face, heat in zip(maps.expressions, maps.faces, maps.maps, strict=True)
    )
    words = "The average face of each expression, under its average occlusion map."
    return f'{lead(words)}<div class="editors several">{figures}</div>'


def _regions(found: RegionTable) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(row.expression)}</th>'
        + "".join(_cell(region, share, row.carries) for region, share in zip(REGIONS, row.shares, strict=True))
        + "</tr>"
        for row in found.rows
    )
    words = (
        "How much each part of the face gives to the answer, in per cent of what all parts give: region Shapley, over "
        f"{found.each} computer-made faces of every expression. A part below 0 speaks against the expression."
    )
    return lead(words) + table("models", "What each region gives to each expression", ("", *REGIONS), rows)


def _cell(region: str, share: float, carries: str) -> str:
    top = ' class="top"' if region == carries and region in OUTLINES else ""
    bar = f'<i class="track"><i style="width:{max(share, 0):.0%}"></i></i>'
    return f"<td{top}>{100 * share:.0f}{bar}</td>"
