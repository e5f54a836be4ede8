"""Tables: recognitions and strips as rows of text, for CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.interpolation import Strip
from fer_demo.inference.recognition import Recognition, basic_probabilities

RECOGNITION_COLUMNS = ("file", "face", "left", "top", "right", "bottom", *BASIC, "expression", "notes")
STUDY_COLUMNS = ("frame", "alpha", *BASIC, "expression", "identity_similarity")


def recognition_row(file: str, face: int, crop: FaceCrop, recognition: Recognition) -> tuple[str, ...]:
    """One face of one file; the box is in pixels, and empty where the picture was used whole."""
    box = ("",) * 4 if crop.face is None else tuple(f"{edge:.1f}" for edge in crop.face.box)
    probabilities = tuple(f"{value:.4f}" for value in basic_probabilities(recognition))
    return (file, str(face), *box, *probabilities, recognition.top, " ".join(crop.notes))


def study_rows(strip: Strip) -> Sequence[tuple[str, ...]]:
    """One row per frame; `expression` is the judge's most probable one."""
    return [
        (
            str(frame),
            f"{strip.alphas[frame]:.4f}",
            *(f"{value:.4f}" for value in strip.probabilities[frame]),
            BASIC[int(np.argmax(strip.probabilities[frame]))],
            f"{strip.identity_similarity[frame]:.4f}",
        )
        for frame in range(len(strip.frames))
    ]


def write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A header and rows."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
