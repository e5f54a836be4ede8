"""The comparison: the same face and wish through every editor, and what was measured about each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from fer_demo.context import AppContext, title
from fer_demo.errors import CheckpointError
from fer_demo.events import listen
from fer_demo.inference.comparison import TransferTable, joined, measured_transfer, run_editor
from fer_demo.inference.study import study_of
from fer_demo.tabs.transfer.wish import EXPRESSION, Inputs, wish_of
from fer_demo.widgets.comparison import comparison_view, transfer_table
from fer_demo.widgets.markup import message
from fer_demo.widgets.notice import Notice


def lay_out_comparison(context: AppContext, inputs: Inputs, alpha: Any) -> None:
    """A button, the editors side by side, and the evaluation."""
    with gr.Row(elem_classes="choices"):
        compare = gr.Button("Compare the editors", variant="primary", size="md", min_width=190, scale=0)
    notice = Notice()
    first = "The face above, with the wanted expression, as far as chosen there, by every editor that is loaded."
    results = gr.HTML(message(first), apply_default_css=False, elem_id="comparison")
    with gr.Accordion("Measured on many faces", open=True):
        gr.HTML(_evaluation(context), apply_default_css=False, elem_id="evaluation")

    def make(*values: Any) -> str:
        # All editors are told to change the expression, since only some can change the face.
        source, driver, kind, name, _, model, wanted = values
        wish = wish_of(context, source, driver, kind, name, EXPRESSION, model)
        target, face = wish.target, wish.source.crop
        expression = study_of(context.judge_of(model), face, None, target, "expression", 2).expression
        found = {
            label: run_editor(
                context.editor(editor), context.judge_of(editor), context.embedder, face, target, float(wanted)
            )
            for label, editor in context.editors.items()
        }
        return comparison_view(found, expression)

    listen([compare.click], make, [*inputs, alpha], [results], notice=notice, heavy=True, busy=[results])


def _evaluation(context: AppContext) -> str:
    tables: list[TransferTable] = []
    missing: list[str] = []
    for name in context.editors.values():
        try:
            table = measured_transfer(name, context.models[name])
        except CheckpointError:
            table = None
        if table is None:
            missing.append(title(name))
        else:
            tables.append(replace(table, methods=(title(name), *table.methods[1:])))
    said = ""
    if missing:
        without = "Not measured with these weights: " + ", ".join(missing)
        said = message(f"{without}; python -m training evaluate transfer does it.")
    return (transfer_table(joined(tables)) if tables else "") + said
