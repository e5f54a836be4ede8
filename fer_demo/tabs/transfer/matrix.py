"""The matrix: people drawn by a seed with every expression, or two people and two expressions both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from fer_demo.context import AppContext
from fer_demo.errors import DataError, SettingsError
from fer_demo.events import listen
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.swap import SwapMatrix, drawn_people, swap_row, two_way_grid
from fer_demo.tabs.transfer.wish import NAMED, Inputs, Wish, wish_of
from fer_demo.widgets.markup import message
from fer_demo.widgets.matrix import grid_view, matrix_view
from fer_demo.widgets.notice import Notice

PEOPLE = 5
LARGEST_SEED = 2**31 - 1
SWAPS, BOTH_WAYS = "swaps", "both ways"


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Draft:
    """A swap matrix on its way."""

    model: str
    who: str  # about the people, in a sentence
    people: tuple[FaceCrop, ...]
    matrix: SwapMatrix

    @property
    def complete(self) -> bool:
        return len(self.matrix.rows) == len(self.people)

    @property
    def view(self) -> str:
        return matrix_view(self.matrix, self.who, len(self.people))


def lay_out_matrix(context: AppContext, inputs: Inputs) -> None:
    """What to draw, and the grid."""
    with gr.Row(elem_classes=["choices", "grid-choices"]):
        kinds = [("people × expressions", SWAPS), ("two people × two expressions", BOTH_WAYS)]
        kind = gr.Radio(kinds, value=SWAPS, label="Grid", elem_id="grid-kind", scale=3)
        own = gr.Checkbox(True, label="Put the chosen face on top", elem_id="own-on-top", scale=2, min_width=200)
        seed = gr.Number(0, precision=0, label="Seed of the draw", elem_id="seed", scale=1, min_width=120)
        draw = gr.Button("Draw the matrix", variant="primary", size="md", scale=1, min_width=160)
    notice = Notice()
    first = f"{PEOPLE} people with {len(BASIC)} expressions each: nobody chooses among them, and no result is left out."
    grid = gr.HTML(message(first), apply_default_css=False, elem_id="matrix")

    draft = gr.State(None)

    def begin(*values: Any) -> tuple[Draft | None, str]:
        wish, (chosen, own_on_top, number) = wish_of(context, *values[: len(inputs)]), values[len(inputs) :]
        if chosen == BOTH_WAYS:
            return None, _both_ways(context, wish)
        if not isinstance(number, int) or not 0 <= number <= LARGEST_SEED:
            raise SettingsError(f"The seed is a whole number from 0 to {LARGEST_SEED}.")
        begun = _drawn(context, wish, own_on_top, number)
        return begun, begun.view

    def go_on(begun: Draft | None) -> tuple[Any, Any]:
        if begun is None or begun.complete:
            return gr.skip(), gr.skip()
        longer = _longer(context, begun)
        return longer, longer.view

    asked = [*inputs, kind, own, seed]
    listen([draw.click], begin, asked, [draft, grid], notice=notice, heavy=True, busy=[grid])
    # Each row is an event of its own, so that rows appear as they are done and other visitors get their turns.
    listen([draft.change], go_on, [draft], [draft, grid], notice=notice, heavy=True)


def _drawn(context: AppContext, wish: Wish, own_on_top: bool, seed: int) -> Draft:
    rows = drawn_people(context.bundled, PEOPLE - own_on_top, seed)
    people = [*([wish.source.crop] if own_on_top else []), *(context.crop_of_row(row) for row in rows)]
    drawn = f"{len(rows)} computer-made people drawn with seed {seed}."
    who = f"The chosen face on top of {drawn}" if own_on_top else drawn
    return Draft(wish.model, who, tuple(people), SwapMatrix(BASIC, ()))


def _longer(context: AppContext, draft: Draft) -> Draft:
    """The draft with one more row."""
    person = draft.people[len(draft.matrix.rows)]
    editor, judge = context.editor(draft.model), context.judge_of(draft.model)
    row = swap_row(editor, judge, context.embedder, person)
    return replace(draft, matrix=SwapMatrix(BASIC, (*draft.matrix.rows, row)))


def _both_ways(context: AppContext, wish: Wish) -> str:
    if wish.driver is None:
        raise DataError("There is no second face yet; choose one.")
    second = wish.driver.crop
    expression: FaceCrop | str = wish.name if wish.kind == NAMED else second
    editor, judge = context.editor(wish.model), context.judge_of(wish.model)
    grid = two_way_grid(editor, judge, context.embedder, wish.source.crop, second, expression)
    return grid_view(grid, wish.name if wish.kind == NAMED else "the second person's")
