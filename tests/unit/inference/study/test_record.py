"""A record comes back exactly as it was written, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.inference.study.methods_text import methods_text
from fer_demo.inference.study.record import FaceRecord, ModelRecord, StudyRecord

FACE = FaceRecord("inputs/source.png", "ab", (1.0, 2.0, 3.0, 4.0), ((1.0, 2.0),) * 5, 0.9, ())
NUMBERS = {
    "alpha": (0.0, 1.0),
    **dict.fromkeys(BASIC, (0.25, 0.5)),
    "identity_distance": (0.0, float(np.float32(0.7))),
    "pose_drift": (0.0, None),
    "brightness_drift": (0.0, 1.5),
}
RECORD = StudyRecord(
    made="2026-11-22T00:00:00+00:00",
    along="expression",
    steps=2,
    start=None,
    target="happy",
    expression="happy",
    faces={"source": FACE},
    models={
        "editor": ModelRecord("tdgan", "someone/tdgan", "c" * 40, "e" * 64, False),
        "judge": ModelRecord("expression_classifier", "expression_classifier", None, "d" * 64, True),
        "embedder": ModelRecord("identity_embedder", "identity_embedder", None, "f" * 64, False),
    },
    threads=1,
    machine={"processor": "one"},
    packages={"fer_demo": "0.1.0", "torch": "2"},
    numbers=NUMBERS,
)


def changed(**values: Any) -> str:
    return json.dumps({**json.loads(RECORD.to_json()), **values})


def test_a_record_comes_back_as_it_was() -> None:
    assert StudyRecord.from_json(RECORD.to_json()) == RECORD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no JSON", "cannot be used"),
        ("[]", "cannot be used"),
        (changed(format="fer_demo study, version 9"), "version 9"),
        (changed(faces={}), "lacks a face"),
        (changed(models={}), "lacks a model"),
        (changed(target="joyful"), "unknown expression"),
        (changed(along="both"), "walks along"),
        (changed(steps=3), "one number a frame"),
        (changed(threads="many"), "threads"),
        (changed(numbers={"alpha": ["a", "b"]}), "a number is none"),
        (changed(faces={"source": {**vars(FACE), "file": "/etc/passwd"}}), "other names"),
        (changed(faces={"source": {**vars(FACE), "box": [1, 2]}}), "four edges"),
        (changed(more=1), "cannot be used"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        StudyRecord.from_json(text)


def test_the_methods_paragraph_names_weights_and_numbers() -> None:
    said = methods_text(RECORD, limit=0.6)
    assert "TDGAN of someone/tdgan (weights SHA-256 eeeeeeeeeeee, revision cccccccccccc)" in said
    assert "the expression classifier (weights SHA-256 dddddddddddd)" in said
    assert "calibrated probabilities" in said
    assert "happy went from 0.25 to 0.50" in said
    assert "1 of 2 frames lay beyond 0.60, the distance that separates" in said
    assert "Nothing in the procedure is random" in said
