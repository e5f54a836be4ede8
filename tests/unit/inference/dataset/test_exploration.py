"""An exploration knows what was found, offers it to queries, and follows new meanings of labels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from fer_demo.data.cleaning import CONFLICT, COPY, LEAK, NO_FACE
from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet
from fer_demo.data.pictures import PictureScan
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.inference.dataset.audit import audit, copies_across_splits, leak_effect
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.inference.dataset.face_pass import ALIGNED, FaceTable

COUNT = 60


def noise(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def opened() -> OpenedSet:
    """Sixty pictures of noise in two splits; the last training picture is also the first test picture."""
    given = ["joie" if row % 2 else "sad" for row in range(COUNT)]
    table = {
        "image": [noise(min(row, 40) if row < 41 else 39 if row == 41 else row) for row in range(COUNT)],
        ORIGINAL_LABEL: given,
        "expression": ["sad" if label == "sad" else None for label in given],
        "split": ["train"] * 41 + ["test"] * (COUNT - 41),
    }
    return OpenedSet(FaceSource("noise", pa.table(table)), {"joie": None, "sad": "sad"})


@pytest.fixture(scope="module")
def checked(opened: OpenedSet) -> Exploration:
    scan = PictureScan(opened.source)
    scan.advance()
    return Exploration(opened).with_pictures(scan.result())


def faces(found: np.ndarray | None = None) -> FaceTable:
    """Everything is sad to this recognizer; picture 0 and picture 59 show one person, all others somebody else."""
    descriptors = np.random.default_rng(0).normal(size=(COUNT, 128)).astype(np.float32)
    descriptors[59] = descriptors[0]
    probabilities = np.full((COUNT, 7), 0.05, np.float32)
    probabilities[:, BASIC.index("sad")] = 0.7
    seen = np.ones(COUNT, bool)
    pose = np.zeros((COUNT, 3), np.float32)
    aligned = np.zeros((COUNT, ALIGNED, ALIGNED), np.uint8)
    return FaceTable(
        seen, seen if found is None else found, probabilities, descriptors, pose, aligned, np.zeros(COUNT, bool)
    )


def test_copies_across_splits_are_found(checked: Exploration) -> None:
    assert [group.rows for group in checked.groups] == [(39, 41)]
    assert [(one.row, one.problem) for one in checked.findings] == [(39, COPY)]
    assert np.flatnonzero(copies_across_splits(checked.groups, checked.splits)).tolist() == [39, 41]


def test_checks_add_columns_to_queries(checked: Exploration) -> None:
    assert checked.query.run("SELECT count(brightness), min(width) FROM faces").rows == ((COUNT, 24),)
    answered = checked.with_faces(faces())
    assert answered.query.run("SELECT count(*) FROM faces WHERE answer = 'sad'").rows == ((COUNT,),)


def test_a_choice_narrows_rows_and_keeps_findings(checked: Exploration) -> None:
    chosen = checked.with_chosen(np.array([5, 4, 39]))
    assert chosen.rows(expression="sad").tolist() == [4]
    assert chosen.rows().tolist() == [5, 4, 39]
    assert chosen.findings == checked.findings
    assert chosen.query is checked.query


def test_new_meanings_change_labels_and_what_follows_from_them(checked: Exploration) -> None:
    table = checked.with_labels({"joie": "happy", "sad": "happy"})
    assert set(table.labels) == {"happy"}
    assert [one.problem for one in table.findings] == [COPY]
    told = checked.with_labels({"joie": "happy", "sad": "sad"})
    assert told.labels[:2] == ["sad", "happy"]
    rows, correct = told.with_faces(faces()).correct()
    assert (len(rows), correct.mean()) == (COUNT, 0.5)


def test_lookalikes_and_faceless_pictures_are_findings(checked: Exploration) -> None:
    found = np.ones(COUNT, bool)
    found[7] = False
    answered = checked.with_faces(faces(found))
    by_problem = {(one.problem, one.row) for one in answered.of_faces}
    assert {(NO_FACE, 7), (LEAK, 0)} <= by_problem
    assert (LEAK, 59) not in by_problem  # the test split stays what it was
    assert {one.row for one in answered.with_people(5.0).of_faces if one.problem == LEAK} == {0}
    assert not {one.row for one in answered.with_people(1000.0).of_faces if one.problem == LEAK}


def test_the_errors_of_groups_are_reported(checked: Exploration) -> None:
    report = checked.with_labels({"joie": "happy", "sad": "sad"}).with_faces(faces()).slices()
    assert report.whole is not None
    assert report.whole.accuracy == 0.5
    accuracies = {(one.column, one.group): one.accuracy for one in report.slices}
    assert accuracies["expression", "sad"] == 1
    assert accuracies["expression", "happy"] == 0


def test_the_effect_of_a_leak_has_an_interval() -> None:
    splits = ["train"] * 100 + ["test"] * 200
    leaking = np.arange(300) % 2 == 0
    correct = leaking | (np.arange(300) % 4 == 1)
    effect = leak_effect(leaking, correct, splits)
    assert effect is not None
    assert (effect.leaking, effect.others, effect.accuracy_leaking, effect.accuracy_others) == (100, 100, 1.0, 0.5)
    assert effect.low < 0.5 < effect.high
    assert leak_effect(np.zeros(300, bool), correct, splits) is None


def test_an_audit_writes_report_findings_and_clean_set(opened: OpenedSet, tmp_path: Path) -> None:
    report = audit(opened, tmp_path)
    assert report["problems"] == {COPY: 1}
    assert report["rows_with_a_copy_in_another_split"] == {"train": 1, "test": 1}
    assert report["kept"] == COUNT - 1
    assert CONFLICT not in report["problems"]
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "findings.csv", "clean.parquet"}
