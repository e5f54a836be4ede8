"""What a page's script posts is answered for the camera and for the batch, and never trusted."""

from __future__ import annotations

import csv
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest

from fer_demo.inference.study.tables import RECOGNITION_COLUMNS
from fer_demo.interface.tabs.recognize.batch import file_answer
from fer_demo.interface.tabs.recognize.camera import live_answer
from fer_demo.interface.tabs.recognize.posted import Posted, answered


def test_the_file_its_name_and_the_model_reach_the_service(found) -> None:
    asked = []

    def service(content: bytes, model: str, answer: str):
        asked.append((content, model, answer))
        return [found()], ""

    sent = SimpleNamespace(files=[("blob", b"photo")], data={"name": "a.jpg", "model": "m", "answer": "votes"})
    posted = answered(service, sent)
    assert asked == [(b"photo", "m", "votes")]
    assert (posted.name, len(posted.faces), posted.trouble) == ("a.jpg", 1, "")


@pytest.mark.parametrize("sent", [None, "x", ["x"], {"files": 1}, SimpleNamespace(files=[], data=7)])
def test_anything_else_is_an_empty_file(sent: object) -> None:
    posted = answered(lambda content, model, answer: ({}, f"{content!r} {model!r} {answer!r}"), sent)
    assert posted == Posted("", (), "b'' '' ''")


def test_pictures_of_several_pages_are_answered_in_turns() -> None:
    at_once, most = [], []

    def service(content: bytes, model: str, answer: str):
        at_once.append(content)
        most.append(len(at_once))
        time.sleep(0.01)  # the others come meanwhile
        at_once.pop()
        return [], ""

    with ThreadPoolExecutor(4) as pages:
        list(pages.map(partial(answered, service), [None] * 8))
    assert most == [1] * 8


def test_a_frame_gets_a_box_on_every_face_and_words_about_the_largest(found) -> None:
    seen = live_answer(Posted("", [found("happy", 0.7), found("sad")], ""))
    assert seen["words"] == "Looks happy, 70%"
    assert [face["label"] for face in seen["faces"]] == ["happy", "sad"]
    assert seen["faces"][0]["box"] == pytest.approx((0.1, 0.1, 0.3, 0.8))
    assert dict(seen["shares"])["happy"] == pytest.approx(0.7)


def test_doubts_about_a_face_lower_the_live_claim_too(found) -> None:
    seen = live_answer(Posted("", [found(notes=("This face is dark.",))], ""))
    assert (seen["words"], seen["lead"]) == ("Perhaps happy, 70%", "This face is dark.")


def test_an_empty_room_is_no_error() -> None:
    assert live_answer(Posted("", [], ""))["words"] == "Nobody in view"
    assert live_answer(Posted("", [], "The model is gone.")) == {"error": "The model is gone."}


def test_every_face_of_a_file_is_a_row_and_a_line(found) -> None:
    answer = file_answer(Posted("two.jpg", [found(), found("sad")], ""), 0.9)
    assert (answer["faces"], answer["html"].count("<tr>")) == (2, 2)
    rows = [dict(zip(RECOGNITION_COLUMNS, row, strict=True)) for row in csv.reader(answer["csv"].splitlines())]
    assert [(row["file"], row["face"], row["set_90"]) for row in rows] == [
        ("two.jpg", "0", "happy"),
        ("two.jpg", "1", "sad"),
    ]


def test_a_broken_file_is_one_row_with_its_sentence() -> None:
    answer = file_answer(Posted("x.jpg", (), "This file is empty."), 0.9)
    assert answer["faces"] == 0
    assert "This file is empty." in answer["html"]
    assert answer["csv"].endswith(",This file is empty.\n")
