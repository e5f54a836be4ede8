"""Events of one visitor that go on at the same time: none takes back what another has changed."""

from __future__ import annotations

import re
from collections import deque
from typing import Any, NamedTuple, cast

import gradio as gr
import pytest

from fer_demo.data.embedding_table import MAPS, open_embedding_table
from fer_demo.data.loading import load_bundled
from fer_demo.faces.detection import Detector
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.latent_space import build
from fer_demo.interface.tabs.latent_space.tables import first_row
from fer_demo.interface.widgets.address import Address
from fer_demo.settings import AppSettings

Written = dict[Any, dict[str, Any]]  # component -> those of its properties that an event sets


class Event(NamedTuple):
    """What a visitor does to a part of the page, and what it is set to or what its script posts."""

    part: str  # its elem_id or label
    kind: str
    value: Any = None


PCA = Event("method", "input", "pca")
BASELINES = Event("pair", "input", "baselines")
OTHER_FACES = Event("Model and faces", "input", "others")
DOT = Event("maps", "select", {"index": 17})
NEIGHBOUR = Event("by-right", "select", {"index": 0})
OUTLINE = Event("maps", "lasso", {"rows": [4, 5, 6]})


class Visit:
    """The tab for one visitor as Gradio runs it, but every event begins and ends when it is told to."""

    def __init__(self, page: gr.Blocks) -> None:
        self.page = page
        self.values = {part: {"value": getattr(part, "value", None)} for part in page.blocks.values()}
        self.parts = {name: part for part in self.values for name in (part.elem_id, getattr(part, "label", None))}

    def begin(self, event: Event) -> Written:
        """What this event is going to write."""
        part = self.parts[event.part]
        if event.kind == "input":
            self.values[part] = {"value": event.value}
        posted = [gr.EventData(None, event.value)] if event.kind != "input" else []
        (listener,) = self.listeners(part, event.kind)
        return self._run(listener, posted)

    def end(self, written: Written) -> None:
        """Write it, and let everything follow that listens to the states."""
        waiting = deque([written])
        while waiting:
            for part, properties in waiting.popleft().items():
                before = self.values[part]["value"]
                self.values[part] = self.values[part] | properties
                if isinstance(part, gr.State) and self.values[part]["value"] is not before:
                    waiting.extend(self._run(listener) for listener in self.listeners(part, "change"))

    def do(self, *events: Event) -> dict[Any, Any]:
        """What the page shows after these events, one after the other."""
        for event in events:
            self.end(self.begin(event))
        return self.shown()

    def shown(self) -> dict[Any, Any]:
        """The texts beside the maps, the settings in the address, and what is marked on the maps."""
        (address,) = (part for part in self.values if isinstance(part, Address))
        texts = ("map-trust", "chosen", "by-left", "by-right", "selection", "gallery")
        maps = self.values[self.parts["maps"]]
        marks = {name: maps[name][0] for name in ("chosen", "selected") if name in maps}
        return {part: self.values[self.parts[part]]["value"] for part in texts} | self.values[address]["value"] | marks

    def listeners(self, part: Any, kind: str) -> list[Any]:
        return [one for one in self.page.fns.values() if one.fn and (part._id, kind) in one.targets]

    def _run(self, listener: Any, posted: list[Any] | None = None) -> Written:
        values = listener.fn(*(self.values[part]["value"] for part in listener.inputs), *(posted or []))
        values = values if len(listener.outputs) > 1 else (values,)
        return {part: _properties(value) for part, value in zip(listener.outputs, values, strict=True)}


def _properties(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and value.get("__type__") == "update":
        return {name: one for name, one in value.items() if name != "__type__"}
    return {"value": value}


@pytest.fixture(scope="module")
def context() -> AppContext:
    table = open_embedding_table(MAPS / "tdgan.parquet")
    return AppContext(
        AppSettings(), cast(Detector, None), LoadedModels({}), load_bundled(), {"tdgan": table, "others": table}
    )


@pytest.fixture(scope="module")
def page(context: AppContext) -> gr.Blocks:
    with gr.Blocks() as page:
        build(context)
    return page


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(PCA, DOT, id="method-dot"),
        pytest.param(PCA, OUTLINE, id="method-outline"),
        pytest.param(NEIGHBOUR, BASELINES, id="neighbour-pair"),
        pytest.param(DOT, OTHER_FACES, id="dot-table"),
    ],
)
def test_two_events_at_once_come_to_the_same_as_one_after_the_other(one: Event, other: Event, page: gr.Blocks) -> None:
    expected = Visit(page).do(one, other)
    for order in ((0, 1), (1, 0)):
        visit = Visit(page)
        begun = [visit.begin(one), visit.begin(other)]
        for number in order:
            visit.end(begun[number])
        assert visit.shown() == expected


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_person_is_found_while_other_maps_are_drawn(
    order: tuple[int, int], page: gr.Blocks, context: AppContext
) -> None:
    person = context.maps["tdgan"].labels["person"][40]
    visit = Visit(page)
    begun = [visit.begin(event) for event in (PCA, Event("find-person", "input", person))]
    for number in order:
        visit.end(begun[number])
    shown = visit.shown()
    assert (shown["method"], shown["person"], len(shown["selected"])) == ("pca", person, 28)
    assert "PCA map" in re.sub("<[^>]*>", "", shown["map-trust"])
    assert "<b>28 of" in shown["selection"]


def test_controls_are_read_anew_after_those_that_are_on_their_way(page: gr.Blocks) -> None:
    visit = Visit(page)
    for name in ("pair", "method", "colour", "Model and faces", "find-person"):
        (listener,) = visit.listeners(visit.parts[name], "input")
        assert listener.trigger_mode == "always_last"


def test_other_faces_are_shown_as_the_controls_say_with_none_of_the_faces_meant_before(
    page: gr.Blocks, context: AppContext
) -> None:
    shown = Visit(page).do(PCA, BASELINES, DOT, OUTLINE, OTHER_FACES)
    table = context.maps["others"]
    assert (shown["map"], shown["method"], shown["pair"]) == ("others", "pca", "baselines")
    assert (shown["face"], shown["selected"]) == (table.keys[first_row(context, table)], [])
