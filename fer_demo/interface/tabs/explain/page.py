"""Explain: a face, a question and up to three methods in; maps with verdicts, curves and files out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.figures.explain import HEIGHT
from fer_demo.inference.explain.asking import ANSWER, PERSON
from fer_demo.inference.explain.curves import CURVES
from fer_demo.inference.explain.methods import methods_for
from fer_demo.inference.recognize.probabilities import VOTES, logits_of
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import PHOTOS_QUEUE, listen, picked
from fer_demo.interface.example_faces import face_of_example, face_thumbnails
from fer_demo.interface.tabs.explain.change import ChangePart
from fer_demo.interface.tabs.explain.explaining import (
    NONE,
    ON_ARRIVAL,
    OWN,
    Explained,
    explanations_of,
    how_often,
    offered_targets,
    still_there,
)
from fer_demo.interface.tabs.explain.files import KINDS, file_of
from fer_demo.interface.tabs.explain.lesson import LessonPart
from fer_demo.interface.tabs.explain.many import ManyFacesPart
from fer_demo.interface.tabs.explain.teachers import TeachersPart
from fer_demo.interface.tabs.explain.view import curve_figures, maps_awaited, maps_view
from fer_demo.interface.widgets.address import Address
from fer_demo.interface.widgets.carried import CarriedFace, carried_face
from fer_demo.interface.widgets.downloads import Downloads
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead, message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.plots import Plots

TITLE = "Explain"

_OPACITY = 0.7
_MOST_QUESTIONS = 2  # about one face: both codes of a model
_FIRST = 3  # the example on arrival
_HELP = (
    "Which parts of a face does an answer come from? Each method draws a map, and each map can be checked. A map that "
    "fails should not be believed, however good it looks."
)


class _Choice(NamedTuple):
    """What is asked; the same names hold the components, in the order of `explanations_of`."""

    face: Any
    model: Any
    expression: Any
    other: Any
    methods: Any
    target: Any


def build(context: AppContext) -> None:
    """Lay out the tab; the maps of its example are drawn when it is first opened, once for everybody."""
    if not context.recognizers:
        gr.HTML(message("No recognizer could be loaded; see About for the reason."), apply_default_css=False)
        return
    name = next(iter(context.recognizers.values()))
    why, other = _offered(context, name)
    face = _first(context)
    gr.HTML(lead(_HELP), apply_default_css=False)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=5, min_width=320):
            field = FaceField(
                "Face to explain",
                face_thumbnails(context),
                partial(face_of_example, context),
                context.crops_to_keep,
                face,
                "to-explain",
            )
        with gr.Column(scale=6, min_width=320):
            model = gr.Dropdown(list(context.recognizers.items()), value=name, label="Recognizer")
            with gr.Row():
                expression = gr.Dropdown(why, value=OWN, label="Why this expression?", min_width=150)
                against = gr.Dropdown(other, value=NONE, label="And why not that one?", min_width=150)
            target = _target(context, name)
            methods = gr.CheckboxGroup(
                list(methods_for(context.described(name))),
                value=list(ON_ARRIVAL),
                label="Methods, up to three",
                elem_id="methods",
            )
            work = LongWork("Check these maps", "checks", "check-maps")
            notice = Notice()
    state, opened = gr.State(None), Address("explain", always=True)
    maps = gr.HTML(_first_places(context, face, name), apply_default_css=False, elem_id="explained")
    opacity = gr.Slider(0, 1, value=_OPACITY, step=0.05, label="How strongly the maps are painted", elem_id="opacity")
    with gr.Accordion("The curves behind the verdicts", open=False, elem_id="curves"):
        labels = [f"The answer along the curve of {curve.name}" for curve in CURVES] * _MOST_QUESTIONS
        curves = Plots([], labels=labels, height=HEIGHT)
    change = ChangePart()
    teachers = TeachersPart()
    many = ManyFacesPart(context, name)
    lesson = LessonPart()
    downloads = Downloads(KINDS, "explained-files")

    choice = _Choice(field.state, model, expression, against, methods, target)
    field.connect(listen, picked, PHOTOS_QUEUE)
    _connect(context, choice, opened, maps, work, state, notice)
    listen([state.change, opacity.input], maps_view, [state, opacity], [maps], latest=True)
    listen([state.change], curve_figures, [state], [curves])
    change.connect(listen, context, [field.state, model, against], notice)
    teachers.connect(listen, context, [field.state, model, expression], notice)
    many.connect(listen, context, model)
    lesson.connect(listen, context)
    downloads.connect(listen, file_of, [state, opacity, change.state], notice)
    _receive(context, field, choice)


def _first_places(context: AppContext, face: ChosenFace | None, model: str) -> str:
    """What stands where the example's maps will be."""
    if face is None:
        return maps_view(None, _OPACITY)
    return maps_awaited(ON_ARRIVAL, how_often(model, context.described(model)))


