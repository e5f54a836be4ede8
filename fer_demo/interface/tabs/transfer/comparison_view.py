"""Editors side by side as HTML: their pictures with scores, and what was measured on many faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from fer_demo.errors import DataError
from fer_demo.figures.strips import sheet
from fer_demo.inference.study.synthetic_files import png_bytes
from fer_demo.inference.transfer.comparison import EditorResult, MeasuredColumn, TransferTable
from fer_demo.inference.transfer.true_pairs import ALL, LARGEST, OTHER_PHOTO, TRUE_PICTURE, PairsRow, how_asked
from fer_demo.interface.context import title
from fer_demo.interface.tabs.transfer.edited_view import ANOTHER
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import ZOOM, data_uri, lead, method_link, sentences
from fer_demo.interface.widgets.tables import table
from fer_demo.published.evaluation_file import Score

TRUTH = {  # what is shown of true pairs, and how its column is called
    "mouth gain": "mouth, gain",
    "brows gain": "brows, gain",
    "L1 gain": "L1, gain",
    "size": "size",
    "cosine": "direction (cosine)",
    "read by the judge": "read by the judge",
    "read by shape": "read by shape",
}
_SIDE = 256  # pixels of a shown picture
_BEST = {"high": "highest", "low": "lowest"}  # what a column calls better, in words


def comparison_view(results: Mapping[str, Mapping[str, EditorResult]], missing: Sequence[str] = ()) -> str:
    """What every editor, by its catalogue name, made of the same face, by the expression that was wanted.

    missing: why other editors are not there, in sentences.
    """
    words = (
        "Distance: how far the face is from the person in the photo. Sharpness: its fine detail beside that of the "
        "photo (1: as sharp). Brightness: how much lighter or darker it became, of 255 steps. The networks that read "
        "the expression and the person taught none of these editors."
    )
    several = any(len(made) > 1 for made in results.values())
    shown = _by_editor(results) if several else _side_by_side(results)
    return f"{shown}{lead(words)}{sentences(missing)}"


def _side_by_side(results: Mapping[str, Mapping[str, EditorResult]]) -> str:
    cards = "".join(
        _card(method_link(name, title(name)), title(name), result, expression)
        for name, made in results.items()
        for expression, result in made.items()
    )
    return f'<div class="editors">{cards}</div>'


def _by_editor(results: Mapping[str, Mapping[str, EditorResult]]) -> str:
    parts = ""
    for name, made in results.items():
        cards = "".join(
            _card(escape(expression), title(name), result, expression) for expression, result in made.items()
        )
        parts += f'<h4>{method_link(name, title(name))}</h4><div class="editors several">{cards}</div>'
    return parts


def comparison_picture(results: Mapping[str, Mapping[str, EditorResult]]) -> bytes:
    """The same pictures as one PNG file: an editor to a column, an expression to a row with what it was read as."""
    asked = list(dict.fromkeys(expression for made in results.values() for expression in made))
    whole = {name: made for name, made in results.items() if len(made) == len(asked)}  # a stopped one has gaps
    if not whole:
        raise DataError("No editor has made all its pictures yet; press “Compare all” and let it finish.")
    rows = [[made[expression].picture for made in whole.values()] for expression in asked]
    captions = [[f"{expression}: {made[expression].judged.top}" for made in whole.values()] for expression in asked]
    return png_bytes(sheet(rows, [title(name) for name in whole], captions))


def transfer_table(measured: TransferTable) -> str:
    """The evaluation: a score to a row, by what it was measured on; a method to a column."""
    rows, width = "", len(measured.methods) + 1
    for data in dict.fromkeys(column.data for column in measured.columns):
        rows += f'<tr class="on"><th scope="rowgroup" colspan="{width}"><span>On {explained(data)}</span></th></tr>'
        rows += "".join(_row(column) for column in measured.columns if column.data == data)
    caption = "Every editor on the same faces, drawn at random. Small numbers: the 95 % interval"
    return table("evaluation", caption, ("", *measured.methods), rows)


def truth_table(measured: Mapping[str, Sequence[PairsRow]]) -> str:
    """Every editor, by its title, beside true pictures; single expressions of few people stand in the cards."""
    told = [
        (name, row)
        for name, rows in measured.items()
        for row in rows
        if row.people_of == LARGEST or row.expression in (ALL, OTHER_PHOTO)
    ]
    shown = [score for score in TRUTH if any(score in row.scores for _, row in told)]
    body = ""
    for task in dict.fromkeys(_task(row) for _, row in told):
        body += f'<tr class="on"><th scope="rowgroup" colspan="{len(shown) + 1}"><span>{escape(task)}</span></th></tr>'
        of_task = [(name, row) for name, row in told if _task(row) == task]
        lines = [(name, row.scores) for name, row in of_task]
        lines += [(TRUE_PICTURE.capitalize(), row.truth) for _, row in of_task[:1] if row.truth]
        for name, scores in lines:
            cells = "".join(f"<td>{_cell(scores.get(score))}</td>" for score in shown)
            body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    caption = (
        "What should have come out is known: these people were photographed, or rendered, with the expression too, and "
        "no editor learned from them. Gain: 1 is the true picture, 0 the untouched photo, below 0 is worse than no "
        "edit. Size: 1 is as large as in the true picture. Read: the share that a judge, who taught no editor either, "
        "reads as what was asked for. Small numbers: the 95 % interval"
    )
    return table("evaluation", caption, ("", *(TRUTH[score] for score in shown)), body)


def _task(row: PairsRow) -> str:
    if row.expression == ALL:
        what = ALL
    elif row.expression == OTHER_PHOTO:
        what = "another photo of the same person"
    else:
        what = f"{'happy' if row.expression == 'neutral' else 'neutral'} to {row.expression}"
    return f"{row.people_of}: {what}, {how_asked(row.expression, row.driven)}, {row.pairs} pairs"


def _card(caption: str, by: str, result: EditorResult, expression: str) -> str:
    judged, kept = result.judged, result.kept
    words = f"{judged.top} {judged.probabilities.max():.0%}"
    wanted = judged.probabilities[judged.expressions.index(expression)] if expression in judged.expressions else 0.0
    facts = [(expression, f"{wanted:.0%}"), ("read as", words)]
    if kept is not None:
        words = "same person" if kept.inside[0] else ANOTHER
        facts.append(("distance", f"{kept.distances[0]:.2f}, {words}"))
    facts += [("sharpness", f"{result.sharpness:.2f}"), ("brightness", f"{result.brightness:.1f}")]
    if result.size is not None:
        facts.append(("natural size", f"{result.size.value:.1f}"))
    rows = "".join(f"<dt>{explained(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    outside = " outside" if kept is not None and not kept.inside[0] else ""
    description = escape(f"{expression} by {by}. Read as {words}")
    picture = f'<img src="{data_uri(result.picture, _SIDE, synthetic=True)}" alt="{description}">'
    body = f"<figcaption>{caption}</figcaption>{picture}<dl>{rows}</dl>"
    return f'<figure class="editor zoomable{outside}">{body}{ZOOM}</figure>'


def _row(column: MeasuredColumn) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    meaning = f"{column.meaning}; {_BEST.get(column.better, column.better)} is best"
    head = f'<th scope="row">{explained(column.name + unit)}<small>{explained(meaning)}</small></th>'
    cells = "".join(f"<td>{_cell(score)}</td>" for score in column.scores)
    return f"<tr>{head}{cells}</tr>"


def _cell(score: Score | None) -> str:
    if score is None:
        return "–"
    digits = 3 if abs(score.value) <= 1 else 2  # 0.995 of the faces is not all of them
    value, low, high = (f"{number:z.{digits}f}" for number in (score.value, score.low, score.high))
    return f"<b>{value}</b><small>{low} to {high}</small>"
