"""All models on one face, side by side."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import message, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.tables import comparison


def lay_out_comparison(context: AppContext, field: FaceField) -> None:
    """All models on the chosen face, asked only while the panel is open."""

    def compare(is_open: bool, chosen: ChosenFace | None) -> Any:
        if not is_open:
            return gr.skip()
        if chosen is None:
            return message("There is no face yet; choose a photo first.")
        return compared(context, chosen.crop)

    with gr.Accordion("Compare all models on this face", open=False, elem_id="compare") as panel:
        table = gr.HTML(message("Asking all models …"), apply_default_css=False)
        notice = Notice()
    is_open = gr.State(False)
    listen([panel.expand], lambda: True, [], [is_open])
    listen([panel.collapse], lambda: False, [], [is_open])
    changes = [is_open.change, field.state.change]
    listen(changes, compare, [is_open, field.state], [table], notice=notice, heavy=True, latest=True)


def compared(context: AppContext, crop: FaceCrop) -> str:
    """What every model says; one that cannot be loaded is named below the others."""
    answers, troubles = {}, []
    for title, name in context.recognizers.items():
        try:
            answers[title] = recognize(context.models[name], [crop])[0]
        except CheckpointError as error:
            troubles.append(str(error))
    if not answers:
        raise CheckpointError(" ".join(troubles))
    return comparison(answers) + sentences(troubles)
