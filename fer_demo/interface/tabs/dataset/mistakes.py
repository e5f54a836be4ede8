"""Errors: on which groups of faces the recognizer fails, with intervals, and without groups too small to tell."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from fer_demo.figures.dataset import slice_chart
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.markup import lead, message
from fer_demo.interface.widgets.plots import Plots
from fer_demo.metrics.slices import SliceReport

TITLE = "Errors"
_READING = (
    "Each mark is a group of faces; the bar on it shows how sure the figure is (95 % interval). The dotted line is all "
    "faces together. Orange groups differ clearly from the others. One group in twenty would do so by chance alone."
)


class _Shown(NamedTuple):
    """What is shown; the same names hold the components and their values."""

    lead: str
    chart: Update


def build(context: AppContext, bundled: Exploration, state: Any) -> None:
    """The worst groups first."""
    name = next(iter(context.recognizers.values()), "")
    lead = gr.HTML(message(_missing(bundled)), apply_default_css=False, elem_id="errors-lead")
    chart = Plots([], labels=["Accuracy of each group of faces"], height=520, visible=False, elem_id="errors")

    def renew(exploration: Exploration) -> _Shown:
        return show(exploration, title(name))

    listen([state.change], renew, [state], components(_Shown, lead, chart))


def show(exploration: Exploration, recognizer: str) -> _Shown:
    """The report as a sentence and a chart; a sentence alone if there is nothing to measure."""
    report = exploration.slices() if exploration.faces is not None else SliceReport(None, (), 0, 0)
    if report.whole is None or not report.slices:
        return _Shown(message(_missing(exploration)), gr.update(visible=False))
    whole = report.whole
    words = (
        f"{recognizer} is right on {whole.accuracy:.1%} of {whole.count:,} labelled faces "
        f"({whole.low:.1%} to {whole.high:.1%}). {_READING}"
    )
    if report.hidden:
        words += f" {report.hidden:,} groups of fewer than {report.smallest} faces are not shown."
    chart = gr.update(value=[slice_chart(report)], visible=True)
    return _Shown(lead(words), chart)


def _missing(exploration: Exploration) -> str:
    if exploration.faces is None:
        return "Press “Check the faces” above to see where the recognizer fails."
    return "No group of checked and labelled faces is large enough to say anything."
