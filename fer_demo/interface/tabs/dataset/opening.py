"""Opening a dataset: a visitor's file, the Hub, or the bundled faces again."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import islice
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.data.hub_rows import HubRows
from fer_demo.data.opening import open_upload
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.events import FILES_QUEUE, listen
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.file_input import FileInput
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead as lead_line
from fer_demo.interface.widgets.markup import sentences
from fer_demo.interface.widgets.notice import Notice

_HELP = (
    "Bring a ZIP of a folder with pictures, or a table with the pictures inside (Parquet or CSV). Folders may have the "
    "names of expressions or people, with train or test above them. Your file is read for this visit only, not kept."
)
_MOST_SPLITS, _LONGEST = 12, 40  # splits that are named, and letters of a name
_OURS = "The computer-made faces that come with this page"


class _Shown(NamedTuple):
    """Sentences about the set; the same names hold the components and their values."""

    lead: str
    notes: str


def build(bundled: Exploration, state: Any, hub_login: bool) -> None:
    """The line about the set, and a closed panel with the ways to open another; hub_login: as the operator."""
    values = show(bundled)
    lead = gr.HTML(values.lead, apply_default_css=False, elem_id="opened")
    notes = gr.HTML(values.notes, apply_default_css=False)
    with gr.Accordion("Open another dataset", open=False, elem_id="open-dataset"):
        with gr.Row(elem_classes="sides"):
            with gr.Column(min_width=320):
                gr.HTML(lead_line(_HELP), apply_default_css=False)
                file = FileInput(
                    label="Parquet, CSV or ZIP",
                    file_types=[".parquet", ".csv", ".tsv", ".zip"],
                    height=124,
                    elem_id="set-file",
                )
            with gr.Column(min_width=320):
                repo = gr.Textbox(
                    label="Dataset on the Hugging Face Hub", placeholder="owner/name", max_lines=1, elem_id="set-hub"
                )
                hub = LongWork("Load its first pictures", "rows", "stream")
                back = gr.Button("Back to the faces that come with this page", size="md")
        notice = Notice()
    shown = components(_Shown, lead, notes)

    def open_file(sent: tuple[str, bytes] | None) -> Exploration | Any:
        return gr.skip() if sent is None else Exploration(open_upload(*sent))

    def stream(name: str) -> HubRows:
        return HubRows(name.strip(), login=hub_login)

    def streamed(_: Exploration, work: Any) -> Exploration:
        return Exploration(work.result())

    opened = listen([file.upload], open_file, [file], [state], notice=notice, queue=FILES_QUEUE, busy=[lead])
    opened.then(None, outputs=[file], js="() => null", show_progress="hidden", api_visibility="private")
    hub.connect(listen, stream, [repo], streamed, state, notice, about=lambda _: None, early=True)
    listen([back.click], lambda: bundled, [], [state], notice=notice)
    listen([state.change], show, [state], shown)


def show(exploration: Exploration) -> _Shown:
    """Sentences about a set."""
    source = exploration.source
    people = {person for person in source.column("person") if person is not None}
    splits = Counter(split for split in exploration.splits if split)
    shown = [f"{count:,} {split[:_LONGEST]}" for split, count in islice(splits.items(), _MOST_SPLITS)]
    others = [f"{len(splits) - len(shown):,} other splits"] if len(splits) > len(shown) else []
    parts = [f"{len(source):,} pictures", f"{len(people):,} people" if people else "", " and ".join([*shown, *others])]
    words = ", ".join(part for part in parts if part)
    name = _OURS if source.name == "bundled" else source.name
    return _Shown(
        lead=f'<p class="lead"><b>{escape(name)}</b>: {escape(words)}</p>',
        notes=sentences(exploration.opened.notes),
    )
