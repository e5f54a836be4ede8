"""The human line has the values that can be counted by hand, and is said beside accuracies."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.published.human_line import HumanLine, human_line
from training.evaluation.recognition.human_line import human_table, one_against_the_others, vote_majority


def votes(*counts: int) -> list[int]:
    """Of neutral, happy, surprise, ...; the rest nothing."""
    return [*counts, *[0] * (10 - len(counts))]


def test_one_voter_against_the_others_is_counted() -> None:
    # 8 of ten voters stand with the others' majority, 2 do not.
    assert one_against_the_others(np.array([votes(8, 2)])) == pytest.approx(0.8)
    # each of the five faces four of its own and five of the others
    assert one_against_the_others(np.array([votes(5, 5)])) == 0
    # the odd one out of 5, 4 and 1: of the five, each faces 4 and 4, half a majority each
    assert one_against_the_others(np.array([votes(5, 4, 1)])) == pytest.approx(5 * 0.5 / 10)


def test_where_all_agree_people_agree_with_each_other() -> None:
    counts = np.array([votes(10), votes(0, 10)] * 20)
    labels = np.array([6, 3] * 20)  # neutral and happy
    table = human_table((counts, labels), (counts, labels), "faces", 0)
    assert table["one_against_nine"] == 1
    assert table["ten_against_ten"] == [1, 1]
    assert table["majority_of"] == [1] * 10
    assert table["label_by_majority"] == table["label_by_best"] == 1
    assert (table["clear"], table["labelled"]) == (40, 40)


def test_more_people_agree_more_often_and_labels_may_follow_another_habit() -> None:
    rng = np.random.default_rng(0)
    counts = np.array([votes(7, 3), votes(3, 7)])[rng.integers(2, size=400)]
    # The labeller says happy (3) for either; neutral is 6.
    labels = np.full(400, 3)
    labels[:2] = 6
    table = human_table((counts[2:], labels[2:]), (counts, labels), "faces", 0)
    reached = table["majority_of"]
    assert reached[0] == pytest.approx(0.7, abs=0.02)
    assert reached[2] == pytest.approx(0.784, abs=0.02)  # three voters: 0.343 + 0.441
    assert reached[9] > reached[4] > reached[2]
    assert table["ten_against_ten"][0] < table["ten_against_ten"][1]
    assert table["label_by_best"] == 1
    assert table["label_by_majority"] == pytest.approx((counts[2:, 1] == 7).mean())


def test_the_same_seed_draws_the_same_voters() -> None:
    counts, labels = np.array([votes(6, 4), votes(2, 5, 3)] * 30), np.array([6, 3] * 30)
    one, same = (human_table((counts, labels), (counts, labels), "faces", 7) for _ in range(2))
    assert one == same


def line() -> HumanLine:
    reached = (0.8, 0.79, 0.86, 0.88, 0.9, 0.91, 0.92, 0.93, 0.935, 0.94)
    return HumanLine("faces", 3000, 0.8, (0.91, 0.94), reached, 3500, 0.62, 0.68, 0.875)


@pytest.mark.parametrize(("accuracy", "people"), [(0.7, 0), (0.8, 2), (0.875, 3), (0.95, 10)])
def test_a_model_is_as_good_as_the_most_people_that_it_equals(accuracy: float, people: int) -> None:
    assert line().as_good_as(accuracy) == people


def test_what_people_reach_is_said_only_where_people_were_asked() -> None:
    assert line().beside("votes", 0.875) == ("one voter 0.80, ten new voters 0.91 to 0.94; as good as 3 of ten people")
    assert line().beside("votes", 0.5).endswith("less often right than one person")
    assert line().beside("label", 0.69) == "ten voters 0.62 to 0.68"
    assert line().beside("", 0.99) == ""


def test_it_comes_back_from_an_evaluations_tables() -> None:
    counts, labels = np.array([votes(9, 1), votes(1, 9)] * 20), np.array([6, 3] * 20)
    read = human_line({"people": human_table((counts, labels), (counts, labels), "faces", 0)})
    assert read is not None
    assert read.clear == 40
    assert "20" not in read.beside("votes", 0.9)
    assert human_line({}) is None


def test_pictures_without_a_majority_are_no_part_of_it() -> None:
    assert vote_majority(np.array([votes(5, 5), votes(1, 1, 1, 1, 1, 1, 1, 1), votes(6, 4)])).tolist() == [-1, -1, 6]
