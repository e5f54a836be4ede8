"""A calibration says probabilities and sets, and travels as a file that is read strictly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_demo.errors import CheckpointError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.published.calibration import CALIBRATION_FILE, Calibration
from fer_demo.published.model import FaceModelConfig, PublishedModel

CALIBRATION = Calibration(2.0, {0.8: 0.5, 0.9: 0.75, 0.95: 0.95}, ("angry", "happy", "sad"), "made-up faces", 40)


def test_logits_are_divided_by_the_temperature() -> None:
    probabilities = CALIBRATION.probabilities(np.array([[2 * np.log(3), 2 * np.log(2), 0.0]]))
    assert probabilities.dtype == np.float32
    assert probabilities[0] == pytest.approx([3 / 6, 2 / 6, 1 / 6])


def test_huge_logits_do_not_overflow() -> None:
    assert CALIBRATION.probabilities(np.array([[1e5, 0.0, -1e5]])).tolist() == [[1.0, 0.0, 0.0]]


def test_sets_grow_with_the_coverage_and_begin_with_the_most_probable() -> None:
    probabilities = np.array([0.3, 0.6, 0.1], dtype=np.float32)
    assert CALIBRATION.prediction_set(probabilities, 0.8) == (1,)
    assert CALIBRATION.prediction_set(probabilities, 0.9) == (1, 0)
    assert CALIBRATION.prediction_set(probabilities, 0.95) == (1, 0, 2)


def test_a_set_is_never_empty() -> None:
    assert CALIBRATION.prediction_set(np.array([0.34, 0.33, 0.33]), 0.8) == (0,)


def test_a_coverage_that_was_not_fitted_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CheckpointError, match=r"0\.8, 0\.9, 0\.95"):
        CALIBRATION.prediction_set(np.array([1.0, 0.0, 0.0]), 0.5)


def test_it_is_read_as_it_was_written_and_absent_where_there_is_none(tmp_path: Path) -> None:
    assert Calibration.load(tmp_path) is None
    CALIBRATION.save(tmp_path)
    assert Calibration.load(tmp_path) == CALIBRATION


VOTES = Calibration(1.0, {0.9: 0.75}, WITH_CONTEMPT, "made-up faces", 40, (0.5, 0.1, 0.1, 1.0, 0.5, 0.5, 1.0, 0.25))


def test_the_votes_travel_in_the_same_file(tmp_path: Path) -> None:
    both = replace(CALIBRATION, votes=VOTES)
    both.save(tmp_path)
    assert Calibration.load(tmp_path) == both


def test_the_one_name_is_the_largest_share_after_the_habit() -> None:
    shares = np.array([0, 0, 0, 0, 0.1, 0, 0.6, 0.3])  # 0.6 / 1 is less than 0.3 / 0.25
    assert VOTES.named(shares) == WITH_CONTEMPT.index("contempt")
    assert replace(VOTES, habit=()).named(shares) == WITH_CONTEMPT.index("neutral")


BROKEN = [
    {"temperature": 0},
    {"temperature": "warm"},
    {"temperature": float("nan")},
    {"thresholds": {}},
    {"thresholds": {"0.9": 1.5}},
    {"thresholds": {"often": 0.5}},
    {"thresholds": 3},
    {"expressions": ["happy"]},
    {"expressions": [1, 2]},
    {"count": 0},
    {"count": 2.5},
    {"extra": 1},
    {"habit": [0.5]},
    {"habit": [0.5, 0.5, 0]},
    {"votes": {"temperature": 1}},
    {"votes": json.loads(CALIBRATION.to_json())},
    {"votes": json.loads(VOTES.to_json()) | {"votes": json.loads(VOTES.to_json())}},
]


@pytest.mark.parametrize("change", BROKEN)
def test_a_file_with_a_wrong_value_is_refused_with_a_remedy(change: dict[str, object], tmp_path: Path) -> None:
    CALIBRATION.save(tmp_path)
    path = tmp_path / CALIBRATION_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=r"calibration\.json cannot be used: .*\. Delete it and run"):
        Calibration.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 50_000])
def test_a_file_that_is_no_calibration_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(text)
    with pytest.raises(CheckpointError, match="cannot be used"):
        Calibration.load(tmp_path)


def test_values_that_make_no_sense_are_refused_at_once() -> None:
    with pytest.raises(CheckpointError, match="above 0"):
        replace(CALIBRATION, temperature=-1.0)


def test_a_model_is_saved_with_its_calibration_and_without_that_of_other_weights(tmp_path: Path) -> None:
    model = PublishedModel(FaceModelConfig())
    model.calibration = CALIBRATION
    model.save(tmp_path)
    assert Calibration.load(tmp_path) == CALIBRATION
    model.calibration = None
    model.save(tmp_path)
    assert Calibration.load(tmp_path) is None
