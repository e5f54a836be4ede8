"""The tab's frame: one exploration per visitor, which every part shows from its own side."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import gradio as gr

from fer_demo.data.opened_set import OpenedSet
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
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
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.markup import message

TITLE = "Dataset"
_PARTS = (browse, questions, statistics, problems, mistakes, export)


def build(context: AppContext) -> None:
    """Lay out the tab over the bundled faces."""
    if context.faces is None:
        gr.HTML(message("The bundled faces are missing; install fer_demo again."), apply_default_css=False)
        return
    # Made when it is first needed and shared by all who have opened nothing else: nothing in it ever changes.
    bundled = Exploration(OpenedSet(context.faces, {}))
    # A visitor's own set is forgotten an hour after the last visit.
    state = gr.State(bundled, time_to_live=3600)
    opening.build(bundled, state, bool(context.settings.hub_login))
    labels.build(state)
    checks.build(context, state)
    tabs, built = [], []
    with gr.Tabs(overflow_behavior="wrap"):
        for part in _PARTS:
            with gr.Tab(part.TITLE, id=_name(part), elem_id=f"part-{_name(part)}") as tab:
                built.append(part.build(context, bundled, state))
            tabs.append(tab)
    _connect_address(bundled, state, tabs, built[0])


def _connect_address(bundled: Exploration, state: Any, tabs: list[Any], browsed: browse.Parts) -> None:
    """The address says which part is open and which of our faces are chosen; of a visitor's set only the part.

    Its script opens the part that it asks for.
    """
    address = Address("dataset")

    def settings_in(part: str) -> Callable[..., dict[str, str]]:
        def settings(exploration: Exploration, expression: str, person: str) -> dict[str, str]:
            chosen = {"expression": expression, "person": person} if exploration.source is bundled.source else {}
            return {"part": part, **{name: value for name, value in chosen.items() if value != browse.ALL}}

        return settings

    def follow_link(event: gr.EventData) -> tuple[Any, ...]:
        wanted = settings_asked(event)
        choice = browse.known(bundled, wanted.get("expression", ""), wanted.get("person", ""))
        part = next((name for name in map(_name, _PARTS) if name == wanted.get("part")), _name(browse))
        return (settings_in(part)(bundled, *choice), *choice, *browse.show(bundled, *choice, 0))

    inputs = [state, *browsed.fields]
    for part, tab in zip(_PARTS, tabs, strict=True):
        listen([tab.select], settings_in(_name(part)), inputs, [address])
    listen([field.input for field in browsed.fields], settings_in(_name(browse)), inputs, [address])
    listen([address.select], follow_link, [], [address, *browsed.fields, *browsed.shown])


def _name(part: ModuleType) -> str:
    return part.__name__.rpartition(".")[2]
