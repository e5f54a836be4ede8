"""The walk: a measured strip from one expression, or person, to another, one frame of it large, and its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from plotly.graph_objects import Figure

from fer_demo.capabilities import EditsPhoto
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.figures.strips import strip_chart
from fer_demo.inference.recognize.probabilities import recognize_aligned
from fer_demo.inference.study.archive import study_file
from fer_demo.inference.study.run import Measured, Study, run_study, study_direction
from fer_demo.inference.transfer.identity_kept import identity_kept
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.transfer import ALPHA_RANGE, Direction, edited_twice, photo_or_face
from fer_demo.inference.transfer.true_pairs import natural_size
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import listen, picked
from fer_demo.interface.tabs.transfer import strip_view as strip_markup
from fer_demo.interface.tabs.transfer.drift_view import drift_cards
from fer_demo.interface.tabs.transfer.edited_view import edited_face, photo_file, reading_words
from fer_demo.interface.tabs.transfer.request import (
    AS_READ,
    EXPRESSION,
    FACE,
    STEPS,
    EditRequest,
    Inputs,
    edit_request,
    editor_of,
    file_name,
    models_of,
    offered,
    requested_study,
    same_face,
    settings_of,
)
from fer_demo.interface.tabs.transfer.strip_view import Measure
from fer_demo.interface.widgets.address import Address, query
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.markup import lead, message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.pick import Pick
from fer_demo.interface.widgets.plots import Plots

PHOTO, STUDY = "photo", "study (ZIP)"
WHAT_A_STUDY_HOLDS = (
    "A study holds the pictures, all numbers, a text for the methods section of a paper, and what a computer needs to "
    "make the same again."
)
FILES = ("GIF", "MP4", "PNG", "CSV", STUDY)


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Walk:
    """A measured strip and all that is known about it, kept so that nothing is worked out twice."""

    request: EditRequest
    study: Study
    direction: Direction | None  # None from one face to another, where frames of the strip are shown
    measured: Measured


class Shown(NamedTuple):
    """What is shown of a walk; the same names hold its components and their values."""

    walk: Walk | None  # a Walk
    result: str
    alpha: Update
    strip: str
    explained: str
    cards: str
    chart: list[Figure]
    link: str
    address: dict[str, str] | None
    name: str  # the wanted expression, where another one is offered
    offer: str  # why it is offered
    label: str  # the visitor's correction of what the judge recognized
    reading: str


class _Moved(NamedTuple):
    """What is shown of another amount; the same names hold components and values."""

    result: str
    link: str
    address: dict[str, str]


class ResultView(NamedTuple):
    """The components beside the fields."""

    result: gr.HTML
    alpha: gr.Slider
    photo: Downloads
    notice: Notice


class Hints(NamedTuple):
    """The components among the fields that a measured walk updates."""

    offer: gr.HTML
    reading: gr.HTML


def lay_out_result(values: Shown) -> ResultView:
    """One frame, large, how far along it is, and the photo to take away."""
    gr.HTML("<h3>Result</h3>", apply_default_css=False)
    result = gr.HTML(values.result, apply_default_css=False, elem_id="result")
    info = _scale_words(values.walk)
    alpha = gr.Slider(*ALPHA_RANGE, value=1.0, step=0.05, label="Amount", info=info, elem_id="alpha")
    return ResultView(result, alpha, Downloads((PHOTO,), "photo-file"), Notice())


def lay_out_walk(context: AppContext, inputs: Inputs, hints: Hints, view: ResultView, values: Shown) -> Any:
    """The components of Shown: the strip, its measures and its files, listening to the inputs."""
    strip = Pick(values.strip, elem_id="strip")
    explained = gr.HTML(values.explained, apply_default_css=False, elem_id="strip-explained")
    cards = gr.HTML(values.cards, apply_default_css=False, elem_id="drift")
    with gr.Accordion("All probabilities along the strip", open=False):
        chart = Plots(values.chart, labels=["Probability of each expression along the strip"], height=340)
    downloads = Downloads(FILES, "downloads")
    gr.HTML(lead(WHAT_A_STUDY_HOLDS), apply_default_css=False)
    with gr.Row(elem_classes="beneath"):
        mark = gr.Checkbox(False, label="Write “synthetic” on the pictures", container=False, min_width=260)
        link = gr.HTML(values.link, apply_default_css=False, elem_id="link")
    parts = (view.result, view.alpha, strip, explained, cards, chart, link, Address("transfer", always=True))
    shown = components(Shown, gr.State(values.walk), *parts, inputs.name, hints.offer, inputs.label, hints.reading)
    _connect(context, inputs, shown, view.notice)

    def make(kind: str, walk: Walk | None, amount: float, visible_mark: bool) -> Made:
        return _file(context, kind, walk, amount, visible_mark)

    asked = [shown.walk, shown.alpha, mark]
    downloads.connect(listen, make, asked, view.notice, heavy=[STUDY], busy=[strip])
    view.photo.connect(listen, make, asked, view.notice, heavy=[PHOTO])
    return shown


def _connect(context: AppContext, inputs: Inputs, shown: Any, notice: Notice) -> None:
    def walk(previous: Walk | None, amount: float, *values: Any) -> Shown:
        return asked_for(context, previous, edit_request(context, *values), amount)

    def move(walk: Walk | None, amount: float) -> _Moved:
        if walk is None:
            return _Moved(gr.skip(), gr.skip(), gr.skip())
        return _Moved(_result(context, walk, amount), *_link(context, walk, amount))

    def take_frame(event: gr.EventData) -> float:
        return picked(event, STEPS) / (STEPS - 1)

    changes = [inputs.source.change, inputs.driver.change, *(part.input for part in inputs[2:])]
    known = [shown.walk, shown.alpha]
    busy = [shown.strip]
    listen(
        changes,
        walk,
        [*known, *inputs],
        shown,
        notice=notice,
        failed=nothing(),
        heavy=True,
        busy=busy,
        latest=True,
    )
    listen(
        [shown.alpha.change],
        move,
        known,
        components(_Moved, shown.result, shown.link, shown.address),
        notice=notice,
        heavy=True,
        latest=True,
    )
    listen([shown.strip.select], take_frame, [], [shown.alpha], notice=notice)


def nothing() -> Shown:
    """What is shown without a face."""
    return Shown(
        None, message("Choose a face to begin."), gr.update(), "", "", "", [], "", None, "happy", "", AS_READ, ""
    )


def asked_for(context: AppContext, previous: Walk | None, request: EditRequest, amount: float) -> Shown:
    """The walk of the fields' values, after the one that is shown."""
    offer = ""
    if previous is None or not same_face(previous.request.source, request.source):
        request, offer = offered(context, request)
    if previous is not None:
        before = previous.request
        if request.label == before.label and not _reads_the_same(before, request):
            request = replace(request, label=AS_READ)  # the correction was of another face
        if before.same(request):
            return Shown(*(gr.skip() for _ in Shown._fields))
    return measured_walk(context, request, amount)._replace(offer=lead(offer) if offer else "")


