"""Tables: recognitions and strips as rows of text, for CSV files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import VOTES, Recognition
from fer_demo.inference.recognize.ten_people import people_disagree
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.published.calibration import COVERAGES

SET_COLUMNS = tuple(f"set_{coverage * 100:.0f}" for coverage in COVERAGES)
RECOGNITION_COLUMNS = (
    *("file", "face", "left", "top", "right", "bottom", *WITH_CONTEMPT),
    *("expression", *SET_COLUMNS, "answer", "people_disagree", "notes"),
)
STUDY_COLUMNS = ("frame", "alpha", *BASIC, "expression", "identity_similarity", "identity_distance", "same_person")


def recognition_row(file: str, face: int, crop: FaceCrop, recognition: Recognition) -> tuple[str, ...]:
    """One face of one file.

    The box is in pixels, and empty where the picture was used whole. `answer` says whether the numbers are the shares
    of people who would name each expression (votes) or the probability of each label (label); contempt is empty where
    the answer does not know it. set_90 holds 90 % of what people say, or the right label for 90 % of faces, most
    probable first, and is empty where the model is not calibrated. people_disagree is empty for a label.
    """
    box = ("",) * 4 if crop.face is None else tuple(f"{edge:.1f}" for edge in crop.face.box)
    known = dict(zip(recognition.expressions, recognition.probabilities, strict=True))
    numbers = tuple(f"{known[name]:.4f}" if name in known else "" for name in WITH_CONTEMPT)
    sets = tuple(" ".join(recognition.prediction_set(coverage)) for coverage in COVERAGES)
    disagree = ("yes" if people_disagree(recognition) else "no") if recognition.answer == VOTES else ""
    last = (recognition.top, *sets, recognition.answer, disagree, " ".join(crop.notes))
    return (file, str(face), *box, *numbers, *last)


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
