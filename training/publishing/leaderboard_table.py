"""The leaderboard as text, for the README and the documents, from the bundled evaluation files."""

from __future__ import annotations

from collections.abc import Sequence

from fer_demo.checkpoints import describe_model
from fer_demo.inference.transfer.leaderboard import (
    COLUMNS,
    Cell,
    Column,
    Line,
    bundled_editors,
    leaderboard,
    without_weights,
)
from training.publishing.card_tables import text_table

BRIEFLY = (  # what the README shows
    "mouth gain, by name",
    "L1 gain, by name",
    "mouth gain, by driver",
    "expression reached",
    "identity kept",
    "both at once",
    "sharpness ratio",
    "person in the expression code",
    "ms per edit",
)
_PAGES = "docs/methods"


def bundled_lines() -> tuple[Line, ...]:
    """The leaderboard of what is bundled."""
    return leaderboard({name: describe_model(name) for name in bundled_editors()})


def brief_table(lines: Sequence[Line]) -> str:
    """A measure to a row and a method to a column, values alone."""
    return _table(lines, [column for column in COLUMNS if column.name in BRIEFLY], _PAGES, in_full=False)


def whole_table(lines: Sequence[Line]) -> str:
    """The same with every measure, intervals and controls; then why cells are empty, and how all was measured."""
    missing = ", ".join(without_weights())
    parts = [
        _table(lines, COLUMNS, "methods", in_full=True),
        f"In the catalogue, without bundled weights and so without figures: {missing}." if missing else "",
        "## What the measures mean",
        text_table(
            ("measure", "measured by", "better", "meaning"),
            [(column.name, f"`evaluate {column.part}`", column.better, column.meaning) for column in COLUMNS],
        ),
        "## On what, and why a cell is empty",
        text_table(("method", "measure", "measured on, or the reason"), _reasons(lines)),
        "## Commands",
        text_table(
            ("method", "part", "command, date and machine"),
            [(line.title, part, how) for line in lines for part, how in line.measured.items()],
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def line_table(line: Line) -> str:
    """Everything measured of one editor, a measure to a row, for its page."""
    rows = [
        (column.name, shown(line.cells[column.name], column, in_full=True), _words(line, column)) for column in COLUMNS
    ]
    return text_table(("measure", "value", "measured on, or why there is none"), rows)


def _table(lines: Sequence[Line], columns: Sequence[Column], pages: str, in_full: bool) -> str:
    head = ["", *(f"[{line.title}]({pages}/{line.name}.md)" if line.name else line.title for line in lines), "better"]
    rows = [
        [f"**{column.name}**", *(shown(line.cells[column.name], column, in_full) for line in lines), column.better]
        for column in columns
    ]
    return text_table(head, rows)


def shown(cell: Cell, column: Column, in_full: bool) -> str:
    """A cell in a table of text; a dash where there is no number."""
    if cell.value is None:
        return "–"
    digits = ",.0f" if column.name == "parameters" else ".3g"
    value = f"{cell.value:{digits}}"
    if not in_full:
        return value
    between = "" if cell.interval is None else " ({:.3g} to {:.3g})".format(*cell.interval)
    return f"{value}{between}{f'; {cell.beside}' if cell.beside else ''}"


def _reasons(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Cells of one method with the same words stand together."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        for column in COLUMNS:
            if words := _words(line, column):
                found.setdefault((line.title, words), []).append(column.name)
    return [(method, "; ".join(names), words) for (method, words), names in found.items()]


def _words(line: Line, column: Column) -> str:
    cell = line.cells[column.name]
    return cell.how if cell.value is not None else cell.why
