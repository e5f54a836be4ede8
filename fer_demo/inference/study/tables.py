"""Tables: recognitions and strips as rows of text, for CSV files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import Recognition, basic_probabilities
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.published.calibration import COVERAGES

SET_COLUMNS = tuple(f"set_{coverage * 100:.0f}" for coverage in COVERAGES)
RECOGNITION_COLUMNS = ("file", "face", "left", "top", "right", "bottom", *BASIC, "expression", *SET_COLUMNS, "notes")
STUDY_COLUMNS = ("frame", "alpha", *BASIC, "expression", "identity_similarity", "identity_distance", "same_person")


def recognition_row(file: str, face: int, crop: FaceCrop, recognition: Recognition) -> tuple[str, ...]:
    """One face of one file.

    The box is in pixels, and empty where the picture was used whole; set_90 holds the right expression for 90 % of
    faces, most probable first, and is empty where the model is not calibrated.
    """
    box = ("",) * 4 if crop.face is None else tuple(f"{edge:.1f}" for edge in crop.face.box)
    probabilities = tuple(f"{value:.4f}" for value in basic_probabilities(recognition))
    sets = tuple(" ".join(recognition.prediction_set(coverage)) for coverage in COVERAGES)
    return (file, str(face), *box, *probabilities, recognition.top, *sets, " ".join(crop.notes))


def failed_row(file: str, sentence: str) -> tuple[str, ...]:
    """A file in which nothing could be recognized; its note says why."""
    return (file, *("",) * (len(RECOGNITION_COLUMNS) - 2), sentence)


def study_rows(strip: Strip) -> Sequence[tuple[str, ...]]:
    """One row per frame; `expression` is the judge's most probable one, and what was not measured is empty.

    identity_similarity is the editing model's own view; identity_distance is the identity embedder's, and same_person
    says whether it lies inside the band of two photographs of one person.
    """
    frames = range(len(strip.frames))
    own, kept = strip.identity_similarity, strip.identity
    similarity = [""] * len(frames) if own is None else [f"{value:.4f}" for value in own]
    distance = [""] * len(frames) if kept is None else [f"{value:.4f}" for value in kept.distances]
    same = [""] * len(frames) if kept is None else ["yes" if inside else "no" for inside in kept.inside]
    return [
        (
            str(frame),
            f"{strip.alphas[frame]:.4f}",
            *(f"{value:.4f}" for value in strip.probabilities[frame]),
            BASIC[int(np.argmax(strip.probabilities[frame]))],
            similarity[frame],
            distance[frame],
            same[frame],
        )
        for frame in frames
    ]
