"""The walk: a measured strip from one expression, or person, to another, one frame of it large, and its files."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext, title
from fer_demo.errors import DataError
from fer_demo.events import listen, picked
from fer_demo.expressions import BASIC
from fer_demo.figures.strips import strip_course
from fer_demo.inference.metering import identity_kept
from fer_demo.inference.painters import in_colour
from fer_demo.inference.recognition import recognize_aligned
from fer_demo.inference.study import Measured, Study, run_study
from fer_demo.inference.transfer import ALPHA_RANGE, transfer_one, transfer_to_photo
from fer_demo.tabs.transfer.wish import (
    EXPRESSION,
    FACE,
    STEPS,
    Inputs,
    Wish,
    link_of,
    models_of,
    study_of_wish,
    wish_of,
)
from fer_demo.widgets import strip as strip_markup
from fer_demo.widgets.course import course_cards
from fer_demo.widgets.downloads import Downloads, Made
from fer_demo.widgets.edited import edited_face
from fer_demo.widgets.markup import message
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.pick import Pick
from fer_demo.widgets.plots import Plots
from fer_demo.widgets.strip import Measure
from fer_demo.widgets.study_file import study_file

STUDY = "Study (ZIP)"
FILES = ("GIF", "MP4", "PNG", "CSV", STUDY)


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Walk:
    """A measured strip, what it was made of, and what its files are called."""

    study: Study
    wish: Wish
    measured: Measured
    name: str


class Shown(NamedTuple):
    """What is shown of a walk; the same names hold its components and their values."""

    walk: Any  # a Walk, kept for its frames
    result: Any
    alpha: Any
    strip: Any
    explained: Any
    cards: Any
    course: Any
    link: Any


class ResultView(NamedTuple):
    """The components beside the fields."""

    result: Any
    alpha: Any
    notice: Any


def lay_out_result(values: Shown) -> ResultView:
    """One frame, large, and how far along it is."""
    gr.HTML("<h3>Result</h3>", apply_default_css=False)
    result = gr.HTML(values.result, apply_default_css=False, elem_id="result")
    alpha = gr.Slider(*ALPHA_RANGE, value=1.0, step=0.05, label="How far, α: 0 own, 1 wanted", elem_id="alpha")
    return ResultView(result, alpha, Notice())


def lay_out_walk(context: AppContext, inputs: Inputs, view: ResultView, values: Shown) -> Shown:
    """The strip, its measures and its files, listening to the inputs."""
    strip = Pick(values.strip, elem_id="strip")
    explained = gr.HTML(values.explained, apply_default_css=False)
    cards = gr.HTML(values.cards, apply_default_css=False, elem_id="course")
    with gr.Accordion("All probabilities along the strip", open=False):
        course = Plots(values.course, labels=["Probability of each expression along the strip"], height=340)
    downloads = Downloads(FILES, "downloads")
    with gr.Row(elem_classes="beneath"):
        mark = gr.Checkbox(False, label="Write “synthetic” on the pictures", container=False, min_width=260)
        link = gr.HTML(values.link, apply_default_css=False, elem_id="link")
    shown = Shown(gr.State(values.walk), view.result, view.alpha, strip, explained, cards, course, link)
    _connect(context, inputs, shown, view.notice)

    def make(kind: str, walk: Walk | None, visible_mark: bool) -> Made:
        return _file(context, kind, walk, visible_mark)

    downloads.connect(listen, make, [shown.walk, mark], view.notice, heavy=[STUDY], busy=[strip])
    return shown


def _connect(context: AppContext, inputs: Inputs, shown: Shown, notice: Notice) -> None:
    def walk(*values: Any) -> Shown:
        return walked(context, wish_of(context, *values[:-1]), values[-1])

    def move(*values: Any) -> tuple[str, str]:
        wish = wish_of(context, *values[:-2])
        return _result(context, wish, values[-2], values[-1]), _link(context, wish, values[-1])

    def take_frame(event: gr.EventData) -> float:
        return picked(event, STEPS) / (STEPS - 1)

    changes = [inputs.source.change, inputs.driver.change, *(part.input for part in inputs[2:])]
    everything, position = [*inputs, shown.alpha], [*inputs, shown.walk, shown.alpha]
    listen(changes, walk, everything, shown, notice=notice, heavy=True, busy=[shown.strip], latest=True)
    listen([shown.alpha.change], move, position, [shown.result, shown.link], notice=notice, heavy=True, latest=True)
    listen([shown.strip.select], take_frame, [], [shown.alpha], notice=notice)


def nothing() -> Shown:
    """What is shown without a face."""
    return Shown(None, message("Choose a face to begin."), gr.update(), "", "", "", [], "")


def walked(context: AppContext, wish: Wish, alpha: float) -> Shown:
    """The walk that is wished for, measured."""
    models, study = models_of(context, wish), study_of_wish(context, wish)
    measured = run_study(study, models)
    strip, expression = measured.strip, study.expression
    low, high = ALPHA_RANGE if wish.along == EXPRESSION else (0.0, 1.0)
    alpha = min(max(alpha, low), high)
    walk = Walk(study, wish, measured, f"strip-{wish.along}-{expression}")
    judge = context.name_of(models.judge)
    level, kept = strip_markup.level_of_judge(judge, models.judge, expression), strip_markup.kept(strip)
    measures = [Measure(expression, strip.probabilities[:, BASIC.index(expression)], level), *kept]
    explained = strip_markup.explained(strip, expression, level, title(judge), title(wish.model))
    people = [(measure.name, measure.values) for measure in kept]
    return Shown(
        walk=walk,
        result=_result(context, wish, walk, alpha),
        alpha=gr.update(minimum=low, maximum=high, value=alpha),
        strip=strip_markup.frames(strip.frames, strip.alphas, measures, strip.outside),
        explained=f'<p class="lead">{escape(explained)}</p>',
        cards=course_cards(measured.course, expression, wish.along, "identity embedder"),
        course=[strip_course(strip.alphas, strip.probabilities, people, kept[0].reference if kept else None)],
        link=_link(context, wish, alpha),
    )


def _file(context: AppContext, kind: str, walk: Walk | None, visible_mark: bool) -> Made:
    """The walk as a file to take away."""
    if walk is None:
        raise DataError("There is no strip yet; choose a face first.")
    if kind == STUDY:
        return f"study-{walk.name}.zip", "application/zip", study_file(walk.study, models_of(context, walk.wish))
    return strip_markup.as_file(kind, walk.measured, walk.name, visible_mark)


def _link(context: AppContext, wish: Wish, alpha: float) -> str:
    query = link_of(context, wish, alpha)
    if query is None:
        return '<p class="lead">There is no link to these settings: your own photo is not kept.</p>'
    return f'<p class="lead"><a href="{escape(query)}">Link to these settings</a></p>'


def _result(context: AppContext, wish: Wish, walk: Walk | None, alpha: float) -> str:
    judge, source = context.judge_of(wish.model), wish.source.crop
    if wish.along == FACE and walk is not None:
        face = walk.measured.strip.frames[round(min(max(alpha, 0.0), 1.0) * (STEPS - 1))]
        return edited_face(face, recognize_aligned(judge, face[np.newaxis])[0], alpha, None, None, wish.doubts)
    editor = context.editor(wish.model)
    painted = transfer_one(editor, source, wish.target, alpha)
    photo = None if source.face is None else transfer_to_photo(editor, source, wish.target, alpha)
    answer = recognize_aligned(judge, painted[np.newaxis])[0]
    kept = None if context.embedder is None else identity_kept(context.embedder, painted[np.newaxis], source)
    return edited_face(in_colour(painted, source), answer, alpha, photo, kept, wish.doubts)
