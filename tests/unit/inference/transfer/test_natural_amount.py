"""The natural amount is read for exactly the weights it was measured with, and its absence is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.natural_amount import DRIVER, NaturalAmount, natural_amount, natural_amounts
from fer_demo.published.model import FaceModelConfig, Origin, PublishedModel

WEIGHTS = "1" * 64


def model(folder: Path, weights: str = WEIGHTS) -> PublishedModel:
    found = PublishedModel(FaceModelConfig())
    found.origin = Origin(str(folder), None, weights)
    return found


def write(folder: Path, table: object) -> Path:
    values = {"weights_sha256": WEIGHTS, "tables": {"natural_amount": table}}
    (folder / "evaluation.json").write_text(json.dumps(values))
    return folder


def test_it_is_read_by_expression_and_for_drivers(tmp_path: Path) -> None:
    editor = model(write(tmp_path, {"happy": 0.3, DRIVER: 0.5}))
    assert natural_amount(editor, "happy") == NaturalAmount(0.3, measured=True)
    assert natural_amount(editor, DRIVER).amount == 0.5
    assert natural_amount(editor, "sad") == NaturalAmount(1.0, measured=False)
    assert natural_amounts(editor) == (1, 1, 1, 0.3, 1, 1, 1)


def test_without_a_measurement_of_these_weights_it_is_the_whole_step_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for editor in (model(tmp_path / "none"), model(write(tmp_path, {"happy": 0.3}), "2" * 64)):
        found = natural_amount(editor, "happy")
        assert (found.amount, found.measured) == (1.0, False)
        assert "not measured" in found.words
    assert natural_amount(PublishedModel(FaceModelConfig()), "happy").amount == 1.0
    assert "was not measured" not in NaturalAmount(0.3, measured=True).words


def test_the_scale_goes_as_far_as_the_editor_may_be_asked() -> None:
    assert NaturalAmount().range == (-0.5, 1.5)
    assert NaturalAmount(0.3, measured=True).range == (-1.0, 3.0)
    assert NaturalAmount(0.7, measured=True).range == (-0.5, 2.0)
    assert NaturalAmount(0.3, measured=True).alpha(1.0) == pytest.approx(0.3)
    assert NaturalAmount(0.7, measured=True).alpha(3.0) == 1.5


@pytest.mark.parametrize("table", [{"happy": "much"}, {"happy": 0.0}, {"happy": 7}, [1]])
def test_a_damaged_table_is_one_sentence(tmp_path: Path, table: object) -> None:
    with pytest.raises(CheckpointError, match="evaluate pairs"):
        natural_amount(model(write(tmp_path, table)), "happy")
