"""How far to trust a model: reliability, confusions, whether prediction sets keep their promise, and spoiled faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr
from plotly.graph_objects import Figure

from fer_demo.figures.reliability import UNTOUCHED, WAYS, reliability_diagram, robustness_curves
from fer_demo.inference.recognize.probabilities import LABEL
from fer_demo.inference.recognize.wording import faces_in_words
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.markup import lead
from fer_demo.interface.widgets.plots import Plots
from fer_demo.interface.widgets.tables import confusion_table, coverage_table
from fer_demo.published.evaluation_file import RecognitionTables

Tables = Callable[[str, str], RecognitionTables | None]  # by the model's name and the answer asked for

FRAMED = "framing"  # how a way of cutting faces out begins; the others spoil the test faces
CURVES = 6  # ways of spoiling a face that the evaluation knows


class _Words(NamedTuple):
    """What the panel says of one kind of answer."""

    promise: str
    error: str  # with a place for it, in points
    reading: str  # of the diagram
    axes: tuple[str, str]
    sets: str


_OF_LABEL = _Words(
    promise="Of answers given with 80%, 8 in 10 should be right.",
    error="On average its percentages are off by {:.1f} points (calibration error).",
    reading="Marks under the dotted line: the model is surer than it should be. Above: it is more often right than "
    "it says.",
    axes=("probability it gave its answer", "how often it was right"),
    sets="A set is all that a face may show, such as “happy, or surprise”. Promised is how often it should hold the "
    "right expression, kept is how often it did.",
)
_OF_VOTES = _Words(
    promise="Where it expects eight of ten people to say a name, eight should.",
    error="On average the share of its first name is off by {:.1f} points (calibration error).",
    reading="Marks under the dotted line: fewer people said the name than it expected. Above: more did.",
    axes=("share of people it expected", "share of people who said it"),
    sets="A set holds most of what people say of a face. Promised is how much of it, kept is how much it was.",
)


class _Shown(NamedTuple):
    """What the panel shows; the same names hold its components and their values."""

    lead: str
    measured: Update  # the column around all below, visible if there is anything in it
    diagram: list[Figure]
    measured_on: str  # of the diagram, with how to read it
    confusion: str
    coverage: str
    spoiled: list[Figure]
    spoiled_lead: str


class TrustPanel:
    """A closed panel about the chosen model and what is asked of it."""

    def __init__(self, model: str, answer: str, tables: Tables) -> None:
        self._tables = tables
        values = self._values(model, answer)
        with gr.Accordion("How far to trust this model", open=False, elem_id="trust"):
            about = gr.HTML(values.lead, apply_default_css=False)
            with gr.Column(visible=values.measured["visible"]) as measured:
                with gr.Row():
                    with gr.Column(scale=5, min_width=320):
                        gr.HTML("<h3>Does it keep its word?</h3>", apply_default_css=False)
                        diagram = Plots(
                            values.diagram, labels=["Reliability diagram"], height=320, elem_id="reliability"
                        )
                        measured_on = gr.HTML(values.measured_on, apply_default_css=False)
                        coverage = gr.HTML(values.coverage, apply_default_css=False)
                    with gr.Column(scale=6, min_width=320):
                        gr.HTML("<h3>What does it mistake for what?</h3>", apply_default_css=False)
                        confusion = gr.HTML(values.confusion, apply_default_css=False, elem_id="confusion")
                gr.HTML("<h3>How much does it lose on worse pictures?</h3>", apply_default_css=False)
                spoiled_lead = gr.HTML(values.spoiled_lead, apply_default_css=False)
                label = "Accuracy on spoiled copies of the faces"
                spoiled = Plots(values.spoiled, labels=[label] * CURVES, height=200, elem_id="robustness")
        self._shown = components(
            _Shown, about, measured, diagram, measured_on, confusion, coverage, spoiled, spoiled_lead
        )

    def connect(self, listen: Callable[..., Any], model: Any, answer: Any) -> None:
        """Follow the choice of a model and an answer; `listen` is events.listen."""
        listen([model.change, answer.change], self._values, [model, answer], self._shown)

    def _values(self, model: str, answer: str) -> _Shown:
        tables, of_label = self._tables(model, answer), self._tables(model, LABEL)
        if tables is None:
            command = "recognition" if of_label is None else "votes"
            words = (
                "This answer has not been measured yet. Whoever runs this app can do it with “python -m training "
                f"evaluate {command}”."
            )
            return _Shown(lead(words), gr.update(visible=False), [], "", "", "", [], "")
        say = _OF_VOTES if tables.of_votes else _OF_LABEL
        of_answers = f"Measured on {faces_in_words(tables.reliability.data)}."
        return _Shown(
            lead=lead(f"{say.promise} {say.error.format(100 * tables.reliability.ece)}"),
            measured=gr.update(visible=True),
            diagram=[reliability_diagram(tables.reliability, *say.axes)],
            measured_on=lead(f"{say.reading} {of_answers}"),
            confusion=confusion_table(tables.confusion)
            + lead(f"Measured on {faces_in_words(tables.confusion.data)}.{_beside_people(tables)}"),
            coverage=coverage_table(tables.coverage) + lead(f"{say.sets} {of_answers}") if tables.coverage else "",
            spoiled=[] if of_label is None else robustness_curves(of_label.robustness),
            spoiled_lead=lead("Not measured yet." if of_label is None else _on_worse_pictures(of_label)),
        )


def _beside_people(tables: RecognitionTables) -> str:
    """The share of right answers, and what people reach on the same faces."""
    rows, people = tables.confusion.rows, tables.people
    right = sum(row[place] for place, row in enumerate(rows)) / max(sum(map(sum, rows)), 1)
    if tables.of_votes:
        return f" Its one name agrees with most people on {right:.0%} of these faces."
    if people is None:
        return f" It names {right:.0%} of these labels."
    least, most = people.ten_against_ten
    words = (
        f" It names {right:.0%} of these labels; ten people together name {people.label_by_majority:.0%} to "
        f"{people.label_by_best:.0%}."
    )
    if people.model is not None:
        words += (
            f" It names what most of ten people saw for {people.model:.0%} of the faces: "
            f"{people.in_words(people.model)}. One person names it for {people.one_against_nine:.0%}, ten other people "
            f"for {least:.0%} to {most:.0%}."
        )
    return words


def _on_worse_pictures(tables: RecognitionTables) -> str:
    untouched = next((row for row in tables.robustness if row.degradation == UNTOUCHED), None)
    if untouched is None:
        return "Not measured yet."
    faces = faces_in_words(tables.confusion.data.partition(";")[0])
    return (
        f"How often the label is right on {untouched.count:,} {faces}, each made worse in one way at a time. Untouched "
        f"it is right on {untouched.accuracy:.0%} (dotted line)."
        f"{_framed(tables)}"
    )


def _framed(tables: RecognitionTables) -> str:
    """Of whom the charts without a dotted line are."""
    ways = dict.fromkeys(row.degradation for row in tables.robustness if row.degradation.startswith(FRAMED))
    return "".join(f" The chart “{WAYS.get(way, way)}” is of computer-made faces." for way in ways)
