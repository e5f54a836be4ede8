"""Opening a dataset: a visitor's file, the Hub, or the bundled faces again; and what its labels mean."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.data.hub_rows import HubRows
from fer_demo.data.opened_set import GIVEN
from fer_demo.data.opening import open_upload
from fer_demo.errors import DataError
from fer_demo.events import listen
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.inference.exploration import Exploration
from fer_demo.widgets.file_input import FileInput
from fer_demo.widgets.long_work import LongWork
from fer_demo.widgets.markup import sentences
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.tables import table

NOTHING = "no expression"
_HELP = (
    "A Parquet file with pictures in it, or a ZIP of a folder; folders may name expressions or people, with train or "
    "test above them. It is read in memory, for this visit only."
)


class _Shown(NamedTuple):
    """What is said about the set; the same names hold the components and their values."""

    lead: Any
    notes: Any
    meanings: Any  # the panel about labels
    words: Any
    given: Any


def build(bundled: Exploration, state: Any) -> None:
    """The line about the set, and a closed panel with the ways to open another."""
    values = show(bundled)
    lead = gr.HTML(values.lead, apply_default_css=False, elem_id="opened")
    notes = gr.HTML(values.notes, apply_default_css=False)
    with gr.Accordion("Open another dataset", open=False, elem_id="open-dataset"):
        with gr.Row(elem_classes="sides"):
            with gr.Column(min_width=320):
                gr.HTML(f'<p class="lead">{_HELP}</p>', apply_default_css=False)
                file = FileInput(
                    label="Parquet or ZIP", file_types=[".parquet", ".zip"], height=124, elem_id="set-file"
                )
            with gr.Column(min_width=320):
                repo = gr.Textbox(label="Dataset on the Hub", placeholder="owner/name", max_lines=1, elem_id="set-hub")
                hub = LongWork("Stream its first rows", "rows", "stream")
                back = gr.Button("Back to the bundled faces", size="md")
        notice = Notice()
    with gr.Accordion("What its labels mean", open=False, visible=False, elem_id="meanings") as meanings:
        words = gr.HTML("", apply_default_css=False)
        with gr.Row(elem_classes="choices"):
            given = gr.Dropdown([], label="Label in this set")
            meaning = gr.Dropdown([NOTHING, *WITH_CONTEMPT], value=NOTHING, label="means")
            apply = gr.Button("Apply", size="md", min_width=90)
        beside = Notice()
    shown = _Shown(lead, notes, meanings, words, given)

    def open_file(sent: tuple[str, bytes] | None) -> Exploration | Any:
        return gr.skip() if sent is None else Exploration(open_upload(*sent))

    def stream(name: str) -> HubRows:
        return HubRows(name.strip())

    def streamed(_: Exploration, work: Any) -> Exploration:
        return Exploration(work.result())

    def set_meaning(exploration: Exploration, label: str | None, word: str) -> Exploration:
        if label not in exploration.opened.labels:
            raise DataError("Choose a label of this set first.")
        meanings = {**exploration.opened.labels, str(label): None if word == NOTHING else word}
        return exploration.with_labels(meanings)

    opened = listen([file.upload], open_file, [file], [state], notice=notice, busy=[lead])
    opened.then(None, outputs=[file], js="() => null", show_progress="hidden", api_visibility="private")
    hub.connect(listen, stream, [repo], streamed, state, notice, about=lambda _: None, early=True)
    listen([back.click], lambda: bundled, [], [state], notice=notice)
    listen([apply.click], set_meaning, [state, given, meaning], [state], notice=beside)
    listen([state.change], show, [state], shown)


def show(exploration: Exploration) -> _Shown:
    """What is said about a set."""
    source, labels = exploration.source, exploration.opened.labels
    people = {person for person in source.column("person") if person is not None}
    splits = {split: exploration.splits.count(split) for split in dict.fromkeys(exploration.splits) if split}
    parts = [f"{len(source):,} pictures", f"{len(people):,} people" if people else ""]
    parts.append(" and ".join(f"{count:,} {split}" for split, count in splits.items()))
    said = ", ".join(part for part in parts if part)
    unknown = [label for label, ours in labels.items() if ours is None]
    table_of = _meanings_table(exploration) if labels else ""
    return _Shown(
        lead=f'<p class="lead"><b>{escape(source.name)}</b>: {escape(said)}</p>',
        notes=sentences(exploration.opened.notes),
        meanings=gr.update(visible=bool(labels), open=bool(unknown)),
        words=table_of,
        given=gr.update(choices=list(labels), value=next(iter([*unknown, *labels]), None)),
    )


def _meanings_table(exploration: Exploration) -> str:
    given = exploration.source.column(GIVEN)
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(label)}</bdi></th><td>{given.count(label):,}</td>'
        f"<td>{ours or NOTHING}</td></tr>"
        for label, ours in exploration.opened.labels.items()
    )
    return table(
        "meanings", "The labels of this set, and the expressions they are read as", ("Label", "Faces", "Means"), rows
    )
