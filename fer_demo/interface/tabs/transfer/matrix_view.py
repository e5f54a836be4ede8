"""Grids of edited faces as HTML: the swap matrix with its marks, its worst cells, and the two-way grid."""

from __future__ import annotations

from html import escape

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.figures.strips import sheet
from fer_demo.inference.study.synthetic_files import png_bytes
from fer_demo.inference.transfer.swap import SwapMatrix, TwoWayGrid
from fer_demo.inference.transfer.true_pairs import NaturalSize
from fer_demo.interface.tabs.transfer.edited_view import ANOTHER
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import ZOOM, data_uri, lead

CELL = 112  # pixels
LISTED = 10  # worst cells that are named


def matrix_view(matrix: SwapMatrix, people: str, count: int) -> str:
    """What came of it in a sentence, the matrix, and its worst cells.

    people: who they are. count: how many rows there will be; until they are there, the sentence says how far it is.
    """
    done = len(matrix.rows)
    if done < count:
        progress = f'<progress value="{done}" max="{count}" aria-label="People done"></progress>'
        words = f"{people} {done} of {count} people are done."
        return f'<div class="controls">{progress}<span class="speed">{escape(words)}</span></div>{_matrix(matrix)}'
    return f"{lead(_summary(matrix, people))}{_matrix(matrix)}{_worst(matrix)}"


def matrix_picture(matrix: SwapMatrix) -> bytes:
    """The matrix as a PNG file, everyone as they came on the left."""
    rows = [[row.person.pixels(CELL), *row.pictures] for row in matrix.rows]
    captions = [["", *(_read(probabilities) for probabilities in row.probabilities)] for row in matrix.rows]
    return png_bytes(sheet(rows, ("before", *matrix.wanted), captions))


def grid_view(grid: TwoWayGrid, expression: str) -> str:
    """The two-way grid; `expression` is the one on its right."""
    rows = "".join(
        "<tr>" + "".join(_grid_cell(grid, row, column) for column in range(grid.pictures.shape[1])) + "</tr>"
        for row in range(len(grid.pictures))
    )
    words = (
        f"Down: from the first person to the second. Across: from the first person's own expression to {expression}. "
        "Under each face: what it was read as, and its identity distance to the first person (A) and the second (B)."
    )
    return lead(words) + _table(rows, "Two people by two expressions")


def _summary(matrix: SwapMatrix, people: str) -> str:
    reached, same, count = matrix.reached, matrix.same, matrix.reached.size
    words = f"{people} {reached.sum()} of {count} pictures show the wanted expression"
    if same is None:
        return f"{words}. Nothing is said about the person: the identity embedder is not loaded."
    both = int((reached & same).sum())
    return f"{words}, {same.sum()} still show the same person, {both} do both."


def _matrix(matrix: SwapMatrix) -> str:
    head = "".join(
        f'<th scope="col">{escape(name)}{"" if size is None else explained_size(size)}</th>'
        for name, size in zip(matrix.wanted, matrix.sizes, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row"><img src="{data_uri(one.person.pixels(CELL))}" alt="Person {row + 1}, not edited"></th>'
        + "".join(_matrix_cell(matrix, row, column) for column in range(len(matrix.wanted)))
        + "</tr>"
        for row, one in enumerate(matrix.rows)
    )
    return _table(rows, "People down, expressions across", f'<thead><tr><th scope="col"></th>{head}</tr></thead>')


def explained_size(size: NaturalSize) -> str:
    """Below the name of its expression."""
    return f"<small>{explained('natural size')} {size.value:.1f}</small>"


def _matrix_cell(matrix: SwapMatrix, row: int, column: int) -> str:
    cell, kept = matrix.rows[row], matrix.rows[row].kept
    reached, same = bool(matrix.reached[row, column]), None if kept is None else bool(kept.inside[column])
    state = {0: "lost", 1: "half", 2: "fine"}[reached + (same is not False)]
    lines = [_mark(reached, _read(cell.probabilities[column]))]
    if kept is not None and same is not None:
        lines.append(_mark(same, f"distance {kept.distances[column]:.2f}"))
    name = f"Person {row + 1}, {matrix.wanted[column]}"
    return f'<td class="{state}">{_picture(cell.pictures[column], name)}{"".join(lines)}</td>'


def _grid_cell(grid: TwoWayGrid, row: int, column: int) -> str:
    words = [_read(grid.probabilities[row, column])]
    if grid.to_first is not None and grid.to_second is not None:
        distances = (kept[row].distances[column] for kept in (grid.to_first, grid.to_second))
        words.append("A {:.2f} · B {:.2f}".format(*distances))
    lines = "".join(f"<span>{escape(line)}</span>" for line in words)
    return f"<td>{_picture(grid.pictures[row, column], f'Row {row + 1}, column {column + 1}')}{lines}</td>"


def _worst(matrix: SwapMatrix) -> str:
    cells = matrix.worst()
    if not cells:
        return '<p class="lead">No picture failed.</p>'
    items = "".join(f"<li>{escape(_failure(matrix, row, column))}</li>" for row, column in cells[:LISTED])
    more = f'<p class="lead">And {len(cells) - LISTED} more.</p>' if len(cells) > LISTED else ""
    return f'<h3>Worst pictures first</h3><ol class="layers">{items}</ol>{more}'


def _failure(matrix: SwapMatrix, row: int, column: int) -> str:
    wanted, words = matrix.wanted[column], _read(matrix.probabilities[row, column])
    parts = [f"Person {row + 1}, {wanted}: read as {words}"]
    if not matrix.reached[row, column]:
        parts.append(f"{wanted} only {matrix.chances()[row, column]:.0%}")
    kept = matrix.rows[row].kept
    if kept is not None:
        words = "same person" if kept.inside[column] else ANOTHER
        parts.append(f"distance {kept.distances[column]:.2f}, {words}")
    return "; ".join(parts) + "."


def _read(probabilities: np.ndarray) -> str:
    return f"{BASIC[int(probabilities.argmax())]} {probabilities.max():.0%}"


def _mark(good: bool, words: str) -> str:
    return f'<span><i aria-label="{"yes" if good else "no"}">{"✓" if good else "✗"}</i> {escape(words)}</span>'


def _picture(image: np.ndarray, name: str) -> str:
    return f'<img src="{data_uri(image, synthetic=True)}" alt="{escape(name)}">'


def _table(rows: str, label: str, head: str = "") -> str:
    return (
        f'<div class="zoomable">{ZOOM}<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="swaps">{head}<tbody>{rows}</tbody></table></div></div>'
    )
