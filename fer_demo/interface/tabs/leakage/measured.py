"""How disentangled the codes of a model were measured to be: a table with a bar in each cell, and the findings."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from fer_demo.inference.leakage.disentanglement import CODE_TITLES, METRICS, Disentanglement
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import lead, message, sentences
from fer_demo.interface.widgets.tables import table

_LEAD = (
    "Researchers score how well codes are kept apart: 0 is the worst, 1 the best. Point at a number to read what 1 "
    "means. Most scores ask that each number of a code stands for one thing alone. No model here was taught that, so "
    "low scores are expected. The row “random numbers” shows what a code scores by chance."
)
_MEASURED = "Measured on {faces:,} {data}, from {dims} numbers of each code, for {factors}."


def metrics_table(measured: Disentanglement | None) -> str:
    """The metrics of every code as a table with a bar in each cell, and what was found about the codes."""
    if measured is None:
        return message("The codes of this model have not been measured yet.")
    rows = "".join(_metric_row(code, scores) for code, scores in measured.scores.items())
    measured_on = _MEASURED.format(
        faces=measured.faces, data=measured.data, factors=", ".join(measured.factors), dims=measured.dims
    )
    found = sentences([one.finding for one in measured.differences])
    return (
        f"<h3>{explained('Measured disentanglement')}</h3>{lead(f'{_LEAD} {measured_on}')}"
        + table("models metrics", "Disentanglement of each code", ("", *METRICS), rows)
        + found
    )


def _metric_row(code: str, scores: Mapping[str, float]) -> str:
    cells = "".join(_metric_cell(name, scores[name]) for name in METRICS)
    return f'<tr><th scope="row">{explained(CODE_TITLES[code])}</th>{cells}</tr>'


def _metric_cell(name: str, value: float) -> str:
    width = min(max(value, 0.0), 1.0)
    bar = f'<i class="track"><i style="width:{width:.0%}"></i></i>'
    return f'<td title="1 = {escape(METRICS[name])}">{value:.2f}{bar}</td>'