def measured_walk(context: AppContext, request: EditRequest, amount: float) -> Shown:
    """The requested walk, measured."""
    models, study = models_of(context, request), requested_study(context, request)
    direction = study_direction(study, models.editor)
    measured = run_study(study, models, direction)
    strip, expression = measured.strip, study.expression
    low, high = ALPHA_RANGE if request.along == EXPRESSION else (0.0, 1.0)
    amount = min(max(amount, low), high)
    walk = Walk(request, study, direction, measured)
    judge = context.judge_name(request.model)
    level, kept = strip_markup.level_of_judge(judge, models.judge, expression), strip_markup.kept(strip)
    measures = [Measure(expression, strip.probabilities[:, BASIC.index(expression)], level), *kept]
    explained = strip_markup.explained(strip, expression, level, title(judge), title(request.model))
    people = [(measure.name, measure.values) for measure in kept]
    link, settings = _link(context, walk, amount)
    return Shown(
        walk=walk,
        result=_result(context, walk, amount),
        alpha=gr.update(minimum=low, maximum=high, value=amount, info=_scale_words(walk)),
        strip=strip_markup.frames(strip.frames, strip.alphas, measures, strip.outside),
        explained=lead(explained),
        cards=drift_cards(measured.drift, expression, request.along, "identity embedder"),
        chart=[strip_chart(strip.alphas, strip.probabilities, people, kept[0].reference if kept else None)],
        link=link,
        address=settings,
        name=request.name,
        offer="",
        label=request.label,
        reading="" if study.reading is None else reading_words(study.reading, request.label, request.along == FACE),
    )


