"""Probes of codes whose contents are known: a label, nothing, and a person's look that would give the answer away."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.inference.leakage.probe_codes import ProbeCodes, load_probe_codes
from fer_demo.inference.leakage.probe_fits import PROBES
from fer_demo.inference.leakage.probe_targets import Target, target_names, target_of
from fer_demo.inference.leakage.probing import difference, plan_probe, read_code, read_codes

PEOPLE = [f"p{number:02d}" for number in np.repeat(np.arange(12), 14)]  # 168 faces
MOODS = [("happy", "sad")[number % 2] for number in range(168)]
TURNS = list(np.random.default_rng(5).normal(0, 20, 168))
WHO = Target("person", "the person", PEOPLE, True)
MOOD = Target("expression", "the expression", MOODS, True)
TURN = Target("head turn", "the head's turn", TURNS, False)
NOISE = np.random.default_rng(0).normal(size=(168, 6)).astype(np.float32)


def told(values: list[str], spread: float = 0.1) -> np.ndarray:
    """A code in which a label has a place for each name, with some noise."""
    names = sorted(set(values))
    places = np.eye(len(names), dtype=np.float32)[[names.index(value) for value in values]]
    return places + spread * np.random.default_rng(1).normal(size=places.shape).astype(np.float32)


@pytest.mark.parametrize("probe", PROBES)
def test_what_a_code_holds_is_read_and_what_it_lacks_is_not(probe: str) -> None:
    plan = plan_probe(WHO, PEOPLE, seed=0)
    full, empty = read_codes(plan, {"full": told(PEOPLE), "empty": NOISE}, probe, 64)
    assert plan.chance == pytest.approx(1 / 12)
    assert full.score > 0.95
    assert empty.score == pytest.approx(plan.chance, abs=0.08)
    assert full.control == pytest.approx(plan.chance, abs=0.08)


@pytest.mark.parametrize("probe", PROBES)
def test_numbers_are_read_as_shares_of_their_variance(probe: str) -> None:
    plan = plan_probe(TURN, PEOPLE, seed=0)
    code = np.stack([np.array(TURNS), np.zeros(168)], axis=1).astype(np.float32)
    assert plan.chance == 0
    assert read_code(plan, "full", code, probe, 64).score > 0.9
    assert read_code(plan, "empty", NOISE, probe, 64).score < 0.1


def test_people_are_found_in_other_pictures_and_expressions_in_other_people() -> None:
    who, mood = plan_probe(WHO, PEOPLE, seed=0), plan_probe(MOOD, PEOPLE, seed=0)
    for person in set(who.people):
        assert len(set(who.folds[who.people == person])) > 1
        assert len(set(mood.folds[mood.people == person])) == 1
    assert not who.by_person
    assert mood.by_person


def test_a_persons_look_does_not_give_the_hair_away() -> None:
    # Every person has a hair style, and the code holds nothing but the person.
    styles = {f"p{number:02d}": ("long", "short")[number % 2] for number in range(12)}
    hair = Target("hair", "the hair style", [styles[person] for person in PEOPLE], True)
    plan = plan_probe(hair, PEOPLE, seed=0)
    assert read_code(plan, "who", told(PEOPLE), "linear", 64).score < 0.75
    for person in set(plan.people):  # shuffled among people, so that it stays a property of them
        assert len(set(plan.shuffled[plan.people == person])) == 1


def test_only_the_first_dimensions_count() -> None:
    plan = plan_probe(MOOD, PEOPLE, seed=0)
    code = np.concatenate([NOISE[:, :3], told(MOODS)], axis=1)
    assert read_code(plan, "code", code, "linear", 3).score < 0.65
    found = read_code(plan, "code", code, "linear", 5)
    assert found.score > 0.95
    assert found.dims == 5
    assert read_code(plan, "code", code, "linear", 64).dims == 5


def test_the_interval_holds_the_score_and_the_same_seed_gives_the_same_one() -> None:
    plan = plan_probe(WHO, PEOPLE, seed=4)
    code = told(PEOPLE, spread=0.5)
    one, again = (read_code(plan, "code", code, "linear", 64) for _ in range(2))
    assert one.low < one.score < one.high
    assert (one.score, one.low, one.high, one.control) == (again.score, again.low, again.high, again.control)
    assert np.array_equal(plan.folds, plan_probe(WHO, PEOPLE, seed=4).folds)


def test_the_difference_of_two_codes_has_an_interval_of_its_own() -> None:
    plan = plan_probe(WHO, PEOPLE, seed=0)
    full, blurred, empty = read_codes(plan, {"a": told(PEOPLE), "b": told(PEOPLE, 0.5), "c": NOISE}, "linear", 64)
    value, low, high = difference(plan, blurred, full)
    assert value == pytest.approx(blurred.score - full.score)
    assert low <= value <= high
    assert difference(plan, full, full) == (0, 0, 0)
    assert difference(plan, empty, full)[2] < -0.5


def test_faces_without_the_label_and_people_seen_once_are_left_out() -> None:
    people = [*PEOPLE[:-1], "alone"]
    plan = plan_probe(Target("person", "the person", [None, *people[1:]], True), people, seed=0)
    assert len(plan.rows) == 166
    assert 0 not in plan.rows
    assert 167 not in plan.rows
    assert plan.classes == 12


@pytest.mark.parametrize(
    ("target", "people", "sentence"),
    [
        (Target("person", "the person", PEOPLE[:10], True), PEOPLE[:10], "Only 10 of these faces"),
        (
            Target("expression", "the expression", ["sad"] * 168, True),
            PEOPLE,
            "expression of all these faces is the same",
        ),
        (Target("expression", "the expression", MOODS[:40], True), ["p00"] * 40, "All these faces are of one person"),
        (Target("head turn", "the head's turn", [3.0] * 168, False), PEOPLE, "nothing to guess"),
    ],
)
def test_faces_that_cannot_be_told_apart_are_one_sentence(target: Target, people: list[str], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        plan_probe(target, people, seed=0)


def test_every_column_of_the_bundled_set_can_be_asked_for() -> None:
    source = load_bundled()
    targets = {name: target_of(source, [1.0] * len(source), name) for name in target_names(source)}
    assert list(targets)[:3] == ["person", "expression", "brightness"]
    assert {"head turn", "light side", "skin", "hair", "glasses", "background"} <= set(targets)
    assert targets["glasses"].values[0] in ("yes", "no")
    assert targets["head turn"].values[7] == source[7].head_pose[0]  # type: ignore[index]
    assert targets["expression"].select([3, 4]).values == source.column("expression")[3:5]
    with pytest.raises(DataError, match="has no label “shoes”"):
        target_of(source, [], "shoes")


def test_codes_come_back_from_their_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    kept = {"expression": NOISE[:2], "pixels": NOISE[:2, :3]}
    codes = ProbeCodes("abc", {"expression_classifier": "def"}, ("a", "b"), np.array([10.0, 20.0]), kept)
    codes.save(tmp_path / "codes.parquet")
    again = load_probe_codes(tmp_path / "codes.parquet")
    assert (again.weights_sha256, again.keys, again.own) == ("abc", ("a", "b"), ("expression",))
    assert again.compared_sha256 == {"expression_classifier": "def"}
    assert np.allclose(again.codes["pixels"], NOISE[:2, :3], atol=2e-3)
    assert again.brightness.tolist() == [10, 20]


def test_a_missing_or_damaged_file_of_codes_is_one_sentence(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match="no codes to probe yet"):
        load_probe_codes(tmp_path / "codes.parquet")
    (tmp_path / "codes.parquet").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        load_probe_codes(tmp_path / "codes.parquet")
