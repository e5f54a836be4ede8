"""The trust panel says of each chart whose faces it was measured on."""

from __future__ import annotations

import gradio as gr

from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.interface.tabs.recognize.trust import TrustPanel
from fer_demo.published.evaluation_file import RecognitionTables, read_tables


def bundled(name: str) -> RecognitionTables | None:
    return read_tables(BUNDLED_FOLDER / name)


def test_each_chart_names_its_faces() -> None:
    tables = bundled("expression_classifier")
    assert tables is not None
    with gr.Blocks():
        shown = TrustPanel("expression_classifier", bundled)._values("expression_classifier")
    assert tables.reliability.data in shown.measured_on
    assert tables.reliability.data in shown.coverage
    assert tables.confusion.data in shown.confusion
    assert tables.reliability.data != tables.confusion.data
    assert "400 faces of FER2013 PublicTest, exact rows, spoiled" in shown.spoiled_lead
    assert "“framing, end to end” is of bundled synthetic faces" in shown.spoiled_lead
