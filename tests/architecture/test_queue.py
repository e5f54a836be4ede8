"""Whatever runs a network waits its turn, answers about a photo not behind edits; and a start loads few networks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest
import torch
from fastapi.testclient import TestClient

from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.encoding import encode
from fer_demo.inference.recognize.attribution import grad_cam
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.demo import build_demo, launch_options
from fer_demo.interface.events import FILES_QUEUE, LOADS_QUEUE, MODELS_QUEUE, PHOTOS_QUEUE
from fer_demo.settings import AppSettings
from tests.architecture.calls import way_to_network


@pytest.fixture(scope="module")
def context() -> AppContext:
    return AppContext.create(AppSettings())


@pytest.fixture(scope="module")
def demo(context: AppContext) -> gr.Blocks:
    return build_demo(context)


def test_a_start_loads_only_what_the_first_page_shows(context: AppContext, demo: gr.Blocks) -> None:
    needed = {context.settings.recognizer, context.settings.editor}
    assert {name for name in context.models if context.models.is_loaded(name)} == needed
    assert len(context.models) > len(needed)


def test_every_listener_that_reaches_a_network_waits_its_turn(demo: gr.Blocks) -> None:
    ways = {}
    listeners = [listener for listener in demo.fns.values() if listener.fn]
    waiting = [listener for listener in listeners if listener.concurrency_id in (MODELS_QUEUE, PHOTOS_QUEUE)]
    # A visitor's model is fetched in a thread, and only asked how far it is; its `advance` is taken for that of others.
    listeners = [listener for listener in listeners if listener.concurrency_id != LOADS_QUEUE]
    for listener in listeners:
        way = way_to_network(listener.fn)
        if way is not None and listener not in waiting and kind_of_file(listener.fn) is None:
            ways[f"{listener.fn.__module__}.{listener.fn.__qualname__}"] = " > ".join(way)
    # It looks at pixels alone, in the queue of files; its scan's `advance` is taken for that of the models' pass.
    assert "FacePass.advance" in ways.pop("fer_demo.interface.programs.datasets.publish_audit.<locals>.audit")
    assert not ways, "listen to these with heavy=True"
    needless = {listener.fn.__qualname__ for listener in waiting if way_to_network(listener.fn) is None}
    long = {f"LongWork.connect.<locals>.{part}" for part in ("start", "tick")}  # some kinds of long work run networks
    assert needless <= long


def test_answers_about_a_photo_and_light_work_do_not_wait_behind_edits(demo: gr.Blocks) -> None:
    listeners = [listener for listener in demo.fns.values() if listener.fn]
    in_queue = [listener.fn.__qualname__ for listener in listeners if listener.concurrency_id == PHOTOS_QUEUE]
    quick = {name.replace(".<locals>", "") for name in in_queue}
    found = {f"FaceField.connect.{part}" for part in ("take_photo", "take_example")}
    assert quick == found | {
        "_connect.draw",
        "_connect.show",
        "_connect.show_newest",
        "_connect.evidence",
        "_connect.evidence_of_bar",
        "LongWork.connect.start",  # of the verdict on a heat map
        "LongWork.connect.tick",
        "publish_faces.faces",
        "publish_recognize.recognize_photo",
    }
    queues = {listener.fn.__qualname__: listener.concurrency_id for listener in listeners}
    others = [queue for queue in queues.values() if queue not in (MODELS_QUEUE, PHOTOS_QUEUE, FILES_QUEUE, LOADS_QUEUE)]
    assert len(others) == len(set(others)) > 40  # each kind of light event has a turn of its own


def test_no_kind_of_event_goes_on_without_a_limit(demo: gr.Blocks) -> None:
    limits = {listener.concurrency_limit for listener in demo.fns.values() if listener.fn}
    assert limits == {1, 2, 4}


def test_a_program_that_would_pass_the_queue_by_is_refused(demo: gr.Blocks, context: AppContext) -> None:
    client = TestClient(gr.routes.App.create_app(demo))
    for number, listener in demo.fns.items():
        if listener.fn:
            body = {"data": [], "fn_index": number, "session_hash": "x"}
            answer = client.post("/gradio_api/run/predict", json=body)
            assert answer.status_code == 404
            assert "Please join the queue" in answer.text
    assert client.post("/gradio_api/run/recognize", json={"data": []}).status_code == 404


def test_only_so_many_visitors_are_remembered_at_once(demo: gr.Blocks, context: AppContext) -> None:
    assert launch_options(context)["state_session_capacity"] == 500  # of 0.7 MB where nothing was chosen


def kind_of_file(function: Callable[..., Any]) -> str | None:
    """What a button of widgets/downloads.py makes; its tab says which kinds are heavy, and one maker makes them all."""
    inner = getattr(function, "__wrapped__", function)
    names = dict(zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=True))
    return names["kind"].cell_contents if "kind" in names else None


@pytest.mark.parametrize("worker", [recognize, grad_cam, encode, RetinaFaceDetector.detect])
def test_what_runs_a_network_is_known_for_it_however_it_is_reached(worker: Callable[..., Any]) -> None:
    def directly() -> Any:
        return [worker(one) for one in ()]

    def through_another() -> Any:
        return directly()

    directly.__module__ = through_another.__module__ = "fer_demo.interface.tabs"
    assert way_to_network(functools.partial(through_another))


def test_what_only_counts_is_not_taken_for_a_network() -> None:
    def count() -> int:
        return len(torch.zeros(3))

    count.__module__ = "fer_demo.interface.tabs"
    assert way_to_network(count) is None
