"""The labels of an opened set: which column holds them, how its numbers count, and what each of them means."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.data.label_columns import ORDERS
from fer_demo.data.opened_set import ORIGINAL_LABEL
from fer_demo.data.tables import reread
from fer_demo.errors import DataError, FerDemoError
from fer_demo.expressions import FIRST_LABEL, WITH_CONTEMPT
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.markup import data_uri
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.tables import table

NOTHING = "no expression"
_SIDE = 56  # pixels of a face that stands for a label
_TRIES = 20  # faces of one label that are looked at for a readable one
_ORDER_CHOICES = [
    (f"{name} (from {FIRST_LABEL.get(name, 0)}): {', '.join(word or '–' for word in order)}", name)
    for name, order in ORDERS.items()
]


class _Shown(NamedTuple):
    """What is said about the labels; the same names hold the components and their values."""

    panel: Update
    of_table: Update
    column: Update
    order: Update
    words: str
    originals: Update


def build(state: Any) -> None:
    """A panel that appears with a set of a visitor's own, and opens where its labels are in doubt."""
    with gr.Accordion("What its labels mean", open=False, visible=False, elem_id="meanings") as panel:
        with gr.Row(elem_classes="choices", visible=False) as of_table:
            column = gr.Dropdown([], label="Column with the labels", elem_id="label-column")
            order = gr.Dropdown(_ORDER_CHOICES, label="Which expression each number means", elem_id="number-order")
        words = gr.HTML("", apply_default_css=False)
        with gr.Row(elem_classes="choices"):
            originals = gr.Dropdown([], label="Label in this set")
            meaning = gr.Dropdown([NOTHING, *WITH_CONTEMPT], value=NOTHING, label="means")
            apply = gr.Button("Apply", size="md", min_width=90)
        notice = Notice()
    shown = components(_Shown, panel, of_table, column, order, words, originals)

    def choose_column(exploration: Exploration, name: str | None) -> Exploration:
        return exploration.with_opened(reread(exploration.opened, name, None))

    def choose_order(exploration: Exploration, name: str | None, by: str | None) -> Exploration:
        return exploration.with_opened(reread(exploration.opened, name, by))

    def set_meaning(exploration: Exploration, label: str | None, word: str) -> Exploration:
        if label not in exploration.opened.labels:
            raise DataError("Choose a label of this set first.")
        meanings = {**exploration.opened.labels, str(label): None if word == NOTHING else word}
        return exploration.with_labels(meanings)

    listen([column.input], choose_column, [state, column], [state], notice=notice)
    listen([order.input], choose_order, [state, column, order], [state], notice=notice)
    listen([apply.click], set_meaning, [state, originals, meaning], [state], notice=notice)
    listen([state.change], show, [state], shown)


def show(exploration: Exploration) -> _Shown:
    """What is known about the labels of a set."""
    labels, labelling = exploration.opened.labels, exploration.opened.labelling
    unknown = [label for label, ours in labels.items() if ours is None]
    choices = () if labelling is None else labelling.choices
    in_doubt = bool(unknown) or (labelling is not None and labelling.in_doubt)
    is_numbers = labelling is not None and any(label.lstrip("-").isdecimal() for label in labels)
    is_visible = bool(labels) or bool(choices)
    return _Shown(
        # Opened by doubt, and closed by nobody but the visitor.
        panel=gr.update(visible=is_visible, open=True) if in_doubt else gr.update(visible=is_visible),
        of_table=gr.update(visible=bool(choices)),
        column=gr.update(choices=list(choices), value=labelling.column if labelling else None),
        order=gr.update(value=labelling.order if labelling else None, interactive=is_numbers),
        words=_meanings(exploration) if labels else "",
        originals=gr.update(choices=list(labels), value=next(iter([*unknown, *labels]), None)),
    )


def _meanings(exploration: Exploration) -> str:
    """Each label with one of its faces, so that a wrong meaning is seen."""
    originals = exploration.source.column(ORIGINAL_LABEL)
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(label)}</bdi></th><td>{_face(exploration, originals, label)}</td>'
        f"<td>{originals.count(label):,}</td><td>{ours or NOTHING}</td></tr>"
        for label, ours in exploration.opened.labels.items()
    )
    caption = "The labels of this set, and the expressions they are read as"
    return table("meanings", caption, ("Label", "One of its faces", "Faces", "Means"), rows)


def _face(exploration: Exploration, originals: list[str | None], label: str) -> str:
    for row in [row for row, one in enumerate(originals) if one == label][:_TRIES]:
        try:
            face = data_uri(exploration.source.picture(row), _SIDE)
        except FerDemoError:
            continue
        return f'<img src="{face}" alt="">'
    return ""
