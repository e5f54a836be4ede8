"""Errors reach the visitor as one sentence, and nothing the browser sends is trusted."""

from __future__ import annotations

import logging
import re
import threading
import time
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext
from starlette.testclient import TestClient

from fer_demo.errors import DataError, NoFaceError
from fer_demo.interface import events
from fer_demo.interface.events import MODELS_QUEUE, Page, give_back, guarded, leave_room, listen, picked, tell


def no_face() -> None:
    raise NoFaceError("No face was found; try another photo.")


def bug() -> None:
    raise ZeroDivisionError("secret detail")


def test_one_value_comes_back_with_an_empty_notice() -> None:
    assert guarded(lambda: "an answer", outputs=1, beside=True)() == ("an answer", "")


def test_several_values_come_back_with_an_empty_notice() -> None:
    assert guarded(lambda a, b: (a + b, a - b), outputs=2, beside=True)(3, 1) == (4, 2, "")


def test_without_a_notice_values_come_back_as_they_are() -> None:
    assert guarded(lambda: (1, 2), outputs=2, beside=False)() == (1, 2)


def test_our_error_becomes_its_sentence_and_leaves_the_rest_alone() -> None:
    first, second, sentence = guarded(no_face, outputs=2, beside=True)()
    assert sentence == "No face was found; try another photo."
    assert first == second == gr.skip()


def test_our_error_is_a_pop_up_where_there_is_no_notice() -> None:
    with pytest.raises(gr.Error, match="No face was found"):
        guarded(no_face, outputs=1, beside=False)()


def test_an_unexpected_error_shows_a_reference_that_the_log_knows(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="fer_demo.interface.events"):
        _, sentence = guarded(bug, outputs=1, beside=True)()
    found = re.search(r"reference ([0-9a-f]{6})", sentence)
    assert found
    assert "secret" not in sentence + caplog.text
    assert found[1] in caplog.text
    assert re.search(r"ZeroDivisionError at interface/test_events.py:\d+ bug < ", caplog.text)


@pytest.mark.parametrize("sent", [-1, 3, "1", 1.0, True, None, [1]])
def test_an_index_that_is_none_of_the_choices_is_refused(sent: object) -> None:
    with pytest.raises(DataError, match="choose again"):
        picked(gr.EventData(None, {"index": sent}), 3)


def test_an_event_without_an_index_is_refused() -> None:
    with pytest.raises(DataError):
        picked(gr.EventData(None, {}), 3)


def test_a_good_index_is_taken() -> None:
    assert picked(gr.EventData(None, {"index": 2}), 3) == 2


def test_heavy_events_share_one_queue_and_handlers_are_private_unless_named() -> None:
    with gr.Blocks() as demo:
        button, out = gr.Button(), gr.Textbox()
        listen([button.click], lambda: "a", [], [out], heavy=True)
        listen([button.click], lambda: "b", [], [out], heavy=True, api_name="say_b")
        listen([button.click], lambda: "c", [], [out])
    first, second, third = demo.fns.values()
    assert first.concurrency_id == second.concurrency_id == MODELS_QUEUE
    assert first.concurrency_limit == second.concurrency_limit == 1
    assert third.concurrency_id != MODELS_QUEUE
    assert third.concurrency_limit == 4
    assert [function.api_visibility for function in (first, second, third)] == ["private", "public", "private"]


def test_a_word_reaches_the_visitor_whose_event_is_answered_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(gr, "Info", lambda sentence, duration, title: told.append(sentence))
    tell("Loading TDGAN …")
    assert told == []
    answered = LocalContext.event_id.set("an event")
    try:
        tell("Loading <b>mine</b> …")
    finally:
        LocalContext.event_id.reset(answered)
    assert told == ["Loading &lt;b&gt;mine&lt;/b&gt; …"]


def test_a_program_may_leave_out_the_last_inputs_of_a_public_event_alone() -> None:
    with Page() as page:
        words, kind, out = gr.Textbox(), gr.Dropdown(["votes", "label"], value="votes"), gr.JSON()
        listen([gr.Button().click], lambda *given: list(given), [words, kind], [out], api_name="public")
        listen([gr.Button().click], lambda *given: list(given), [words, kind], [out])
    client = TestClient(gr.routes.App.create_app(page))

    def answer(place: int, *given: object) -> object:
        sent = client.post("/gradio_api/run/predict", json={"data": given, "fn_index": place, "session_hash": "x"})
        return sent.json()["data"][0] if sent.is_success else None

    assert answer(0, "a") == ["a", "votes"]
    assert answer(0, "a", "label") == ["a", "label"]
    assert answer(1, "a") is None


@pytest.mark.parametrize("sent", [None, 7, "index", ["index"], True])
def test_a_request_that_no_page_sends_is_one_line_without_what_it_held(
    sent: object, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def choose(way: str, event: gr.EventData) -> str:
        return str(picked(event, 3))

    with Page() as page:
        way = gr.Radio(["a", "b"])
        listen([way.select], choose, [way], [gr.State()])
    client = TestClient(gr.routes.App.create_app(page))
    for value in ("a", "SECRET", ["SECRET"], {"SECRET": 1}, {"path": "SECRET", "meta": {"_type": "gradio.FileData"}}):
        body = {"data": [value], "fn_index": 0, "session_hash": "x", "event_data": sent}
        assert client.post("/gradio_api/run/predict", json=body).status_code == 500
    said = caplog.text + "".join(capfd.readouterr())
    assert "Traceback" not in said
    assert "SECRET" not in said
    assert all(line.startswith("WARNING") for line in caplog.text.splitlines())


def test_one_address_does_not_fill_the_queue() -> None:
    with Page() as page:
        listen([gr.Button().click], lambda: 1, [], [gr.State()], heavy=True)
    page.queue()
    leave_room(page._queue, 3)
    app = gr.routes.App.create_app(page)  # nobody works on what waits
    one, other = (TestClient(app, client=(address, 1)) for address in ("10.0.0.1", "10.0.0.2"))

    def ask(client: TestClient, session: str) -> Any:
        return client.post("/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": session})

    assert [ask(one, f"session {number}").status_code for number in range(3)] == [200] * 3
    refused = ask(one, "another")
    assert refused.status_code == 400
    assert (
        refused.json()["detail"]
        == "3 requests from your address are already waiting; try again when they are answered."
    )
    assert ask(other, "session 0").status_code == 200


def test_a_while_after_the_last_heavy_event_free_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given, done = [], threading.Event()
    monkeypatch.setattr(events, "_REST", 0.2)
    monkeypatch.setattr(events, "give_back", lambda: (given.append(True), done.set()))
    work = events._giving_back(lambda value: 2 * value)
    assert [work(1), work(2)] == [2, 4]
    assert done.wait(10)
    time.sleep(0.3)
    assert given == [True]


def test_giving_memory_back_does_no_harm_where_it_cannot_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back()
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    give_back()
