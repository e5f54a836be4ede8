"""Editors side by side as HTML: their pictures with scores, and what was measured on many faces."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from fer_demo.inference.comparison import EditorResult, MeasuredColumn, Measurement, TransferTable
from fer_demo.widgets.markup import data_uri
from fer_demo.widgets.tables import table

_SIDE = 256  # pixels of a shown picture


def comparison_view(results: Mapping[str, EditorResult], expression: str) -> str:
    """What every editor, by its title, made of the same face; `expression` is the one that was wanted."""
    cards = "".join(_card(title, result, expression) for title, result in results.items())
    said = (
        "Sharpness is the contrast of fine detail over the photo's at the size the editor paints (1 = as sharp); "
        "brightness is the change of the mean, of 255. Judge and identity embedder did not learn with any of them."
    )
    return f'<div class="editors">{cards}</div><p class="lead">{escape(said)}</p>'


def transfer_table(measured: TransferTable) -> str:
    """The evaluation: a score to a row, a method to a column, 95 % intervals below the values."""
    rows = "".join(_row(column) for column in measured.columns)
    caption = "Fixed pairs drawn by a seed, nobody chose among them; 95 % intervals over people in brackets"
    return table("evaluation", caption, ("", *measured.methods, "better", "on"), rows)


def _card(title: str, result: EditorResult, expression: str) -> str:
    judged, kept = result.judged, result.kept
    said = f"{judged.top} {judged.probabilities.max():.0%}"
    wanted = judged.probabilities[judged.expressions.index(expression)] if expression in judged.expressions else 0.0
    facts = [(expression, f"{wanted:.0%}"), ("judged", said)]
    if kept is not None:
        words = "same person" if kept.inside[0] else "outside the band"
        facts.append(("distance", f"{kept.distances[0]:.2f}, {words}"))
    facts += [("sharpness", f"{result.sharpness:.2f}"), ("brightness", f"{result.brightness:.1f}")]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    outside = " outside" if kept is not None and not kept.inside[0] else ""
    picture = f'<img src="{data_uri(result.picture, _SIDE)}" alt="{escape(f"By {title}: the judge sees {said}")}">'
    return f'<figure class="editor{outside}"><figcaption>{escape(title)}</figcaption>{picture}<dl>{rows}</dl></figure>'


def _row(column: MeasuredColumn) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    head = f'<th scope="row" title="{escape(column.meaning)}">{escape(column.name + unit)}</th>'
    cells = "".join(f"<td>{_cell(score)}</td>" for score in column.scores)
    return f"<tr>{head}{cells}<td>{escape(column.better)}</td><td>{escape(column.data)}</td></tr>"


def _cell(score: Measurement | None) -> str:
    if score is None:
        return "–"
    return f"<b>{score.value:.3g}</b><small>{score.low:.3g} to {score.high:.3g}</small>"
