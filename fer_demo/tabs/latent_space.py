"""Latent space: the same faces on two maps, by identity code and by expression code; choose one and see it on both."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext, title
from fer_demo.errors import DataError
from fer_demo.events import listen, picked
from fer_demo.figures.latent_map import latent_map
from fer_demo.inference.projection import LatentMap
from fer_demo.widgets.markup import Thumbnail, data_uri, facts, message, picture, thumbnails
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.pick import Pick
from fer_demo.widgets.plots import Plots

TITLE = "Latent space"

NEIGHBOURS = 7
_HELP = (
    "Each dot is a face, placed near faces with a similar code. If the codes are kept apart, people gather on the left "
    "map and expressions on the right. Point at a dot to see its face; click to find it on both maps."
)


class _Shown(NamedTuple):
    """What is shown about the chosen face; the same names hold the components and their values."""

    chosen: Any
    face: Any
    by_identity: Any
    by_expression: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with the first example chosen."""
    if not context.maps:
        text = "There is no map yet. “python -m training evaluate transfer RUN” makes one for a model with two codes."
        gr.HTML(message(text), apply_default_css=False)
        return
    name = next(iter(context.maps))
    index = _first(context, context.maps[name])
    values = _show(context, name, index)
    gr.HTML(f'<p class="lead">{_HELP}</p>', apply_default_css=False)
    with gr.Row():
        labels = _labels(context.maps[name])
        colour = gr.Dropdown(labels, value=labels[0], label="Colour by", elem_id="colour")
        choices = [(title(known), known) for known in context.maps]
        model = gr.Dropdown(choices, value=name, label="Model", visible=len(choices) > 1)

    def thumbnail(key: str) -> str:
        return _thumbnail_of(context, key)

    maps = Plots(
        _figures(context.maps[name], labels[0]),
        labels=["Map of the faces by identity code", "Map of the faces by expression code"],
        height=430,
        chosen=index,
        tools=True,
        thumbnail=thumbnail,
        elem_id="maps",
    )
    notice = Notice()
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            face = gr.HTML(values.face, apply_default_css=False, elem_id="chosen", min_height=240)
        with gr.Column(scale=7, min_width=320):
            gr.HTML("<h3>Nearest on the identity map</h3>", apply_default_css=False)
            by_identity = Pick(values.by_identity, elem_id="by-identity", min_height=80)
            gr.HTML("<h3>Nearest on the expression map</h3>", apply_default_css=False)
            by_expression = Pick(values.by_expression, elem_id="by-expression", min_height=80)
    shown = _Shown(gr.State(index), face, by_identity, by_expression)
    _connect(context, maps, model, colour, shown, notice)


def _connect(context: AppContext, maps: Plots, model: Any, colour: Any, shown: _Shown, notice: Any) -> None:
    def choose(name: str, event: gr.EventData) -> _Shown:
        return _show(context, name, picked(event, len(_map(context, name))))

    def choose_alike(name: str, chosen: int, event: gr.EventData) -> tuple[Any, ...]:
        return _neighbour(_map(context, name).identity_xy, name, chosen, event)

    def choose_same(name: str, chosen: int, event: gr.EventData) -> tuple[Any, ...]:
        return _neighbour(_map(context, name).expression_xy, name, chosen, event)

    def _neighbour(points: np.ndarray, name: str, chosen: int, event: gr.EventData) -> tuple[Any, ...]:
        near = _near(points, chosen)
        index = near[picked(event, len(near))]
        return (gr.update(chosen=index), *_show(context, name, index))

    def recolour(name: str, label: str) -> list[Any]:
        return _figures(_map(context, name), label)

    def change_model(name: str) -> tuple[Any, ...]:
        latent = _map(context, name)
        labels, index = _labels(latent), _first(context, latent)
        dropdown = gr.update(choices=labels, value=labels[0])
        return (gr.update(value=_figures(latent, labels[0]), chosen=index), dropdown, *_show(context, name, index))

    listen([maps.select], choose, [model], shown, notice=notice)
    listen([shown.by_identity.select], choose_alike, [model, shown.chosen], [maps, *shown], notice=notice)
    listen([shown.by_expression.select], choose_same, [model, shown.chosen], [maps, *shown], notice=notice)
    listen([colour.input], recolour, [model, colour], [maps], notice=notice)
    listen([model.input], change_model, [model], [maps, colour, *shown], notice=notice)


def _map(context: AppContext, name: str) -> LatentMap:
    if name not in context.maps:
        raise DataError("This model has no map; choose another.")
    return context.maps[name]


def _labels(latent: LatentMap) -> list[str]:
    """The labels to colour by, those that tell the two maps apart first."""
    usual = [name for name in ("expression", "person") if name in latent.labels]
    return [*usual, *(name for name in latent.labels if name not in usual)]


def _figures(latent: LatentMap, label: str) -> list[Any]:
    if label not in latent.labels:
        raise DataError("The faces have no such label; choose another.")
    values = latent.labels[label]
    return [
        latent_map(latent.identity_xy, values, latent.keys, "Identity code"),
        latent_map(latent.expression_xy, values, latent.keys, "Expression code"),
    ]


def _first(context: AppContext, latent: LatentMap) -> int:
    """The point of the first example, or simply the first point."""
    keys = {context.bundled.column("key")[row] for row in context.example_rows[3:4]}
    return next((index for index, key in enumerate(latent.keys) if key in keys), 0)


def _near(points: np.ndarray, index: int) -> list[int]:
    distances = ((points - points[index]) ** 2).sum(axis=1)
    distances[index] = np.inf
    return [int(near) for near in np.argsort(distances, kind="stable")[:NEIGHBOURS]]


def _show(context: AppContext, name: str, index: int) -> _Shown:
    latent = _map(context, name)
    return _Shown(
        chosen=index,
        face=_face(context, latent, index),
        by_identity=_row(context, latent, _near(latent.identity_xy, index), "Nearest on the identity map"),
        by_expression=_row(context, latent, _near(latent.expression_xy, index), "Nearest on the expression map"),
    )


def _row(context: AppContext, latent: LatentMap, indices: list[int], label: str) -> str:
    items = [Thumbnail(_thumbnail_of(context, latent.keys[index]), _words(latent, index)) for index in indices]
    return thumbnails(items, None, label)


def _words(latent: LatentMap, index: int) -> str:
    known = [str(latent.labels[name][index]) for name in ("expression", "person") if name in latent.labels]
    return ", ".join(known) or latent.keys[index]


def _face(context: AppContext, latent: LatentMap, index: int) -> str:
    rows = [("face", latent.keys[index]), *((name, _value(values[index])) for name, values in latent.labels.items())]
    row = context.row_of_key.get(latent.keys[index])
    shown = message("This face is not in the bundled set.")
    if row is not None:
        shown = picture(context.bundled[row].image, f"The chosen face: {_words(latent, index)}")
    return f'<div class="pictures chosen">{shown}{facts(rows)}</div>'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _thumbnail_of(context: AppContext, key: str) -> str:
    """Data URI of the face with this key; empty if there is none (the key comes from the browser)."""
    row = context.row_of_key.get(key)
    return "" if row is None else data_uri(context.bundled[row].image, 96)
