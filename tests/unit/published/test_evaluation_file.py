"""The app's view of an evaluation: its tables, nothing, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError
from fer_demo.published.evaluation_file import (
    Confusion,
    CoverageRow,
    RecognitionTables,
    Reliability,
    ReliabilityBin,
    RobustnessRow,
    Score,
    read_evaluation,
    recognition_tables,
)

WRITTEN = {
    "weights_sha256": "abc",
    "tables": {
        "reliability": {"bins": [[0.4, 0.5, 10], [0.9, 0.8, 12]], "ece": 0.1, "data": "faces"},
        "confusion": {"rows": [[1, 2], [3, 4]], "data": "faces"},
        "coverage": [[0.8, 0.82, 1.5]],
        "robustness": [["blur", "2 %", 0.6, 100]],
    },
}


def read(folder: Path, sha256: str = "abc") -> RecognitionTables | None:
    return read_evaluation(folder, sha256, "recognition", recognition_tables)


def test_the_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text(json.dumps(WRITTEN))
    assert read(tmp_path) == RecognitionTables(
        reliability=Reliability((ReliabilityBin(0.4, 0.5, 10), ReliabilityBin(0.9, 0.8, 12)), 0.1, "faces"),
        confusion=Confusion(((1, 2), (3, 4)), "faces"),
        coverage=(CoverageRow(0.8, 0.82, 1.5),),
        robustness=(RobustnessRow("blur", "2 %", 0.6, 100),),
    )


def test_without_a_file_or_without_tables_there_are_none(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    (tmp_path / "evaluation.json").write_text(json.dumps({"weights_sha256": "abc", "figures": []}))
    assert read(tmp_path) is None


def test_what_was_measured_of_other_weights_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text(json.dumps(WRITTEN))
    assert read(tmp_path, "def") is None


def test_a_score_is_value_low_high_and_count() -> None:
    assert Score.of([0.5, 0.25, 1, 8]) == Score(0.5, 0.25, 1.0, 8)
    with pytest.raises(ValueError, match="unpack"):
        Score.of([0.5, 0.25])


@pytest.mark.parametrize("text", ["", "[]", '{"tables": 3}', '{"weights_sha256": "abc", "tables": {"confusion": {}}}'])
def test_a_damaged_file_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"evaluation\.json of .* cannot be used .* evaluate recognition"):
        read(tmp_path)