def _connect(
    context: AppContext, choice: _Choice, opened: Address, maps: gr.HTML, work: LongWork, state: Any, notice: Notice
) -> None:
    @cache
    def example() -> Explained:
        return explanations_of(context, *_on_arrival(context)).maps()

    def offer(model: str, chosen: list[str]) -> tuple[Any, ...]:
        return _fitting(context, model, chosen)

    def draw(*values: Any) -> Explained:
        if _same_question(_Choice(*values), _on_arrival(context)):
            return replace(example(), asked=None)  # as before they came: checks that were begun meanwhile go on
        return explanations_of(context, *values).maps()

    # Another question ends the work on the last one, whose maps go.
    asked = [opened.select, choice.face.change, *(part.change for part in choice[1:])]
    listen(
        asked,
        draw,
        choice,
        [state],
        notice=notice,
        heavy=True,
        queue=PHOTOS_QUEUE,
        busy=[maps],
        latest=True,
        failed=[None],
    )
    fitting = [choice.expression, choice.other, choice.methods, choice.target]
    listen([choice.model.input], offer, [choice.model, choice.methods], fitting)
    listen([choice.target.change], _asked_of, [choice.target], [choice.expression, choice.other])
    begin = partial(explanations_of, context)
    work.connect(listen, begin, list(choice), _with_found, state, notice, about=_asked, early=True, again=True)


def _receive(context: AppContext, field: FaceField, choice: _Choice) -> None:
    """A face carried over from another tab, with the question about it."""
    carried = carried_face()

    def take(sent: CarriedFace, methods: list[str]) -> tuple[Any, ...]:
        models = {**context.recognizers, title(sent.model): sent.model}  # a visitor may have brought it
        return (
            *field.show(ChosenFace(sent.crops, sent.face)),
            gr.update(choices=list(models.items()), value=sent.model),
            *_fitting(context, sent.model, methods, sent.expression),
        )

    listen([carried.change], take, [carried, choice.methods], [*field.parts, *choice[1:]])


def _asked(shown: Explained | None) -> object:
    return None if shown is None else shown.asked


def _with_found(shown: Explained | None, work: Any) -> Explained:
    found: Explained = work.found()
    return found if shown is None else replace(found, asked=shown.asked)


def _offered(context: AppContext, model: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What can be asked of a model: expressions, and others that it is not."""
    known = [(name, name) for name in logits_of(context.described(model), VOTES)[1]]
    return [("the model’s own answer", OWN), *known], [("no other", NONE), *known]


def _fitting(context: AppContext, model: str, methods: list[str], expression: str = OWN) -> tuple[Any, ...]:
    """What the fields offer for a model: expressions, others, methods and targets; chosen methods stay if they can."""
    why, other = _offered(context, model)
    described = context.described(model)
    targets = offered_targets(described)
    return (
        gr.update(choices=why, value=expression, interactive=True),
        gr.update(choices=other, value=NONE, interactive=True),
        gr.update(choices=list(methods_for(described)), value=still_there(described, methods)),
        gr.update(choices=list(targets), value=targets[0], interactive=len(targets) > 1),
    )


def _target(context: AppContext, model: str) -> gr.Dropdown:
    """Always in its place, so that nothing jumps; most models have one thing to explain."""
    targets = offered_targets(context.described(model))
    return gr.Dropdown(
        list(targets), value=targets[0], label="What is explained", interactive=len(targets) > 1, elem_id="explained-of"
    )


def _asked_of(target: str) -> tuple[Any, Any]:
    """Only the answer can be held against another one; who somebody is has no expression."""
    return (
        gr.update(interactive=target != PERSON),
        gr.update(interactive=target == ANSWER) if target == ANSWER else gr.update(value=NONE, interactive=False),
    )


def _on_arrival(context: AppContext) -> _Choice:
    """The question about the example."""
    name = next(iter(context.recognizers.values()))
    return _Choice(_first(context), name, OWN, NONE, list(ON_ARRIVAL), offered_targets(context.described(name))[0])


def _same_question(one: _Choice, other: _Choice) -> bool:
    """Whether the same is asked about the same example."""
    faces = [None if choice.face is None else (choice.face.example, choice.face.index) for choice in (one, other)]
    return None not in faces and faces[0] == faces[1] and one.face.example is not None and one[1:] == other[1:]


def _first(context: AppContext) -> ChosenFace | None:
    index = min(_FIRST, len(context.example_rows) - 1)
    return ChosenFace(face_of_example(context, index), example=index) if index >= 0 else None
