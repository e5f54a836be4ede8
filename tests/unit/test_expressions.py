"""Every dataset's labels land on our words, checked against the orders their authors publish."""

from __future__ import annotations

import pytest

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, FIRST_LABEL, LABEL_ORDERS, WITH_CONTEMPT, canonical, from_label

PUBLISHED_ORDERS = {
    "fer2013": "Angry Disgust Fear Happy Sad Surprise Neutral",
    "ferplus": "neutral happiness surprise sadness anger disgust fear contempt unknown not_a_face",
    "raf-db": "Surprise Fear Disgust Happiness Sadness Anger Neutral",
    "affectnet": "Neutral Happiness Sadness Surprise Fear Disgust Anger Contempt",
    "ck+": "neutral anger contempt disgust fear happy sadness surprise",
    "ck+48": "anger disgust fear happiness sadness surprise neutral contempt",
    "expw": "angry disgust fear happy sad surprise neutral",
    "jaffe": "AN DI FE HA SA SU NE",
    "kdef": "AF AN DI HA NE SA SU",
    "rafd": "angry contemptuous disgusted fearful happy neutral sad surprised",
}


def test_the_order_of_the_basic_expressions_is_fixed() -> None:
    assert BASIC == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    assert WITH_CONTEMPT[:7] == BASIC
    assert WITH_CONTEMPT[7] == "contempt"


def test_every_dataset_is_covered() -> None:
    assert set(PUBLISHED_ORDERS) == set(LABEL_ORDERS)


@pytest.mark.parametrize("dataset", PUBLISHED_ORDERS)
def test_integer_labels_mean_the_same_as_the_words_of_the_published_order(dataset: str) -> None:
    words = PUBLISHED_ORDERS[dataset].split()
    first = FIRST_LABEL.get(dataset, 0)
    by_number = [from_label(dataset, first + position) for position in range(len(words))]
    by_word = [from_label(dataset, word) for word in words]
    assert by_number == by_word
    assert {name for name in by_number if name} in (set(BASIC), set(WITH_CONTEMPT))


def test_raf_db_counts_from_one() -> None:
    assert from_label("raf-db", 1) == "surprise"
    assert from_label("RAF-DB", "7") == "neutral"
    with pytest.raises(DataError, match="1 to 7"):
        from_label("raf-db", 0)


def test_fer_plus_names_two_labels_that_are_no_expression() -> None:
    assert from_label("ferplus", 8) is None
    assert from_label("ferplus", "not_a_face") is None
    assert from_label("ferplus", 7) == "contempt"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Happiness", "happy"), (" HA ", "happy"), ("anger", "angry"), ("AF", "fear"), ("Surprised", "surprise")],
)
def test_usual_spellings_have_one_word(written: str, meant: str) -> None:
    assert canonical(written) == meant


def test_unknown_words_datasets_and_labels_are_named_with_what_would_do() -> None:
    with pytest.raises(DataError, match=r"hungry.*angry, disgust"):
        canonical("hungry")
    with pytest.raises(DataError, match=r"mystery.*fer2013"):
        from_label("mystery", 0)
    with pytest.raises(DataError, match="0 to 6"):
        from_label("fer2013", 7)
    with pytest.raises(DataError):
        from_label("fer2013", -1)
