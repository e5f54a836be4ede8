"""The leaderboard as HTML: a method to a row, sorted by any column, with how each number was measured."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.leaderboard import COLUMNS, FIRST, Cell, Column, Line, leaderboard, without_weights
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import lead, message, method_link

_CAPTION = (
    "Every editor on the same people, scored by judges that taught none of them, and baselines that need no training. "
    "Press the name of a column to sort by it. Gain: 1 is the true picture, 0 the untouched photo, below 0 is worse "
    "than no edit. Small numbers: the 95 % interval"
)


def leaderboard_of(context: AppContext) -> str:
    """The table of this installation's editors, or why there is none."""
    try:
        lines = leaderboard({name: context.models.described[name] for name in context.editors.values()})
    except CheckpointError as error:
        return message(str(error))
    missing = ", ".join(without_weights())
    note = lead(f"In the catalogue, without weights here: {missing}.") if missing else ""
    return f"{leaderboard_table(lines)}{note}{how_measured(lines)}"


def leaderboard_table(lines: Sequence[Line]) -> str:
    """The lines in the order of FIRST; assets/style/leaders.js sorts them anew."""
    ordered = sorted(lines, key=lambda line: _rank(line.cells[FIRST]))
    body = "".join(_row(line) for line in ordered)
    head = '<th scope="col">Method</th>' + "".join(map(_head, COLUMNS))
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Leaderboard">'
        f'<table class="data evaluation leaders"><caption><span>{explained(_CAPTION)}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def how_measured(lines: Sequence[Line]) -> str:
    """What the columns mean, and the commands that wrote the numbers, folded away."""
    meanings = "".join(
        f"<dt>{explained(column.name)}</dt><dd>{explained(f'{_meaning(column)} {_data(column, lines)}')}</dd>"
        for column in COLUMNS
    )
    commands = "".join(
        f"<li><b>{escape(line.title)}</b>: <code>{escape(line.measured[part])}</code></li>"
        for line in lines
        for part in dict.fromkeys(column.part for column in COLUMNS)
        if part in line.measured
    )
    return (
        '<details class="how"><summary>How each column was measured</summary>'
        f'<dl class="facts">{meanings}</dl><ul>{commands}</ul></details>'
    )


def _meaning(column: Column) -> str:
    best = {"high": "highest is best", "low": "lowest is best", "": ""}.get(column.better, f"{column.better} is best")
    return f"{column.meaning}{'; ' if best else ''}{best}."


def _data(column: Column, lines: Sequence[Line]) -> str:
    """What the numbers of a column were measured on; methods that were measured on something else are not alike."""
    found = dict.fromkeys(cell.how for line in lines if (cell := line.cells[column.name]).value is not None)
    return f"On: {'; or '.join(found)}." if found else "No run here has it on record."


def _rank(cell: Cell) -> tuple[bool, float]:
    return cell.value is None, -(cell.value or 0.0)


def _head(column: Column) -> str:
    order = "descending" if column.name == FIRST else "none"
    return (
        f'<th scope="col" aria-sort="{order}" data-better="{escape(column.better)}">'
        f'<button type="button" class="sort" title="{escape(_meaning(column))}">{escape(column.name)}</button></th>'
    )


def _row(line: Line) -> str:
    name = method_link(line.name, line.title) if line.name else escape(line.title)
    cells = "".join(_cell(line.cells[column.name], column) for column in COLUMNS)
    return f'<tr{"" if line.name else " class=quiet"}><th scope="row">{name}</th>{cells}</tr>'


def _cell(cell: Cell, column: Column) -> str:
    if cell.value is None:
        words = cell.why.partition(":")[0]  # without the command that measures it, which a pointer shows
        return f'<td class="none" title="{escape(cell.why)}">–<small>{escape(words)}</small></td>'
    between = "" if cell.interval is None else f"{shown(cell.interval[0], column)} to {shown(cell.interval[1], column)}"
    small = "".join(f"<small>{escape(words)}</small>" for words in (between, *cell.beside.split("; ")) if words)
    return (
        f'<td data-value="{cell.value:.6g}" title="{escape(cell.how)}"><b>{shown(cell.value, column)}</b>{small}</td>'
    )


def shown(value: float, column: Column) -> str:
    """A number of a column as people read it."""
    if column.name == "parameters":
        return f"{value:,.0f}"
    if column.unit:
        return f"{value:.1f}"
    return f"{value:z.3f}"
