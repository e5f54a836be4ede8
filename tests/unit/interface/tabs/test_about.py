"""Only figures measured on the loaded weights are shown."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fer_demo.interface.tabs import about
from fer_demo.interface.tabs.about import differences, figures, licence_of, with_code

EVALUATION = {
    "weights_sha256": "abc",
    "figures": [
        {"name": "accuracy", "value": 0.65577, "data": "PublicTest", "count": 3579, "unit": ""},
        {"name": "faces a second", "value": 12.0, "data": "two cores", "unit": "/s"},
    ],
}


def test_every_figure_says_what_it_was_measured_on() -> None:
    assert figures(EVALUATION, "abc") == [
        ("accuracy", "0.656", "PublicTest (3,579)"),
        ("faces a second", "12.000/s", "two cores"),
    ]


@pytest.mark.parametrize("evaluation", [EVALUATION, {}, [], None, "text"])
def test_figures_of_other_weights_are_left_out(evaluation: object) -> None:
    assert figures(evaluation, "def") == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"weights_sha256": "abc", "figures": [7]}'])
def test_figures_that_cannot_be_read_are_missed_aloud(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tdgan").mkdir()
    (tmp_path / "tdgan" / "evaluation.json").write_bytes(content)
    monkeypatch.setattr(about, "BUNDLED_FOLDER", tmp_path)
    model: Any = SimpleNamespace(origin=SimpleNamespace(sha256="abc"))
    assert "cannot be read; install fer_demo again" in about._measured("tdgan", model)


def test_a_method_of_a_paper_says_where_it_differs_and_our_own_says_nothing() -> None:
    shown = differences("tdgan")
    assert "<summary>Differences from the paper</summary>" in shown
    assert "<td>128 × 128 pixels</td>" in shown
    assert differences("landmark_editor") == differences("no such model") == ""


def test_a_command_in_a_note_is_set_as_code() -> None:
    assert with_code("No weights: <train> with `python -m training`.") == (
        "No weights: &lt;train&gt; with <code>python -m training</code>."
    )


def test_the_licence_of_a_bundled_model_is_the_one_of_its_card() -> None:
    assert licence_of("identity_embedder") == "cc0-1.0"
    assert licence_of("face_landmarker") == "mit"
    assert licence_of("somebody/model") == ""
