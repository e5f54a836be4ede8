"""Rows of the CSV files."""

from __future__ import annotations

import numpy as np

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.identity import IdentityBand
from fer_demo.inference.recognize.probabilities import VOTES, Recognition
from fer_demo.inference.study.tables import (
    RECOGNITION_COLUMNS,
    STUDY_COLUMNS,
    failed_row,
    recognition_row,
    study_rows,
)
from fer_demo.inference.transfer.identity_kept import IdentityKept
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.outputs import csv_lines
from fer_demo.published.calibration import Calibration

ANSWER = Recognition(("happy", "sad"), np.array([0.75, 0.25], dtype=np.float32))
PHOTO = np.zeros((8, 8, 3), dtype=np.uint8)


def test_a_face_has_a_box_and_its_notes():
    face = DetectedFace((1.0, 2.04, 3.0, 4.0), np.zeros((5, 2)), 0.9)
    row = recognition_row("a.jpg", 1, FaceCrop(PHOTO, face, ("Small.", "Blurred.")), ANSWER)
    assert len(row) == len(RECOGNITION_COLUMNS)
    by_name = dict(zip(RECOGNITION_COLUMNS, row, strict=True))
    assert [by_name[edge] for edge in ("left", "top", "right", "bottom")] == ["1.0", "2.0", "3.0", "4.0"]
    assert (by_name["happy"], by_name["sad"], by_name["fear"]) == ("0.7500", "0.2500", "")
    assert by_name["expression"] == "happy"
    assert by_name["notes"] == "Small. Blurred."


def test_prediction_sets_are_named_by_their_coverage():
    calibration = Calibration(1.0, {0.8: 0.3, 0.9: 0.5, 0.95: 0.8}, ("happy", "sad"), "drawings", 9)
    answer = Recognition(ANSWER.expressions, ANSWER.probabilities, calibration)
    row = recognition_row("a.jpg", 0, FaceCrop(PHOTO, None), answer)
    by_name = dict(zip(RECOGNITION_COLUMNS, row, strict=True))
    assert [by_name[f"set_{share}"] for share in (80, 90, 95)] == ["happy", "happy", "happy sad"]


def test_votes_have_contempt_one_name_and_whether_people_disagree():
    habit = (1.0,) * 6 + (2.0, 0.1)  # people say neutral readily and contempt seldom
    calibration = Calibration(1.0, {0.8: 0.5, 0.9: 0.6, 0.95: 0.95}, WITH_CONTEMPT, "drawings", 9, habit)
    for shares, expected in (
        ((0, 0, 0, 0.02, 0, 0, 0.8, 0.18), ["0.8000", "0.1800", "contempt", "votes", "no"]),
        ((0.3, 0, 0, 0.2, 0, 0, 0.46, 0.04), ["0.4600", "0.0400", "contempt", "votes", "yes"]),
        ((0.6, 0, 0, 0.4, 0, 0, 0, 0), ["0.0000", "0.0000", "angry", "votes", "no"]),
    ):
        answer = Recognition(WITH_CONTEMPT, np.array(shares, dtype=np.float32), calibration, VOTES)
        by_name = dict(
            zip(RECOGNITION_COLUMNS, recognition_row("a.jpg", 0, FaceCrop(PHOTO, None), answer), strict=True)
        )
        columns = ("neutral", "contempt", "expression", "answer", "people_disagree")
        assert [by_name[name] for name in columns] == expected


def test_a_label_knows_nothing_of_people():
    row = dict(zip(RECOGNITION_COLUMNS, recognition_row("a.jpg", 0, FaceCrop(PHOTO, None), ANSWER), strict=True))
    assert (row["contempt"], row["answer"], row["people_disagree"]) == ("", "label", "")


def test_a_file_that_failed_is_a_row_with_its_sentence():
    row = failed_row("a, b.jpg", "This file is empty.")
    assert len(row) == len(RECOGNITION_COLUMNS)
    assert set(row[1:-1]) == {""}
    assert csv_lines([row]).startswith('"a, b.jpg",,')
    assert csv_lines([row]).endswith(",This file is empty.\n")


def test_a_picture_used_whole_has_no_box():
    row = recognition_row("a.npy", 0, FaceCrop(PHOTO, None, ()), ANSWER)
    assert row[:6] == ("a.npy", "0", "", "", "", "")


def test_a_study_has_a_row_per_frame():
    strip = Strip(
        frames=np.zeros((2, 4, 4, 3), dtype=np.uint8),
        alphas=np.array([0, 1], dtype=np.float32),
        probabilities=np.eye(7, dtype=np.float32)[[3, 4]],
        identity_similarity=np.array([1.0, 0.5], dtype=np.float32),
        along="expression",
    )
    first, second = (dict(zip(STUDY_COLUMNS, row, strict=True)) for row in study_rows(strip))
    assert (first["frame"], first["alpha"], first["expression"], first["identity_similarity"]) == (
        "0",
        "0.0000",
        "happy",
        "1.0000",
    )
    assert (second["alpha"], second["expression"], second["happy"]) == ("1.0000", "sad", "0.0000")
    assert (second["identity_distance"], second["same_person"]) == ("", "")  # without an identity embedder


def test_a_study_says_who_found_the_person_kept():
    band = IdentityBand(64, (0.0,) * 21, (1.0,) * 21, 0.6, 0.98, 0.98, 0.9, 500, "photographs")
    strip = Strip(
        frames=np.zeros((2, 4, 4, 3), dtype=np.uint8),
        alphas=np.array([0, 1], dtype=np.float32),
        probabilities=np.eye(7, dtype=np.float32)[[3, 4]],
        identity_similarity=None,
        along="expression",
        identity=IdentityKept(np.array([0.25, 0.75], dtype=np.float32), band),
    )
    rows = [dict(zip(STUDY_COLUMNS, row, strict=True)) for row in study_rows(strip)]
    assert [(row["identity_distance"], row["same_person"]) for row in rows] == [("0.2500", "yes"), ("0.7500", "no")]
    assert {row["identity_similarity"] for row in rows} == {""}


def test_csv_quotes_what_needs_it():
    assert csv_lines([("file", "notes"), ("a,b.jpg", "x")]) == 'file,notes\n"a,b.jpg",x\n'
