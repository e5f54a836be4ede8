"""Posed faces of strangers: each expression, each framing and each group has its own figure."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError
from training.data.splits import teaches
from training.evaluation.recognition.posed import (
    LABEL,
    NAME,
    PosedAnswers,
    PosedSettings,
    by_expression,
    by_group,
    evaluate_posed,
    posed_report,
)
from training.publishing.card_tables import tables_text

SADNESS, HAPPINESS = 4, 3
STRANGERS = [name for name in map(str, range(40)) if not teaches(name)]


def found(count: int) -> PosedAnswers:
    """So many people of two ages, each with two pictures; the happy ones are read."""
    rows = [{"person": str(one), "age": 20 if one < 3 else 40} for one in range(count) for _ in range(2)]
    truth = np.tile([HAPPINESS, SADNESS], count)
    return PosedAnswers(rows, truth, {LABEL: np.full(2 * count, HAPPINESS)})


def test_each_expression_says_how_much_of_it_is_read() -> None:
    assert by_expression("a set", found(3)) == [
        ["a set", "happy", 3, [[LABEL, 1.0]]],
        ["a set", "sad", 3, [[LABEL, 0.0]]],
    ]


def test_a_group_of_a_few_people_has_no_accuracy() -> None:
    groups = by_group(found(10), seed=0)
    assert [row[:4] for row in groups] == [["age", "30 or older", 7, 0.5], ["age", "under 25", 3, None]]
    assert groups[0][4] == (0.5, 0.5)  # everybody is right once and wrong once


def png_of(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def written(folder: Path) -> Path:
    """Bundled faces as the two sets, of people who never teach and one who does."""
    (folder / "pairs").mkdir()
    records = [load_bundled()[index] for index in range(14)]
    people = [*STRANGERS[:13], next(name for name in map(str, range(40)) if teaches(name))]
    for name in ("ckplus", "london"):
        columns = {
            "image": [png_of(record.image) for record in records],
            "person": people,
            "expression": [record.expression for record in records],
            "age": [30] * len(records),
        }
        pq.write_table(pa.table(columns), folder / "pairs" / f"{name}.parquet")
    return folder


def test_a_bundled_recognizer_is_asked_in_three_ways_and_four_framings(tmp_path: Path) -> None:
    figures, table = posed_report(load_model("expression_classifier"), written(tmp_path), seed=0)
    assert [row[0] for row in table["framings"]] == [
        "ckplus, as it is", "london, as it is", "london, tight", "london, like FER2013", "london, wide",
    ]  # fmt: skip
    assert {figure.count for figure in figures} == {13}
    assert NAME in {way for way, _ in table["expressions"][0][3]}
    shown = tables_text({"posed": table})
    assert "30 or older" in shown
    assert "too few to tell" not in shown


def test_an_editor_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="recognizes no expressions"):
        evaluate_posed(PosedSettings("landmark_editor", tmp_path))
