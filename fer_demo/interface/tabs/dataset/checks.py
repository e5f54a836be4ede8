"""The two checks of a set, in short steps: its pictures' pixels, and what the models see in its faces."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.data.pictures import PictureScan
from fer_demo.errors import CheckpointError
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.inference.dataset.face_pass import Examiners, FacePass
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead
from fer_demo.interface.widgets.notice import Notice

_PICTURES = "Finds dark, blurred, blank and damaged pictures, and copies: hundreds of pictures a second."
_FACES = (
    "Finds pictures without a face, labels in doubt, the same person in two splits and the recognizer’s errors: about "
    "twenty faces a second."
)


def build(context: AppContext, state: Any) -> None:
    """A button for each check; a stopped one counts as far as it came."""
    with gr.Row(elem_classes="sides"):
        with gr.Column(min_width=320):
            gr.HTML(lead(_PICTURES), apply_default_css=False)
            pictures = LongWork("Check the pictures", "pictures", "check-pictures")
        with gr.Column(min_width=320):
            gr.HTML(lead(_FACES), apply_default_css=False)
            faces = LongWork("Check the faces", "faces", "check-faces")
    notice = Notice()

    def scan(exploration: Exploration) -> PictureScan:
        return PictureScan(exploration.source)

    def examine(exploration: Exploration) -> FacePass:
        return FacePass(exploration.source, examiners(context))

    def scanned(exploration: Exploration, work: Any) -> Exploration:
        return exploration.with_pictures(work.result())

    def examined(exploration: Exploration, work: Any) -> Exploration:
        return exploration.with_faces(work.result())

    pictures.connect(listen, scan, [state], scanned, state, notice, about=_source_of)
    faces.connect(listen, examine, [state], examined, state, notice, about=_source_of)


def examiners(context: AppContext) -> Examiners:
    """The first recognizer, and the identity embedder if there is one.

    Raises: CheckpointError if there is no recognizer.
    """
    name = next(iter(context.recognizers.values()), None)
    if name is None:
        raise CheckpointError("No recognizer is loaded, so faces cannot be checked; install fer_demo again.")
    return Examiners(context.detector, context.models[name], context.embedder)


def _source_of(exploration: Exploration) -> Any:
    return exploration.source
