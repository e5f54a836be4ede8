"""How the mouth is painted: two sliders of guidance, for editors that paint one."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from fer_demo.capabilities import GUIDANCE_RANGE, Guidance
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.transfer.request import guidance_for
from fer_demo.interface.widgets.markup import lead

TITLE = "How the mouth is painted"
WORDS = "Teeth and the inside of a mouth are painted, by classifier-free guidance. 1 is as the painter learned it."


class Painting(NamedTuple):
    """The panel and its sliders."""

    panel: Any
    by_person: Any
    by_expression: Any


def lay_out_painting(context: AppContext, model: str) -> Painting:
    """A closed panel, hidden while the model has no guidance."""
    own = (guidance_for(context, name) for name in (model, *context.editors.values()))
    usual = next(filter(None, own), Guidance(1.0, 1.0))
    shown = guidance_for(context, model) is not None
    with gr.Accordion(TITLE, open=False, visible=shown, elem_id="painting") as panel:
        gr.HTML(lead(WORDS), apply_default_css=False)
        sliders = [
            gr.Slider(*GUIDANCE_RANGE, value=value, step=0.25, label=label, info=info, elem_id=name)
            for value, label, info, name in (
                (usual.person, "More of the person", "How much the rest of the face counts.", "by-person"),
                (usual.expression, "More of the expression", "How much the wanted lips count.", "by-expression"),
            )
        ]
    return Painting(panel, *sliders)
