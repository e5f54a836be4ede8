"""An answer in words: no surer than its probability, and never surer than the photo allows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from fer_demo.faces.quality import HARMLESS
from fer_demo.inference.recognize.probabilities import VOTES, Recognition
from fer_demo.inference.recognize.ten_people import people_disagree, ten_people

SURE, UNSURE = 0.6, 0.4  # probabilities from which the answer is stated, and below which it is left open

_LOOKS = {
    "angry": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "happy": "happy",
    "sad": "sad",
    "surprise": "surprised",
    "neutral": "neutral",
    "contempt": "contemptuous",
}


# Whose faces: how evaluations name them, and how the page does; the longer names first.
_DATA = {
    "the first half of the validation cut of FER2013 Training": "photographs of FER2013 that were kept aside for this",
    "FER2013 PublicTest, exact rows that Training lacks": "photographs of the FER2013 test set, none seen in training",
    "FER2013 PublicTest, exact rows": "photographs of the FER2013 test set",
    "mean logits of the face and its mirror image, calibrated": "each seen twice, once mirrored, and calibrated",
    "mean logits of the face and its mirror image": "each seen twice, once mirrored",
    "; ": ", ",
}


class Claim(IntEnum):
    """How much an answer claims."""

    OPEN, GUESSED, STATED = 0, 1, 2


def claim(answer: Recognition, notes: Sequence[str] = ()) -> Claim:
    """What the probability allows, one step less for each doubt about the face: quality only ever lowers the claim."""
    most = float(answer.probabilities.max())
    allowed = Claim.STATED if most >= SURE else Claim.GUESSED if most >= UNSURE else Claim.OPEN
    return Claim(max(Claim.OPEN, allowed - len(_doubts(notes))))


def verdict(answer: Recognition, notes: Sequence[str] = ()) -> str:
    """The answer in a few words: what ten people would say, or the label as surely as it may be said."""
    if answer.answer == VOTES:
        doubted = bool(_doubts(notes))
        return f"{'Not sure. ' if doubted else ''}{ten_people(answer, doubted)}"
    (best, share), (second, _) = _two_best(answer)
    claimed = claim(answer, notes)
    if claimed is Claim.STATED:
        return f"Looks {_LOOKS[best]}, {share:.0%}"
    if claimed is Claim.GUESSED:
        return f"Perhaps {_LOOKS[best]}, {share:.0%}"
    if share >= UNSURE:  # the model would answer, but not from such a photo
        return f"Not sure, perhaps {_LOOKS[best]}"
    return f"Not sure: {_LOOKS[best]} or {_LOOKS[second]}"


def reason(answer: Recognition, notes: Sequence[str] = ()) -> str:
    """What stands behind the verdict, and what must not be read into it."""
    if answer.answer == VOTES:
        return _reason_of_votes(answer, notes)
    (best, share), (second, next_share) = _two_best(answer)
    if share < UNSURE:
        first = f"Most likely are {best} {share:.0%} and {second} {next_share:.0%}."
    elif claim(answer, notes) < claim(answer):
        first = f"The model says {best} {share:.0%}, but in such a photo it should be less sure."
    else:
        first = f"The second guess is {second}, {next_share:.0%}."
    return f"{first} This is how the face looks to the model, not what the person feels."


def _reason_of_votes(answer: Recognition, notes: Sequence[str]) -> str:
    parts = []
    if people_disagree(answer):
        parts.append("People disagree about this one: no name would be given by more than half of them.")
    elif _doubts(notes):
        parts.append("In such a photo the model should be less sure.")
    if answer.top != answer.expressions[int(answer.probabilities.argmax())]:
        parts.append(f"Its one name is {answer.top}: people seldom say it, but more than usual would say it here.")
    parts.append("This is what people would say of the picture, not what the person feels.")
    return " ".join(parts)


def lead_in(answer: Recognition) -> str:
    """What stands in front of a set of names."""
    return "People would say" if answer.answer == VOTES else "May be"


def set_in_words(names: Sequence[str]) -> str:
    """ "happy", "happy, or surprise", "happy, surprise, or fear"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, or {names[-1]}"


def promise(answer: Recognition, coverage: float, notes: Sequence[str] = ()) -> str:
    """What the prediction set of an answer is worth; without a calibration, that there is none."""
    if answer.calibration is None:
        return (
            "This model is not calibrated: a higher percentage is likelier, but 70% need not be right in 7 of 10 cases."
        )
    kept = f"A list like this holds {_kept(answer, coverage)}"
    doubted = ", but less often for a face with the doubts above" if _doubts(notes) else ""
    return f"{kept}{doubted}. It was set on {faces_in_words(answer.calibration.fitted_on)}."


def _kept(answer: Recognition, coverage: float) -> str:
    return (
        f"{coverage:.0%} of what people say"
        if answer.answer == VOTES
        else f"the right answer for {coverage:.0%} of faces"
    )


def faces_in_words(data: str) -> str:
    """The faces of an evaluation in plain words; what is not known stays as it is."""
    for name, words in _DATA.items():
        data = data.replace(name, words)
    return data


def _doubts(notes: Sequence[str]) -> list[str]:
    return [note for note in notes if note not in HARMLESS]


def _two_best(answer: Recognition) -> tuple[tuple[str, float], tuple[str, float]]:
    best, second = (int(index) for index in np.argsort(-answer.probabilities, kind="stable")[:2])
    return (
        (answer.expressions[best], float(answer.probabilities[best])),
        (answer.expressions[second], float(answer.probabilities[second])),
    )
