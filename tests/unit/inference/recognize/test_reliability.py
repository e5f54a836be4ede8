"""Only tables about exactly the loaded weights are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo import checkpoints
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.published.model import Origin, PublishedModel

TABLES = {
    "reliability": {"bins": [[0.9, 0.85, 40]], "ece": 0.05, "data": "drawings"},
    "confusion": {"rows": [[1] * 7] * 7, "data": "drawings"},
    "coverage": [[0.9, 0.91, 1.4]],
}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recognizer: PublishedModel) -> PublishedModel:
    """A loaded catalogue model whose bundled evaluation is about the weights "abc"."""
    folder = tmp_path / "expression_classifier"
    folder.mkdir()
    (folder / "evaluation.json").write_text(json.dumps({"weights_sha256": "abc", "tables": TABLES}))
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    recognizer.origin = Origin("expression_classifier", None, "abc")
    return recognizer


def test_tables_of_the_same_weights_are_found(measured: PublishedModel) -> None:
    tables = measured_tables("expression_classifier", measured)
    assert tables is not None
    assert tables.coverage[0].measured == 0.91


def test_tables_of_other_weights_are_not_shown(measured: PublishedModel) -> None:
    measured.origin = Origin("somewhere/else", None, "def")
    assert measured_tables("expression_classifier", measured) is None


def test_what_is_not_in_the_catalogue_has_none(measured: PublishedModel) -> None:
    assert measured_tables("my/model", measured) is None
