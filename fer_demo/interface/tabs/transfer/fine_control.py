"""Fine control: sliders of single facial movements, regions, and layers kept one on the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import gradio as gr

from fer_demo.capabilities import EditsPhoto
from fer_demo.errors import SettingsError
from fer_demo.inference.transfer.edit_stack import EditStack, ScoredEdit, score_edit
from fer_demo.inference.transfer.editing import SLIDER_RANGE, SLIDERS, EditLayer, Region, photo_with
from fer_demo.inference.transfer.slider_purity import SliderPurity, measured_sliders
from fer_demo.inference.transfer.transfer import ALPHA_RANGE, direction_to
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.transfer.edited_view import photo_file
from fer_demo.interface.tabs.transfer.layers_view import edit_view, layer_list
from fer_demo.interface.tabs.transfer.request import (
    EditRequest,
    Inputs,
    edit_request,
    editor_of,
    person_name,
    same_crop,
)
from fer_demo.interface.tabs.transfer.strip import Walk
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.markup import blank, lead, message, side_by_side
from fer_demo.interface.widgets.notice import Notice

BY_SLIDERS, BY_REQUEST = "sliders", "request"
GROUPS = {
    "Brows": ("inner brow raise", "outer brow raise", "brow lower"),
    "Eyes and nose": ("eye widen", "eye squint", "blink", "nose wrinkle"),
    "Mouth": tuple(name for name in SLIDERS if name.split()[0] in ("smile", "frown", "jaw", "lip", "upper", "lower")),
}
NEEDS_PHOTO_EDITOR = "Choose a face and the landmark editor: only an editor that moves the photo has sliders."
MEASURED = (
    "Below each slider: how strong its movement is compared with the true one, and how pure it is. 70% pure means that "
    "the other 30% of the change belongs to other sliders. In brackets: the 95 % interval. All of it was measured on "
    "synthetic people."
)
COLUMNS = (("Brows", "Eyes and nose"), ("Mouth",))
NAMES = tuple(name for group in GROUPS.values() for name in group)


class Controls(NamedTuple):
    """The components that make up a layer, in the order of `_layer`."""

    by: gr.Radio
    region: gr.Radio
    intensity: gr.Slider
    sliders: tuple[gr.Slider, ...]  # in the order of NAMES

    @property
    def components(self) -> list[Any]:
        return [self.by, self.region, self.intensity, *self.sliders]


class _Shown(NamedTuple):
    """What is shown of a stack; the same names hold its components and their values."""

    stack: EditStack | None  # an EditStack
    edit: ScoredEdit | None  # the ScoredEdit in the view; None if nothing is changed yet
    view: str
    layers: str


def lay_out_fine_control(context: AppContext, inputs: Inputs, walk: Any, model: str) -> gr.HTML:
    """The sliders beside the edited face, its layers below; `walk` is the state of the strip. Returns the view."""
    arrival = side_by_side([blank(""), blank("On its way …")])
    if not context.can(model, EditsPhoto):
        arrival = message(NEEDS_PHOTO_EDITOR)
    with gr.Row(elem_classes=["sides", "bench"]):
        with gr.Column(scale=5, min_width=320):
            view = gr.HTML(arrival, apply_default_css=False, elem_id="edited")
            notice = Notice()
            with gr.Row():
                keep = gr.Button("Keep this layer", variant="primary", size="md", min_width=130)
                undo = gr.Button("Undo", size="md", min_width=90)
            photo = Downloads(("edited photo",), "edited-file")
            layers = gr.HTML(layer_list(None), apply_default_css=False, elem_id="layers")
        with gr.Column(scale=7, min_width=320):
            controls = _lay_out_controls(_measured(context))
    shown = components(_Shown, gr.State(None), gr.State(None), view, layers)
    _connect(context, inputs, walk, controls, shown, (keep, undo), notice)

    def take(_: str, edit: ScoredEdit | None, *values: Any) -> Made:
        if edit is None:
            raise SettingsError("There is no edit yet; move a slider first.")
        request = edit_request(context, *values)
        edited = photo_with(editor_of(context, request), request.source.crop, edit.edited)
        name = f"{person_name(context, request.source)}_{request.model}_fine-control"
        return photo_file(edited, name, visible_mark=False)

    photo.connect(listen, take, [shown.edit, *inputs], notice, heavy=["edited photo"])
    return view


def untouched_view(context: AppContext, request: EditRequest) -> str:
    """What the view shows of a request before anything is changed."""
    if not context.can(request.model, EditsPhoto):
        return message(NEEDS_PHOTO_EDITOR)
    return edit_view(_untouched(context, request, EditStack(request.source.crop)))


def _measured(context: AppContext) -> Mapping[str, SliderPurity]:
    """What was measured of the sliders of the first editor that has any; empty if nothing was."""
    described = ((name, context.models.described[name]) for name in context.editors.values())
    return next(filter(None, (measured_sliders(*one) for one in described)), {})


def _lay_out_controls(measured: Mapping[str, SliderPurity]) -> Controls:
    with gr.Row():
        ways = [("the sliders", BY_SLIDERS), ("the wanted expression above", BY_REQUEST)]
        by = gr.Radio(ways, value=BY_SLIDERS, label="Change the face by", elem_id="layer-by")
        regions = [("whole face", "face"), ("brows and eyes only", "eyes"), ("mouth only", "mouth")]
        assert {value for _, value in regions} == set(get_args(Region))
        region = gr.Radio(regions, value="face", label="Region", elem_id="region")
    intensity = gr.Slider(*ALPHA_RANGE, value=1.0, step=0.05, label="Amount", elem_id="intensity")
    if measured:
        gr.HTML(lead(MEASURED), apply_default_css=False)
    sliders = {}
    with gr.Row(elem_id="sliders"):
        for titles in COLUMNS:
            with gr.Column(min_width=260):
                for title in titles:
                    gr.HTML(f"<h3>{title}</h3>", apply_default_css=False)
                    for name in GROUPS[title]:
                        sliders[name] = gr.Slider(
                            *SLIDER_RANGE,
                            value=0.0,
                            step=0.05,
                            label=name.capitalize(),
                            info=measured[name].words if name in measured else None,
                            elem_id=f"slider-{name.replace(' ', '-')}",
                        )
    return Controls(by, region, intensity, tuple(sliders[name] for name in NAMES))


def _connect(
    context: AppContext,
    inputs: Inputs,
    walk: Any,
    controls: Controls,
    shown: Any,
    buttons: tuple[Any, Any],
    notice: Notice,
) -> None:
    count = len(inputs)

    def show(known: Walk | None, *values: Any) -> tuple[ScoredEdit, str]:
        request, stack = _begun(context, values[:count], values[count])
        edit = _scored(context, request, stack, _layer(context, request, known, *values[count + 1 :]))
        return edit, edit_view(edit)

    def keep_layer(known: Walk | None, *values: Any) -> tuple[Any, ...]:
        request, stack = _begun(context, values[:count], values[count])
        layer = _layer(context, request, known, *values[count + 1 :])
        if isinstance(layer.target, dict) and not any(layer.target.values()):
            raise SettingsError("All sliders are at 0; move one before you keep a layer.")
        stack = stack.with_edit(_scored(context, request, stack, layer))
        edit = stack.edits[-1]
        return (stack, edit, edit_view(edit), layer_list(stack), BY_SLIDERS, *(0.0 for _ in NAMES))

    def undo(*values: Any) -> _Shown:
        request, stack = _begun(context, values[:count], values[count])
        if not stack.edits:
            raise SettingsError("There is no layer to undo.")
        stack = stack.undone()
        edit = _untouched(context, request, stack)
        return _Shown(stack, edit, edit_view(edit), layer_list(stack))

    def begin_again(stack: EditStack | None, *values: Any) -> _Shown:
        if values[0] is None or not context.can(Inputs(*values).model, EditsPhoto):
            return _Shown(None, None, message(NEEDS_PHOTO_EDITOR), layer_list(None))
        request, fresh = _begun(context, values, stack)
        if stack is not None and fresh is stack:
            return _Shown(*(gr.skip() for _ in _Shown._fields))
        edit = _untouched(context, request, fresh)
        return _Shown(fresh, edit, edit_view(edit), layer_list(fresh))

    asked = [walk, *inputs, shown.stack, *controls.components]
    changed = [*controls.components, inputs.by_person, inputs.by_expression]
    moved = [control.input for control in changed]
    listen(moved, show, asked, [shown.edit, shown.view], notice=notice, heavy=True, latest=True)
    kept = [*shown, controls.by, *controls.sliders]
    listen([buttons[0].click], keep_layer, asked, kept, notice=notice, heavy=True)
    listen([buttons[1].click], undo, asked[1:], shown, notice=notice, heavy=True)
    another = [inputs.source.change, inputs.model.change]
    listen(another, begin_again, [shown.stack, *inputs], shown, notice=notice, heavy=True, latest=True)


def _begun(context: AppContext, values: tuple[Any, ...], stack: EditStack | None) -> tuple[EditRequest, EditStack]:
    """The request and the layers kept on its face; a stack of another face does not count."""
    request = edit_request(context, *values)
    face = request.source.crop
    if stack is None or not same_crop(stack.source, face):
        return request, EditStack(face)
    return request, stack


def _layer(
    context: AppContext,
    request: EditRequest,
    known: Walk | None,
    by: str,
    region: Region,
    intensity: float,
    *sliders: float,
) -> EditLayer:
    if by == BY_REQUEST:
        if known is not None and known.direction is not None and known.request.same(request):
            direction = known.direction
        else:  # the strip is still on its way
            direction = direction_to(
                context.editor(request.model), request.source.crop, request.target, request.label or None
            )
        return EditLayer(request.target, intensity, region, direction.wanted)
    values = {name: float(value) for name, value in zip(NAMES, sliders, strict=True)}
    return EditLayer(values, intensity, region)


def _scored(context: AppContext, request: EditRequest, stack: EditStack, layer: EditLayer) -> ScoredEdit:
    editor = editor_of(context, request)
    return score_edit(editor, context.judge_of(request.model), context.embedder, stack, layer)


def _untouched(context: AppContext, request: EditRequest, stack: EditStack) -> ScoredEdit:
    """The face as the stack leaves it, painted as requested now."""
    return _scored(context, request, stack, EditLayer({}))
