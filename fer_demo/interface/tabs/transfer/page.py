"""The page: the faces and the wanted expression on top, and below them what can be made of them."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.capabilities import EditsExpression, EditsPhoto
from fer_demo.catalog import MODELS
from fer_demo.expressions import BASIC
from fer_demo.interface.brought_models import lay_out_model_field
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import PHOTOS_QUEUE, listen, picked
from fer_demo.interface.example_faces import face_of_example, face_thumbnails
from fer_demo.interface.tabs.transfer.comparison import lay_out_comparison
from fer_demo.interface.tabs.transfer.fine_control import lay_out_fine_control, untouched_view
from fer_demo.interface.tabs.transfer.matrix import lay_out_matrix
from fer_demo.interface.tabs.transfer.painting import lay_out_painting
from fer_demo.interface.tabs.transfer.request import (
    AS_READ,
    DRIVER,
    EXPRESSION,
    FACE,
    NAMED,
    STEPS,
    EditRequest,
    Inputs,
    edit_request,
    editor_for,
    editors_for,
    guidance_for,
    opening_request,
    read_link,
)
from fer_demo.interface.tabs.transfer.strip import (
    Hints,
    Shown,
    Walk,
    asked_for,
    lay_out_result,
    lay_out_walk,
    measured_walk,
    nothing,
)
from fer_demo.interface.tabs.transfer.strip_view import frames_awaited
from fer_demo.interface.tabs.transfer.trace_view import TRACED, lay_out_trace
from fer_demo.interface.widgets.address import settings_asked
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import blank, message, side_by_side
from fer_demo.interface.widgets.notice import Notice

TITLE = "Transfer"


def build(context: AppContext) -> None:
    """Lay out the tab; its example is measured when it is first opened, once for everybody."""
    if not context.editors:
        gr.HTML(message("No editor could be loaded; see About for the reason."), apply_default_css=False)
        return
    first, model = opening_request(context), next(iter(context.editors.values()))
    source, driver = (None, None) if first is None else (first.source, first.driver)
    values = nothing() if first is None else _awaited(first)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            source_field = _field(context, "Face", source, "source")
        with gr.Column(scale=4, min_width=300):
            along, kind, name, offer = _choices(context, model, values)
            with gr.Column(visible=False) as driver_box:
                driver_field = _field(context, "Second face", driver, "driver")
                reading = gr.HTML(values.reading, apply_default_css=False, elem_id="reading")
                label = gr.Dropdown(
                    [("as it was read", AS_READ), *BASIC], value=AS_READ, label="It shows", elem_id="said"
                )
            models = _models(context, NAMED)
            editors = gr.Dropdown(models, value=model, label="Model", visible=len(models) > 1, elem_id="editor")
            painting = lay_out_painting(context, model)
            brought = gr.State(())  # names of models that this visitor loaded
            lay_out_model_field(context, "transfer", brought, "own-editor")
        with gr.Column(scale=4, min_width=300):
            view = lay_out_result(values)
    strengths = painting.by_person, painting.by_expression
    inputs = Inputs(source_field.state, driver_field.state, kind, name, along, editors, label, *strengths)
    fine = None
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("Strip", id="strip"):
            shown = lay_out_walk(context, inputs, Hints(offer, reading), view, values)
            if any(context.can(name, *TRACED) for name in context.editors.values()):
                lay_out_trace(context, shown.walk, view.alpha)
        if any(context.can(name, EditsPhoto) for name in context.editors.values()):
            with gr.Tab("Fine control", id="fine"):
                fine = lay_out_fine_control(context, inputs, shown.walk, model)
        with gr.Tab("All expressions", id="matrix"):
            lay_out_matrix(context, inputs, view.alpha)
        with gr.Tab("Compare", id="compare"):
            lay_out_comparison(context, inputs, view.alpha)
    source_field.connect(listen, picked, PHOTOS_QUEUE)
    driver_field.connect(listen, picked, PHOTOS_QUEUE)
    choices = components(_Choices, along, kind, name, driver_box, editors, painting.panel)
    _connect_choices(context, choices, brought)
    _connect_brought(context, brought, inputs, choices, shown, view.notice)
    arrival = _Arrival(shown, view.notice, [] if fine is None else [fine])
    _open(context, (source_field, driver_field), choices, strengths, arrival)


def _models(context: AppContext, kind: str, brought: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The editors in the picker: a title and what it is in a few words, and its name; last a visitor's own."""
    names = (*editors_for(context, kind), *(name for name in brought if _offered(context, kind, name)))
    return [(f"{title(name)}: {MODELS[name].in_short}" if name in MODELS else title(name), name) for name in names]


class _Choices(NamedTuple):
    """The fields that depend on each other; the same names hold components and their updates."""

    along: Update
    kind: Update
    name: Update
    driver_box: Update
    model: Update
    painting: Update  # the panel of guidance


def _choices(context: AppContext, model: str, values: Shown) -> tuple[Any, Any, Any, Any]:
    along = gr.Radio(
        [("the expression; the face stays", EXPRESSION), ("the face; the expression stays", FACE)],
        value=EXPRESSION,
        label="What changes",
        elem_id="along",
        visible=context.can(model, EditsExpression),
    )
    ways = [("by name", NAMED), *([("from another face", DRIVER)] if context.followers else [])]
    kind = gr.Radio(ways, value=NAMED, label="Wanted expression", elem_id="kind")
    name = gr.Radio(list(BASIC), value=values.name, label="Name", elem_id="named")
    return along, kind, name, gr.HTML(values.offer, apply_default_css=False, elem_id="offer")


