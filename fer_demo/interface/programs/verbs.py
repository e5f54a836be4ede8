"""The list of verbs, and the hidden part of the page that they stand in."""

from __future__ import annotations

import gradio as gr

from fer_demo.interface.context import AppContext
from fer_demo.interface.programs.changes import publish_change
from fer_demo.interface.programs.codes import publish_codes
from fer_demo.interface.programs.datasets import publish_audit
from fer_demo.interface.programs.edits import publish_edits
from fer_demo.interface.programs.explanations import publish_explain
from fer_demo.interface.programs.photos import publish_faces, publish_recognize

PUBLISHERS = (
    publish_faces,
    publish_recognize,
    publish_explain,
    publish_change,
    publish_codes,
    publish_edits,
    publish_audit,
)


def publish(context: AppContext) -> None:
    """Offer every verb whose models are there."""
    with gr.Column(visible=False):
        for offer in PUBLISHERS:
            offer(context)
