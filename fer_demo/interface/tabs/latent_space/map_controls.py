"""The fields above the linked maps: which maps are shown, coloured by what, and who is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import gradio as gr

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.interface.tabs.latent_space.map_view import PAIR_TITLES, MapView, colour_labels, methods, people
from fer_demo.interface.widgets.components import Update


class MapSettings(NamedTuple):
    """What becomes of the controls when other faces are shown."""

    table: Update
    pair: Update
    method: Update
    label: Update
    person: Update

    @classmethod
    def of(cls, view: MapView, table: EmbeddingTable, person: str | None, asked: MapView | None = None) -> Self:
        """Controls that say what is shown; what `asked` says as well is left alone, since it may have been set anew."""

        def said(name: str) -> Update:
            value = getattr(view, name)
            return gr.skip() if asked is not None and getattr(asked, name) == value else gr.update(value=value)

        method = said("method") | gr.update(choices=methods(table))
        label = said("label") | gr.update(choices=colour_labels(table))
        return cls(said("name"), said("pair"), method, label, gr.update(choices=people(table), value=person))


class MapControls(NamedTuple):
    """What the visitor sets."""

    table: gr.Dropdown
    pair: gr.Radio
    method: gr.Radio
    label: gr.Dropdown
    person: gr.Dropdown

    @classmethod
    def laid_out(cls, view: MapView, table: EmbeddingTable, tables: Sequence[tuple[str, str]]) -> Self:
        """The fields in two rows; `tables` are the title and name of every table there is."""
        with gr.Row(elem_classes="choices"):
            pairs = [(words, pair) for pair, words in PAIR_TITLES.items()]
            pair = gr.Radio(pairs, value=view.pair, label="What the maps compare", elem_id="pair", min_width=300)
            method = gr.Radio(
                methods(table), value=view.method, label="Way of drawing", elem_id="method", min_width=220
            )
        with gr.Row(elem_classes="choices"):
            label = gr.Dropdown(colour_labels(table), value=view.label, label="Colour by", elem_id="colour")
            person = gr.Dropdown(people(table), value=None, label="Find a person", elem_id="find-person")
            name = gr.Dropdown(list(tables), value=view.name, label="Model and faces", visible=len(tables) > 1)
        return cls(name, pair, method, label, person)