def _offered(context: AppContext, kind: str, name: str) -> bool:
    return name in context.guests and editor_for(context, name, kind) == name


def _connect_choices(context: AppContext, choices: Any, brought: gr.State) -> None:
    def arrange(kind: str, along: str, model: str, names: tuple[str, ...]) -> _Choices:
        return _arrange(context, kind, along, model, names)

    asked = [choices.kind, choices.along, choices.model]
    listen([choice.input for choice in asked], arrange, [*asked, brought], choices)


def _connect_brought(
    context: AppContext, brought: gr.State, inputs: Inputs, choices: Any, shown: Any, notice: Any
) -> None:
    """A model that a visitor loaded is chosen, and its walk shown."""

    def choose(names: tuple[str, ...], kind: str, along: str) -> Any:
        if not names:
            return [gr.skip()] * len(_Choices._fields)
        return _arrange(context, kind, along, names[-1], names)

    def walk(names: tuple[str, ...], amount: float, *values: Any) -> Any:
        if not names:
            return [gr.skip()] * len(Shown._fields)
        asked = Inputs(*values)._replace(model=names[-1])
        return measured_walk(context, edit_request(context, *asked), amount)

    listen([brought.change], choose, [brought, choices.kind, choices.along], choices)
    asked = [brought, shown.alpha, *inputs]
    listen([brought.change], walk, asked, shown, notice=notice, heavy=True, busy=[shown.strip])


def _arrange(context: AppContext, kind: str, along: str, model: str, brought: tuple[str, ...] = ()) -> _Choices:
    """Show only what can be chosen now: not every editor can follow another face, or change who it is."""
    model = editor_for(context, model, kind)
    swaps_people = context.can(model, EditsExpression)
    if not swaps_people:
        along = EXPRESSION
    by_name = kind == NAMED and along == EXPRESSION
    return _Choices(
        along=gr.update(visible=swaps_people, value=along),
        kind=gr.update(visible=along == EXPRESSION),
        name=gr.update(visible=by_name),
        driver_box=gr.update(visible=not by_name),
        model=gr.update(choices=_models(context, kind, brought), value=model),
        painting=gr.update(visible=guidance_for(context, model) is not None),
    )


class _Arrival(NamedTuple):
    """The components that show what the tab is opened with."""

    shown: Any
    notice: Notice
    fine: list[gr.HTML]  # the view of the fine control, if there is one


def _open(
    context: AppContext, fields: tuple[FaceField, FaceField], known: Any, strengths: tuple[Any, Any], arrival: _Arrival
) -> None:
    """When the tab is first opened, show what a link of ours asks for, or else the example."""
    shown = arrival.shown
    rest = [part for name, part in shown._asdict().items() if name != "name"]
    outputs = [*fields[0].parts, *fields[1].parts, *known, *strengths, *rest, *arrival.fine]
    untouched = [gr.skip() for _ in arrival.fine]

    @cache
    def example() -> tuple[Shown, list[str]]:
        request = opening_request(context)
        assert request is not None  # or else nobody asks
        first = asked_for(context, None, request, 1.0)
        # The amount is 1 already, and an address is of what was chosen.
        first = first._replace(alpha=gr.skip(), address=gr.skip(), label=gr.skip())
        return first, [untouched_view(context, request) for _ in arrival.fine]

    def open_example(walk: Walk | None) -> tuple[Any, ...]:
        if walk is not None or not context.example_rows:  # somebody was quicker
            return tuple(gr.skip() for _ in outputs)
        first, fine = example()
        parts = first._asdict()
        choices = _Choices(*(gr.skip() for _ in _Choices._fields))._replace(name=parts.pop("name"))
        before = [gr.skip() for _ in (*fields[0].parts, *fields[1].parts)]
        return (*before, *choices, *(gr.skip() for _ in strengths), *parts.values(), *fine)

    def follow_link(walk: Walk | None, event: gr.EventData) -> tuple[Any, ...]:
        settings = settings_asked(event)
        asked = read_link(context, settings) if settings else None
        if asked is None:
            return open_example(walk)
        request = asked.request
        driver = tuple(gr.skip() for _ in fields[1].parts) if request.driver is None else fields[1].show(request.driver)
        choices = _arrange(context, request.kind, request.along, request.model)
        set_to = choices._replace(
            along={**choices.along, "value": request.along},
            kind={**choices.kind, "value": request.kind},
            name={**choices.name, "value": request.name},
        )
        guidance = request.guidance
        guide = (gr.skip(), gr.skip()) if guidance is None else (guidance.person, guidance.expression)
        parts = measured_walk(context, request, asked.alpha)._asdict()
        del parts["name"]  # set with the other choices
        return (*fields[0].show(request.source), *driver, *set_to, *guide, *parts.values(), *untouched)

    opened = [shown.address.select]
    listen(opened, follow_link, [shown.walk], outputs, notice=arrival.notice, heavy=True, busy=[shown.strip])


def _awaited(request: EditRequest) -> Shown:
    """What is shown until the example is measured: the places of its pictures."""
    result, room = side_by_side([blank("On its way …"), blank("")]), '<div class="room"></div>'
    strip = frames_awaited(STEPS)
    return nothing()._replace(
        result=result + room, strip=strip, explained=room, cards=room, link=room, name=request.name
    )


def _field(context: AppContext, label: str, chosen: ChosenFace | None, name: str) -> FaceField:
    items, load = face_thumbnails(context), partial(face_of_example, context)
    return FaceField(label, items, load, context.crops_to_keep, chosen, name)
