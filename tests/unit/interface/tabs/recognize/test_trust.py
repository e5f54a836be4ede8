"""The trust panel says of each chart whose faces it was measured on."""

from __future__ import annotations

import re

import gradio as gr

from fer_demo.checkpoints import describe_model
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.interface.tabs.recognize.service import known_answer
from fer_demo.interface.tabs.recognize.trust import TrustPanel
from fer_demo.published.evaluation_file import RecognitionTables
from fer_demo.settings import AppSettings

NAME = AppSettings.recognizer


def bundled(name: str, answer: str) -> RecognitionTables | None:
    return measured_tables(name, describe_model(name), known_answer(answer))


def test_each_chart_names_its_faces() -> None:
    tables = bundled(NAME, "label")
    assert tables is not None
    with gr.Blocks():
        values = TrustPanel(NAME, "label", bundled)._values(NAME, "label")
    shown = values._replace(
        **{name: re.sub("<[^>]*>", "", value) for name, value in values._asdict().items() if isinstance(value, str)}
    )
    fresh = "Measured on photographs of the FER2013 test set, none seen in training, each seen twice, once mirrored"
    assert fresh in shown.measured_on
    assert fresh in shown.coverage
    assert "Measured on photographs of the FER2013 test set, each seen twice, once mirrored." in shown.confusion
    people = tables.people
    assert people is not None
    assert people.model is not None
    assert f"It names what most of ten people saw for {people.model:.0%} of the faces" in shown.confusion
    assert f"as good as {people.as_good_as(people.model)} of ten people" in shown.confusion
    assert "400 photographs of the FER2013 test set, each made worse" in shown.spoiled_lead
    assert "“cut out tight or wide” is of computer-made faces" in shown.spoiled_lead
