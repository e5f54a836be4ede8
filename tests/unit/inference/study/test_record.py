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
        (changed(guidance={"person": 1.0, "expression": 9.0}), "between 0 and 4, not 9"),
        (changed(guidance={"person": 1.0}), "cannot be used"),
        (changed(more=1), "cannot be used"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        StudyRecord.from_json(text)


# Written before the folders of the code moved, with as many frames as are needed to tell.
BEFORE_THE_MOVE = """{"made": "2026-11-28T12:08:56+00:00", "along": "expression", "steps": 2, "start": null, "target":
"face", "expression": "angry", "faces": {"source": {"file": "inputs/source.png", "sha256": "ae", "box": [29.3, 3.1,
108.5, 106.5], "points": [[55.2, 48.7], [92.7, 39.6], [82.4, 60.3], [65.0, 82.2], [98.0, 74.8]], "score": 0.9,
"notes": []}, "target": {"file": "inputs/target.png", "sha256": "af", "box": null, "points": null, "score": null,
"notes": ["No face was found."]}}, "models": {"editor": {"method": "warp_editor", "source": "warp_editor", "revision":
null, "sha256": "aa", "calibrated": false}, "judge": {"method": "expression_judge", "source": "expression_judge",
"revision": null, "sha256": "5b", "calibrated": true}, "embedder": {"method": "identity_embedder", "source":
"identity_embedder", "revision": null, "sha256": "91", "calibrated": false}}, "threads": 1, "machine": {"processor":
"Xeon", "system": "Linux x86_64", "cuda_device": "none"}, "packages": {"python": "3.11.7", "fer_demo": "0.1.0",
"torch": "2.13.0+cpu"}, "numbers": {"alpha": [0.0, 0.8], "angry": [0.25, 0.5], "step": [null, 0.0625], "pose_drift":
[0.0, 0.75], "brightness_drift": [0.0, 0.5], "stray": [0.0, 0.125]}, "format": "fer_demo study, version 2", "reach":
0.8, "reading": {"expression": "angry", "probability": 0.98}, "scaled_below": 0.3, "seeds": []}"""


def test_a_record_from_before_the_move_still_opens() -> None:
    record = StudyRecord.from_json(BEFORE_THE_MOVE)
    assert (record.along, record.target, record.reach, record.scaled_below) == ("expression", "face", 0.8, 0.3)
    assert record.reading is not None
    assert (record.reading.expression, record.reading.probability) == ("angry", 0.98)
    assert record.models["editor"] == ModelRecord("warp_editor", "warp_editor", None, "aa", False)
    assert record.numbers["step"] == (None, 0.0625)
    assert json.loads(record.to_json()) == {**json.loads(BEFORE_THE_MOVE), "guidance": None}


def test_a_record_of_a_format_to_come_says_which_version_made_it() -> None:
    later = changed(format="fer_demo study, version 9", packages={"fer_demo": "7.1"})
    with pytest.raises(DataError, match=r"fer_demo 7\.1 made it in .*version 9.*; replay it with that version"):
        StudyRecord.from_json(later)


def test_the_methods_paragraph_names_weights_and_numbers() -> None:
    said = methods_text(RECORD, limit=0.6)
    assert "TDGAN of someone/tdgan (weights SHA-256 eeeeeeeeeeee, revision cccccccccccc)" in said
    assert "the expression classifier (weights SHA-256 dddddddddddd)" in said
    assert "calibrated probabilities" in said
    assert "happy went from 0.25 to 0.50" in said
    assert "1 of 2 frames lay beyond 0.60, the distance that separates" in said
    assert "Nothing in the procedure is random" in said
