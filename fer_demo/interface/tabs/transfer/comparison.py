"""The comparison: one face through every editor, a picture at a time, and what was measured about each of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from fer_demo.errors import CheckpointError, DataError
from fer_demo.expressions import BASIC
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
from fer_demo.interface.tabs.transfer.leaderboard_view import leaderboard_of
from fer_demo.interface.tabs.transfer.request import EditRequest, Inputs, edit_request, editor_of, file_name
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.outputs import csv_lines, zipped

PHOTOS = "photos (ZIP)"
CHOSEN, SEVEN = "chosen", "seven"


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Compared:
    """What the editors made of one face, by name and then by expression."""

    request: EditRequest
    amount: float
    total: int  # pictures, when all are done
    results: dict[str, dict[str, EditorResult]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)  # why an editor is missing, by its name

    @property
    def done(self) -> int:
        return sum(map(len, self.results.values()))

    @property
    def wanted(self) -> str:
        """The expression of all pictures, or how many expressions there are."""
        names = {expression for made in self.results.values() for expression in made}
        return next(iter(names)) if len(names) == 1 else f"{len(names)}-expressions"


class Comparing:
    """The pictures of a comparison, made one after the other; an editor is loaded when its first one is due."""

    def __init__(self, context: AppContext, request: EditRequest, amount: float, what: str) -> None:
        self._context, self.total, self.done = context, 0, 0
        # All editors change the expression, since only some can change the face.
        self._request = request = replace(request, along="expression")
        if what == SEVEN:
            self._request = request = replace(request, kind="named")
            asked = BASIC
        else:
            judge, label = context.judge_of(request.model), request.label or None
            study = study_of(judge, request.source.crop, None, request.target, "expression", 2, label=label)
            asked = (study.expression,)
        names = dict.fromkeys(
            [*context.editors.values(), request.model]
        )  # a visitor's own model is none of the editors
        self._parts = [(name, expression) for name in names for expression in asked]
        self.total = len(self._parts)
        self._made = Compared(request, amount, self.total)

    @property
    def compared(self) -> Compared:
        """What is done so far.

        Raises: CheckpointError if no editor could do any of it.
        """
        if not self._made.results and self.done:
            raise CheckpointError(" ".join(f"{title(name)}: {why}" for name, why in self._made.troubles.items()))
        results = {name: dict(made) for name, made in self._made.results.items()}
        return replace(self._made, results=results, troubles=dict(self._made.troubles))

    def advance(self, seconds: float) -> None:
        """Make pictures for so long, at least one."""
        end = time.monotonic() + seconds
        while self.done < self.total:
            name, expression = self._parts[self.done]
            if name not in self._made.troubles:
                try:
                    self._made.results.setdefault(name, {})[expression] = self._picture(name, expression)
                except CheckpointError as error:  # weights that cannot be loaded, or an editor that follows no face
                    self._made.results.pop(name, None)
                    self._made.troubles[name] = str(error)
            self.done += 1
            if time.monotonic() >= end:
                return

    def _picture(self, name: str, expression: str) -> EditorResult:
        context, request, amount = self._context, self._request, self._made.amount
        editor = editor_of(context, request, name)
        target = expression if request.by_name else request.target
        direction = direction_to(editor, request.source.crop, target, request.label or None)
        size = natural_size(editor, expression, not request.by_name, amount)
        return run_editor(editor, context.judge_of(name), context.embedder, direction, amount, size)


def lay_out_comparison(context: AppContext, inputs: Inputs, amount: Any) -> None:
    """A button, the editors side by side, and what was measured of them."""
    choices = [("the expression or second face chosen above", CHOSEN), ("all seven expressions", SEVEN)]
    what = gr.Radio(choices, value=CHOSEN, label="What every editor is asked for", elem_id="compare-what")
    work = LongWork("Compare all", "pictures", "compare-all")
    notice = Notice()
    first = "The face above by every editor of this installation, each at the chosen amount."
    results = gr.HTML(message(first), apply_default_css=False, elem_id="comparison")
    downloads = Downloads((PHOTOS, "PNG", "CSV"), "comparison-files")
    with gr.Accordion("Leaderboard", open=True):
        gr.HTML(leaderboard_of(context), apply_default_css=False, elem_id="leaderboard")
    with gr.Accordion("Beside the true picture of the same person", open=False):
        gr.HTML(_truth(context), apply_default_css=False, elem_id="truth")
    with gr.Accordion("Measured on many faces", open=False):
        gr.HTML(_evaluation(context), apply_default_css=False, elem_id="evaluation")
    compared = gr.State(None)

    def begin(*values: Any) -> Comparing:
        *asked, wanted, kind = values
        return Comparing(context, edit_request(context, *asked), float(wanted), kind)

    def finish(_: Compared | None, comparing: Any) -> Compared:
        made: Compared = comparing.compared
        return made

    def take(kind: str, found: Compared | None) -> Made:
        return _file(context, kind, found)

    work.connect(
        listen,
        begin,
        [*inputs, amount, what],
        finish,
        compared,
        notice,
        about=lambda _: None,
        early=True,
    )
    listen([compared.change], view, [compared], [results])
    downloads.connect(listen, take, [compared], notice, heavy=[PHOTOS])


def view(found: Compared | None) -> str:
    """The pictures that are there, and why others are not."""
    if found is None:
        return message("Nothing is compared yet.")
    missing = [f"{title(name)}: {why}" for name, why in found.troubles.items()]
    return comparison_view(found.results, missing)


def _file(context: AppContext, kind: str, found: Compared | None) -> Made:
    if found is None:
        raise DataError("Nothing is compared yet; press “Compare all” first.")
    name = file_name(context, replace(found.request, model="all-editors"), found.wanted, found.amount)
    if kind == PHOTOS:
        files = [
            photo_file(
                photo_or_face(editor_of(context, found.request, editor), result.direction, result.alpha),
                file_name(context, replace(found.request, model=editor), expression, found.amount),
                visible_mark=False,
            )
            for editor, made in found.results.items()
            for expression, result in made.items()
        ]
        return f"{name}.zip", "application/zip", zipped({file: content for file, _, content in files})
    if kind == "PNG":
        return f"{name}.png", "image/png", comparison_picture(found.results)
    rows = [
        row
        for editor, made in found.results.items()
        for expression, result in made.items()
        for row in comparison_rows({title(editor): result}, expression)
    ]
    return f"{name}.csv", "text/csv", csv_lines([COMPARISON_COLUMNS, *rows]).encode()


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
    for name in context.editors.values():
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
