"""The answer in words is no surer than its probability, and never surer than the photo allows."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.quality import HARMLESS, TILTED
from fer_demo.inference.recognize.probabilities import VOTES, Recognition
from fer_demo.inference.recognize.wording import Claim, claim, faces_in_words, promise, reason, set_in_words, verdict
from fer_demo.published.calibration import Calibration

DARK, SMALL = "This face is dark.", "This face is small."


def of_people(shares: dict[str, float], habit: tuple[float, ...] = ()) -> Recognition:
    calibration = Calibration(1.0, {0.9: 0.7}, WITH_CONTEMPT, "drawings", 9, habit)
    return Recognition(WITH_CONTEMPT, np.array([shares.get(name, 0.0) for name in WITH_CONTEMPT]), calibration, VOTES)


def test_votes_are_said_as_people_and_less_surely_of_a_doubtful_photo() -> None:
    seen = of_people({"happy": 0.7, "neutral": 0.2, "sad": 0.1})
    assert verdict(seen) == "Of ten people, about seven would say happy, two neutral and one sad"
    assert verdict(seen, (DARK,)).startswith("Not sure. Of ten people, perhaps seven would say happy")
    assert "should be less sure" in reason(seen, (DARK,))
    assert "disagree" not in reason(seen)
    assert promise(seen, 0.9).startswith("A list like this holds 90% of what people say. It was set on drawings")


def test_disagreement_and_another_one_name_are_said() -> None:
    habit = (1.0, 1.0, 0.1, 1.0, 1.0, 1.0, 1.0, 1.0)
    seen = of_people({"neutral": 0.4, "sad": 0.35, "fear": 0.25}, habit)
    assert "People disagree about this one" in reason(seen)
    assert "Its one name is fear" in reason(seen)
    assert "not what the person feels" in reason(seen)
    assert "Its one name" not in reason(of_people({"neutral": 0.9, "sad": 0.1}, habit))


def answer(happy: float, surprise: float = 0.1, calibration: Calibration | None = None) -> Recognition:
    rest = (1 - happy - surprise) / 5
    shares = {"happy": happy, "surprise": surprise}
    return Recognition(BASIC, np.array([shares.get(name, rest) for name in BASIC]), calibration)


@pytest.mark.parametrize(
    ("happy", "surprise", "said"),
    [
        (0.84, 0.10, "Looks happy, 84%"),
        (0.50, 0.30, "Perhaps happy, 50%"),
        (0.30, 0.28, "Not sure: happy or surprised"),
    ],
)
def test_a_weaker_answer_is_said_more_carefully(happy: float, surprise: float, said: str) -> None:
    assert verdict(answer(happy, surprise)) == said


def test_each_doubt_about_the_face_lowers_the_claim_by_a_step() -> None:
    assert verdict(answer(0.84), [DARK]) == "Perhaps happy, 84%"
    assert verdict(answer(0.84), [DARK, SMALL]) == "Not sure, perhaps happy"
    assert "it should be less sure" in reason(answer(0.84), [DARK])
    assert "allows less" not in reason(answer(0.84))


@pytest.mark.parametrize("happy", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("notes", [[], [TILTED], [DARK], [DARK, SMALL], [DARK, SMALL, TILTED, DARK]])
def test_quality_never_raises_the_claim(happy: float, notes: list[str]) -> None:
    assert Claim.OPEN <= claim(answer(happy), notes) <= claim(answer(happy))


def test_a_face_turned_upright_loses_nothing() -> None:
    assert all(claim(answer(0.84), [note]) is Claim.STATED for note in HARMLESS)


def test_every_answer_says_what_it_is_not() -> None:
    assert all("not what the person feels" in reason(answer(happy)) for happy in (0.2, 0.5, 0.9))


def test_sets_read_like_speech() -> None:
    assert set_in_words(["happy"]) == "happy"
    assert set_in_words(["happy", "surprise"]) == "happy, or surprise"
    assert set_in_words(["happy", "surprise", "fear"]) == "happy, surprise, or fear"


def test_a_set_is_worth_what_was_measured_and_less_for_a_bad_face() -> None:
    calibrated = answer(0.84, calibration=Calibration(1.0, {0.9: 0.5}, BASIC, "900 validation faces", 900))
    fitted = "A list like this holds the right answer for 90% of faces"
    assert promise(calibrated, 0.9) == f"{fitted}. It was set on 900 validation faces."
    assert promise(calibrated, 0.9, [DARK]).startswith(f"{fitted}, but less often for a face with the doubts above.")
    assert "not calibrated" in promise(answer(0.84), 0.9)


def test_faces_of_an_evaluation_are_named_in_plain_words_and_others_keep_their_name() -> None:
    fitted = "the first half of the validation cut of FER2013 Training; mean logits of the face and its mirror image"
    assert faces_in_words(fitted) == (
        "photographs of FER2013 that were kept aside for this, each seen twice, once mirrored"
    )
    assert faces_in_words("my-set; first 50 rows") == "my-set, first 50 rows"
