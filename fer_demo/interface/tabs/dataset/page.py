"""The tab's frame: one exploration per visitor, which every part shows from its own side."""

from __future__ import annotations

import gradio as gr

from fer_demo.data.opened_set import OpenedSet
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.dataset import (
    browse,
    checks,
    export,
    labels,
    mistakes,
    opening,
    problems,
    questions,
    statistics,
)
from fer_demo.interface.widgets.markup import message

TITLE = "Dataset"


def build(context: AppContext) -> None:
    """Lay out the tab over the bundled faces."""
    if context.faces is None:
        gr.HTML(message("The bundled faces are missing; install fer_demo again."), apply_default_css=False)
        return
    # Made when it is first needed and shared by all who have opened nothing else: nothing in it ever changes.
    bundled = Exploration(OpenedSet(context.faces, {}))
    # A visitor's own set is forgotten an hour after the last visit.
    state = gr.State(bundled, time_to_live=3600)
    opening.build(bundled, state)
    labels.build(state)
    checks.build(context, state)
    with gr.Tabs(overflow_behavior="wrap"):
        for part in (browse, questions, statistics, problems, mistakes, export):
            with gr.Tab(part.TITLE):
                part.build(context, bundled, state)
