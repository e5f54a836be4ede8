"""All models on one face, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import Answer, recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import message, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.tables import comparison


# Compared by identity: the same face may be asked about again.
@dataclass(frozen=True, eq=False)
class _Asked:
    about: ChosenFace | None
    answer: Answer


def lay_out_comparison(context: AppContext, field: FaceField, answer: gr.Radio) -> None:
    """All models on the chosen face, asked only while the panel is open."""

    def ask(is_open: bool, chosen: ChosenFace | None, answer: Answer) -> Any:
        return _Asked(chosen, answer) if is_open else gr.skip()

    def compare(asked: _Asked | None) -> str:
        if asked is None or asked.about is None:
            return message("There is no face yet; choose a photo first.")
        return compared(context, asked.about.crop, asked.answer)

    with gr.Accordion("Compare all models on this face", open=False, elem_id="compare") as panel:
        table = gr.HTML(message("Asking all models …"), apply_default_css=False)
        notice = Notice()
    is_open = gr.State(False)
    listen([panel.expand], lambda: True, [], [is_open])
    listen([panel.collapse], lambda: False, [], [is_open])
    asked = gr.State(None)  # changes while the panel is open; nobody else waits in the models' queue
    changes = [is_open.change, field.state.change, answer.change]
    listen(changes, ask, [is_open, field.state, answer], [asked], latest=True)
    listen([asked.change], compare, [asked], [table], notice=notice, heavy=True, busy=[table], latest=True)


def compared(context: AppContext, crop: FaceCrop, answer: Answer) -> str:
    """What every model says, of votes those that know them; one that cannot be loaded is named below the others."""
    answers, troubles = {}, []
    for title, name in context.recognizers.items():
        try:
            answers[title] = recognize(context.models[name], [crop], answer=answer)[0]
        except CheckpointError as error:
            troubles.append(str(error))
    if not answers:
        raise CheckpointError(" ".join(troubles))
    return comparison(answers) + sentences(troubles)