def _reads_the_same(one: EditRequest, other: EditRequest) -> bool:
    """Whether the judge reads the same face for both: the one whose expression is wanted or kept."""
    if one.along != other.along:
        return False
    return same_face(one.source, other.source) if one.along == FACE else same_face(one.driver, other.driver)


def _scale_words(walk: Walk | None) -> str:
    if walk is not None and walk.request.along == FACE:
        return "0: the first face. 1: the second."
    return "0: unchanged. 1: the whole expression."


def _file(context: AppContext, kind: str, walk: Walk | None, amount: float, visible_mark: bool) -> Made:
    """The walk as a file to take away, or the photo at an amount."""
    if walk is None:
        raise DataError("There is no strip yet; choose a face first.")
    request, expression = walk.request, walk.study.expression
    if kind == PHOTO:
        name = file_name(context, request, expression, amount)
        return photo_file(_whole_photo(context, walk, amount), name, visible_mark)
    name = f"{file_name(context, request, expression)}_strip"
    if kind == STUDY:
        return f"{name}_study.zip", "application/zip", study_file(walk.study, models_of(context, request))
    return strip_markup.as_file(kind, walk.measured, name, visible_mark)


def _link(context: AppContext, walk: Walk, amount: float) -> tuple[str, dict[str, str]]:
    """A link to the settings, and the settings for the page's address."""
    settings = settings_of(context, walk.request, amount)
    if settings is None:
        return lead("There is no link to these settings: your own photo is not kept."), {}
    link = "?" + query({"tab": "transfer", **settings})
    return f'<p class="lead"><a href="{escape(link)}">Link to these settings</a></p>', settings


def _whole_photo(context: AppContext, walk: Walk, amount: float) -> np.ndarray:
    """The photo with the edited face in it, or the face alone where it cannot be put back."""
    if walk.direction is None:
        return _frame(walk, amount)
    return photo_or_face(editor_of(context, walk.request), walk.direction, amount)


def _frame(walk: Walk, amount: float) -> np.ndarray:
    return walk.measured.strip.frames[round(min(max(amount, 0.0), 1.0) * (STEPS - 1))]


def _result(context: AppContext, walk: Walk, amount: float) -> str:
    request, source = walk.request, walk.request.source.crop
    judge, editor = context.judge_of(request.model), editor_of(context, request)
    doubts = request.warnings(isinstance(editor, EditsPhoto))
    if walk.direction is None:
        face = _frame(walk, amount)
        return edited_face(face, recognize_aligned(judge, face[np.newaxis])[0], amount, None, None, doubts)
    painted, photo = edited_twice(editor, walk.direction, amount)
    answer = recognize_aligned(judge, painted[np.newaxis])[0]
    kept = None if context.embedder is None else identity_kept(context.embedder, painted[np.newaxis], source)
    size = natural_size(editor, walk.study.expression, not request.by_name, amount)
    return edited_face(in_colour(painted, source), answer, amount, photo, kept, doubts, size)
