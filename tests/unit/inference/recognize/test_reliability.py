"""Only tables about exactly the loaded weights are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo import checkpoints
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.model import Origin, PublishedModel

TABLES = {
    "reliability": {"bins": [[0.9, 0.85, 40]], "ece": 0.05, "data": "drawings"},
    "confusion": {"rows": [[1] * 7] * 7, "data": "drawings"},
    "coverage": [[0.9, 0.91, 1.4]],
    "votes": {
        "expressions": list(WITH_CONTEMPT),
        "reliability": {"bins": [[0.7, 0.75, 40]], "ece": 0.05, "data": "drawings"},
        "confusion": {"rows": [[2] * 8] * 8, "data": "drawings"},
        "coverage": [[0.9, 0.92, 2.4]],
    },
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
    tables = measured_tables("expression_classifier", measured, "label")
    assert tables is not None
    assert tables.coverage[0].measured == 0.91


def test_votes_have_tables_of_their_own_and_a_model_without_votes_has_those_of_its_label(
    measured: PublishedModel,
) -> None:
    of_label = measured_tables("expression_classifier", measured, "votes")
    assert of_label is not None
    assert (of_label.of_votes, len(of_label.confusion.rows)) == (False, 7)
    voting = ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,)))
    voting.origin = measured.origin
    of_votes = measured_tables("expression_classifier", voting, "votes")
    assert of_votes is not None
    assert (of_votes.of_votes, of_votes.confusion.expressions) == (True, WITH_CONTEMPT)
    assert of_votes.coverage[0].measured == 0.92


def test_tables_of_other_weights_are_not_shown(measured: PublishedModel) -> None:
    measured.origin = Origin("somewhere/else", None, "def")
    assert measured_tables("expression_classifier", measured, "label") is None


def test_what_is_not_in_the_catalogue_has_none(measured: PublishedModel) -> None:
    assert measured_tables("my/model", measured, "label") is None
