"""The comparison: the same face and request through every editor, and what was measured about each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from fer_demo.errors import CheckpointError, DataError
from fer_demo.inference.study.run import study_of
from fer_demo.inference.transfer.comparison import (
    COMPARISON_COLUMNS,
    EditorResult,
    TransferTable,
    comparison_rows,
    joined,
    measured_transfer,
    run_editor,
)
from fer_demo.inference.transfer.transfer import direction_to, photo_or_face
from fer_demo.inference.transfer.true_pairs import PairsRow, measured_pairs, natural_size
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.transfer.comparison_view import (
    comparison_picture,
    comparison_view,
    transfer_table,
    truth_table,
)
from fer_demo.interface.tabs.transfer.edited_view import photo_file
from fer_demo.interface.tabs.transfer.request import EditRequest, Inputs, edit_request, editor_of, file_name
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.markup import message, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.outputs import csv_lines, zipped

PHOTOS = "photos (ZIP)"


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Compared:
    """What every editor made of one face, by its name."""

    request: EditRequest
    amount: float
    expression: str
    results: dict[str, EditorResult]
    troubles: tuple[str, ...] = ()  # why others are missing


def lay_out_comparison(context: AppContext, inputs: Inputs, amount: Any) -> None:
    """A button, the editors side by side, and the evaluation."""
    with gr.Row(elem_classes="choices"):
        compare = gr.Button("Compare the editors", variant="primary", size="md", min_width=190, scale=0)
    notice = Notice()
    first = "The face above, with the wanted expression, by every editor that is loaded, each at the chosen amount."
    results = gr.HTML(message(first), apply_default_css=False, elem_id="comparison")
    downloads = Downloads((PHOTOS, "PNG", "CSV"), "comparison-files")
    with gr.Accordion("Beside the true picture of the same person", open=True):
        gr.HTML(_truth(context), apply_default_css=False, elem_id="truth")
    with gr.Accordion("Measured on many faces", open=True):
        gr.HTML(_evaluation(context), apply_default_css=False, elem_id="evaluation")
    compared = gr.State(None)

    def make(*values: Any) -> tuple[Compared, str]:
        *asked, wanted = values
        found = _compared(context, edit_request(context, *asked), float(wanted))
        by_title = {title(name): result for name, result in found.results.items()}
        return found, comparison_view(by_title, found.expression) + sentences(found.troubles)

    def take(kind: str, found: Compared | None) -> Made:
        return _file(context, kind, found)

    listen([compare.click], make, [*inputs, amount], [compared, results], notice=notice, heavy=True, busy=[results])
    downloads.connect(listen, take, [compared], notice, heavy=[PHOTOS])


def _compared(context: AppContext, request: EditRequest, amount: float) -> Compared:
    # All editors change the expression, since only some can change the face.
    request = replace(request, along="expression")
    target, face, label = request.target, request.source.crop, request.label or None
    expression = study_of(context.judge_of(request.model), face, None, target, "expression", 2, label=label).expression
    results, troubles = {}, []
    for name in context.editors.values():
        try:
            editor = editor_of(context, request, name)
            direction, size = (
                direction_to(editor, face, target, label),
                natural_size(editor, expression, not request.by_name, amount),
            )
            results[name] = run_editor(editor, context.judge_of(name), context.embedder, direction, amount, size)
        except CheckpointError as error:  # such as weights that cannot be loaded
            troubles.append(f"{title(name)}: {error}")
    if not results:
        raise CheckpointError(" ".join(troubles))
    return Compared(request, amount, expression, results, tuple(troubles))


def _file(context: AppContext, kind: str, found: Compared | None) -> Made:
    if found is None:
        raise DataError("Nothing is compared yet; press “Compare the editors” first.")
    name = file_name(context, replace(found.request, model="all-editors"), found.expression, found.amount)
    if kind == PHOTOS:
        files = [
            photo_file(
                photo_or_face(editor_of(context, found.request, editor), result.direction, result.alpha),
                _name(context, found, editor),
                visible_mark=False,
            )
            for editor, result in found.results.items()
        ]
        return f"{name}.zip", "application/zip", zipped({file: content for file, _, content in files})
    titles = {title(editor): result for editor, result in found.results.items()}
    if kind == "PNG":
        return f"{name}.png", "image/png", comparison_picture(titles)
    rows = comparison_rows(titles, found.expression)
    return f"{name}.csv", "text/csv", csv_lines([COMPARISON_COLUMNS, *rows]).encode()


def _name(context: AppContext, found: Compared, editor: str) -> str:
    return file_name(context, replace(found.request, model=editor), found.expression, found.amount)


def _truth(context: AppContext) -> str:
    measured: dict[str, tuple[PairsRow, ...]] = {}
    missing: list[str] = []
    for name in context.editors.values():
        try:
            rows = measured_pairs(context.models.described[name])
        except CheckpointError:
            rows = ()
        if rows:
            measured[title(name)] = rows
        else:
            missing.append(title(name))
    note = message(f"Not measured with these weights: {', '.join(missing)}.") if missing else ""
    return (truth_table(measured) if measured else "") + note


def _evaluation(context: AppContext) -> str:
    tables: list[TransferTable] = []
    missing: list[str] = []
    for name in context.followers:  # faces drive in this evaluation
        try:
            table = measured_transfer(name, context.models.described[name])
        except CheckpointError:
            table = None
        if table is None:
            missing.append(title(name))
        else:
            tables.append(replace(table, methods=(title(name), *table.methods[1:])))
    note = ""
    if missing:
        without = "Not measured with these weights: " + ", ".join(missing)
        note = message(f"{without}; python -m training evaluate transfer does it.")
    return (transfer_table(joined(tables)) if tables else "") + note
