"""Rows of the CSV files."""

from __future__ import annotations

import io

import numpy as np

from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.interpolation import Strip
from fer_demo.inference.recognition import Recognition
from fer_demo.inference.tables import RECOGNITION_COLUMNS, STUDY_COLUMNS, recognition_row, study_rows, write_csv

ANSWER = Recognition(("happy", "sad"), np.array([0.75, 0.25], dtype=np.float32))
PHOTO = np.zeros((8, 8, 3), dtype=np.uint8)


def test_a_face_has_a_box_and_its_notes():
    face = DetectedFace((1.0, 2.04, 3.0, 4.0), np.zeros((5, 2)), 0.9)
    row = recognition_row("a.jpg", 1, FaceCrop(PHOTO, face, ("Small.", "Blurred.")), ANSWER)
    assert len(row) == len(RECOGNITION_COLUMNS)
    by_name = dict(zip(RECOGNITION_COLUMNS, row, strict=True))
    assert [by_name[edge] for edge in ("left", "top", "right", "bottom")] == ["1.0", "2.0", "3.0", "4.0"]
    assert (by_name["happy"], by_name["sad"], by_name["fear"]) == ("0.7500", "0.2500", "0.0000")
    assert by_name["expression"] == "happy"
    assert by_name["notes"] == "Small. Blurred."


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


def test_csv_quotes_what_needs_it():
    text = io.StringIO()
    write_csv(text, ("file", "notes"), [("a,b.jpg", "x")])
    assert text.getvalue() == 'file,notes\n"a,b.jpg",x\n'
