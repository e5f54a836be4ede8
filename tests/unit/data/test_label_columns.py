"""The column of labels is found by its name and its values, and each value has the right meaning."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from fer_demo.data.label_columns import Labelling, read_labels
from fer_demo.errors import DataError

SEVEN = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def read(column: str | None = None, order: str | None = None, set_name: str = "set", **columns: Any) -> Labelling:
    return read_labels(set_name, pa.table(columns), column, order)


@pytest.mark.parametrize(
    "name", ["label", "Label", " emotion", "EMOTION ", "Expression", "facial expression", "\ufeffemotion"]
)
def test_a_column_of_labels_is_found_in_any_spelling(name: str) -> None:
    assert read(**{name: list(range(7))}).expressions == SEVEN


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-1, 0, 3, 255, 7, 6], [None, "angry", "happy", None, None, "neutral"]),
        ([0.0, float("nan"), 3.0, None, 6.0], ["angry", None, "happy", None, "neutral"]),
        (["0", " 3 ", "3.0", "", "nan", "?", "6"], ["angry", "happy", "happy", None, None, None, "neutral"]),
        ([Decimal("3.00"), None, Decimal("4.00")], ["happy", None, "sad"]),
        ([b"Happy", b" sad"], ["happy", "sad"]),
        (["happy", "3", "no face", None], ["happy", "happy", None, None]),
        (pa.array(["sad", "happy", None]).dictionary_encode(), ["sad", "happy", None]),
        (pa.array([3.0, 4.0], pa.float16()), ["happy", "sad"]),
        (pa.array(["sad", "joy"], pa.string_view()), ["sad", "happy"]),
        ([3, *[0] * 40, *range(100, 103)], ["happy", *["angry"] * 40, None, None, None]),
    ],
)
def test_a_value_that_means_nothing_leaves_the_others(values: Any, expected: Sequence[str | None]) -> None:
    assert read(label=values).expressions == expected


def test_numbers_beyond_the_order_are_counted_aloud() -> None:
    found = read(label=[-1, 0, 3, 7, 7])
    assert found.notes == (
        "Its labels are numbers without names; they were read in the order of FER2013.",
        "Numbers that name no expression in this order: -1 and 7 (3 pictures).",
    )
    assert found.in_doubt


def test_a_gender_called_label_is_not_the_expression_beside_it() -> None:
    found = read(label=[0, 1, 0, 1], emotion=[3, 4, 6, 0])
    assert (found.column, found.expressions) == ("emotion", ["happy", "sad", "neutral", "angry"])
    assert not any("More than one" in note for note in found.notes)
    words = read(label=["male", "female", "male"], Mood=["happy", "sad", "happy"])
    assert (words.column, words.expressions) == ("Mood", ["happy", "sad", "happy"])


def test_zero_and_one_alone_are_not_given_a_meaning() -> None:
    found = read(label=[0, 1, 1])
    assert (found.column, found.expressions) == ("label", [None] * 3)
    assert found.in_doubt
    assert read(label=[0, 1, 1], order="raf-db").expressions == ["surprise", "fear", "fear"]


def test_truth_values_are_not_expressions() -> None:
    found = read(emotion=[True, False, True], face=["a", "b", "c"])
    assert (found.column, found.expressions) == (None, [])
    with pytest.raises(DataError, match="no column “emotion” that could be labels; choose one of face"):
        read(column="emotion", emotion=[True, False, True], face=["a", "b", "c"])


def test_a_number_and_its_word_are_one_label_and_the_word_tells_the_order() -> None:
    found = read(label=[0, 1, 2, 0], label_name=["happy", "sad", "fear", "happy"], expression=["HA", "SA", "FE", "HA"])
    assert (found.column, found.expressions) == ("expression", ["happy", "sad", "fear", "happy"])
    assert found.notes == ()
    assert not found.in_doubt


def test_words_of_any_name_tell_what_the_numbers_beside_them_mean() -> None:
    found = read(label=[0, 1, 2, 0], meaning=["happy", "sad", "fear", "happy"])
    assert (found.column, found.expressions) == ("meaning", ["happy", "sad", "fear", "happy"])


def test_columns_that_disagree_are_named_and_one_can_be_chosen() -> None:
    columns = {"label": ["happy", "sad", "fear"], "predicted": ["happy", "sad", "sad"]}
    found = read(**columns)
    assert (found.column, found.in_doubt) == ("label", True)
    assert found.notes == ("More than one column may hold its labels: “label” and “predicted”. “label” was taken.",)
    assert read(column="Predicted", **columns).expressions == ["happy", "sad", "sad"]
    assert found.choices == ("label", "predicted")


def test_the_order_of_numbers_can_be_told() -> None:
    assert read(order="affectnet", label=[0, 1, 7]).expressions == ["neutral", "happy", "contempt"]
    assert read(order="RAF-DB", label=[1, 4, 7]).expressions == ["surprise", "happy", "neutral"]
    assert read(order="sad, joy,other", label=[0, 1, 2]).expressions == ["sad", "happy", None]
    assert read(order="alphabetical", label=[4, 5, 6]).expressions == ["neutral", "sad", "surprise"]
    with pytest.raises(DataError, match="“imagenet” is not known; use one of fer2013"):
        read(order="imagenet", label=[0, 1])


def test_the_order_is_taken_from_the_sets_name_or_from_numbers_that_begin_at_one() -> None:
    assert read(set_name="my_AffectNet-8", label=[0, 1, 7]).expressions == ["neutral", "happy", "contempt"]
    assert read(set_name="raf_db", label=[0, 3, 6]).expressions == ["surprise", "happy", "neutral"]
    assert read(label=[1, 4, 7]).expressions == ["surprise", "happy", "neutral"]


def test_eight_numbers_are_affectnets_and_not_fer2013s() -> None:
    found = read(label=list(range(8)))
    assert found.expressions == ["neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"]
    assert found.in_doubt
    assert "read in the order of AffectNet" in found.notes[0]
    assert "FER+ and CK+ have eight classes too" in found.notes[1]
    few = read(label=[*list(range(8)) * 3, 8, 9, 10])
    assert (few.order, few.expressions[7], few.expressions[-1]) == ("affectnet", "contempt", None)
    assert read(label=[*list(range(7)) * 3, 7]).order == "fer2013"  # one stray row is unknown, and the rest stay


def test_eight_numbers_from_one_are_asked_about() -> None:
    found = read(label=list(range(1, 9)))
    assert (found.order, found.expressions, found.in_doubt) == (None, [None] * 8, True)
    assert "numbers of no known order" in found.notes[0]


def test_what_no_set_of_expressions_could_be_is_left_alone() -> None:
    assert read(label=list(range(200))).column is None
    assert read(age=[1, 2, 3], name=["Joy", "Mary", "Peter"]).column is None
    assert read(label=[0.5, 0.25, 0.125]).notes == (
        "Its labels are neither words nor whole numbers, so it was opened without labels.",
    )
