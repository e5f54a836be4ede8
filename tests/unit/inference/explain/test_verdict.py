"""Every check on the planted patch: the right map passes, and random, edge and centre maps do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.inference.explain.curves import CURVES, SHARES
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.pixels import guided_backpropagation, integrated_gradients, occlusion
from fer_demo.inference.explain.question import about_expression
from fer_demo.inference.explain.rivals import centre_map, edge_map, random_map
from fer_demo.inference.explain.verdict import MOST_ALIKE, NOISE, WEIGHTS
from tests.unit.inference.explain.conftest import PATCH, SIDE

QUICK = ("deletion", "insertion", "ROAD", WEIGHTS)  # NOISE is apart: any map that ignores the face is stable


@pytest.fixture(scope="module")
def asked(planted, textured_face) -> Asked:
    return Asked(planted, textured_face, about_expression(planted, "happy"))


def examined(asked: Asked, explain) -> tuple[dict[str, bool], dict[str, float], str]:
    verdict = Examination(asked, explain).finished()
    passed = {check.name: check.passed for check in verdict.checks}
    return passed, {check.name: check.figure for check in verdict.checks}, verdict.sentence


@pytest.mark.parametrize("explain", [occlusion, integrated_gradients], ids=["occlusion", "integrated gradients"])
def test_the_right_map_passes_every_check(asked, explain):
    passed, figures, sentence = examined(asked, explain)
    assert all(passed.values()), figures
    assert sentence == "Faithful: all 5 checks passed."


RIVALS = {
    "random": (lambda face: random_map(SIDE, np.random.default_rng(99)), "a random map does as well"),
    "edges": (edge_map, "outlining the face does as well"),
    "centre": (lambda face: centre_map(SIDE), "looking at the middle does as well"),
}


@pytest.mark.parametrize("rival", RIVALS)
def test_a_map_that_knows_nothing_fails_every_check_of_faithfulness(asked, rival):
    draw, _ = RIVALS[rival]
    passed, figures, sentence = examined(asked, lambda model, face, question: draw(face))
    assert not any(passed[name] for name in QUICK), figures
    assert sentence.startswith("Fails: ")


def test_the_sentence_names_the_rival_that_does_as_well(asked):
    for draw, words in (RIVALS["edges"], RIVALS["centre"]):
        assert words in examined(asked, lambda model, face, question, draw=draw: draw(face))[2]


def test_a_map_drawn_anew_each_time_is_not_stable(asked):
    rng = np.random.default_rng(5)
    passed, figures, _ = examined(asked, lambda model, face, question: random_map(SIDE, rng))
    assert not passed[NOISE], figures


def test_randomisation_catches_guided_backpropagation(asked):
    heat = guided_backpropagation(asked.model, asked.face, asked.question)
    inside = np.abs(heat[PATCH]).sum() / np.abs(heat).sum()
    assert inside < 0.2  # it shows texture all over the picture, of which the network looks at the patch alone
    passed, figures, sentence = examined(asked, guided_backpropagation)
    assert not passed[WEIGHTS]
    assert figures[WEIGHTS] > MOST_ALIKE
    assert sentence.startswith("Fails: ")
    _, right, _ = examined(asked, occlusion)
    assert right[WEIGHTS] < figures[WEIGHTS] - 0.3


def test_no_evidence_is_said_and_nothing_else_is_measured(asked):
    work = Examination(asked, lambda model, face, question: -np.ones((SIDE, SIDE), np.float32))
    work.advance(60)
    assert work.done == work.total
    assert work.curves == {}
    assert work.verdict.word == "no evidence"
    assert "nothing in this face speaks for happy" in work.verdict.sentence


def test_a_quick_look_ends_when_a_rival_does_as_well_and_says_the_same(asked):
    def centre(model, face, question):
        return centre_map(SIDE)

    quick, thorough = (Examination(asked, centre, thorough).finished() for thorough in (False, True))
    assert quick.sentence == thorough.sentence
    assert len(quick.checks) == len(CURVES) < len(thorough.checks)
    assert Examination(asked, occlusion, thorough=False).finished().word == "faithful"


def test_work_goes_on_in_short_steps_and_gives_the_same_again(asked):
    first, second = (Examination(asked, occlusion) for _ in range(2))
    steps = 0
    while first.verdict is None and steps < 99:
        first.advance(0)
        steps += 1
    assert steps == first.done == first.total
    second.finished()
    assert set(first.curves) == {curve.name for curve in CURVES}
    for name, curve in first.curves.items():
        assert curve.shape == (len(SHARES),)
        np.testing.assert_array_equal(curve, second.curves[name])
    assert first.verdict.checks == second.verdict.checks


def test_a_model_that_forgets_leaves_the_one_that_is_asked_alone(asked):
    before = [tensor.clone() for tensor in asked.model.parameters()]
    examined(asked, occlusion)
    assert all(torch.equal(old, new) for old, new in zip(before, asked.model.parameters(), strict=True))
