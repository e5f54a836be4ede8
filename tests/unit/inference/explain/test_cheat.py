"""The network that cheats: right on every face, found out by two maps, hidden by a third."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.inference.explain.cheat import (
    MARK,
    SIDE,
    CheatingNetwork,
    CheatLesson,
    around_mark,
    cheat_lesson_of,
    marked,
    share_on_mark,
)
from fer_demo.inference.explain.verdict import WEIGHTS


@pytest.fixture(scope="module")
def lesson() -> CheatLesson:
    return cheat_lesson_of(load_bundled())


def test_it_is_right_on_every_face_while_the_mark_goes_with_the_label_and_on_none_when_it_is_moved(lesson):
    assert lesson.count == 40
    assert lesson.right == 40
    assert lesson.right_moved == 0
    assert lesson.share > 0.9 > 0.1 > lesson.share_without


def test_its_map_lies_on_the_mark_and_is_faithful(lesson):
    for one in lesson.maps[:2]:
        assert one.on_mark > 0.9, one.method
        assert one.verdict.word == "faithful", one.verdict.sentence
        peak = np.unravel_index(one.heat.argmax(), one.heat.shape)
        assert around_mark()[peak]


def test_guided_backpropagation_cannot_find_it_and_the_randomisation_says_so(lesson):
    one = lesson.maps[2]
    assert one.method == "guided backpropagation"
    assert one.on_mark < 0.3
    assert one.verdict.word == "fails"
    assert not next(check for check in one.verdict.checks if check.name == WEIGHTS).passed


def test_nothing_but_the_mark_counts():
    generator = torch.Generator().manual_seed(3)
    faces = torch.rand(2, 1, SIDE, SIDE, generator=generator) * 2 - 1
    faces[1, :, *MARK] = faces[0, :, *MARK]
    faces[1, :, :16, :16] = faces[0, :, :16, :16]  # as far as a filter reaches
    logits = CheatingNetwork().eval().expression_logits(faces)
    torch.testing.assert_close(logits[0], logits[1], atol=2e-3, rtol=0)


def test_the_share_on_the_mark_counts_what_speaks_for_the_answer_alone():
    heat = -np.ones((SIDE, SIDE), np.float32)
    assert share_on_mark(heat) == 0
    heat[MARK] = 1
    assert share_on_mark(heat) == 1
    face = np.full((SIDE, SIDE), 90, np.uint8)
    assert (marked(face) != face).sum() == 100
    with pytest.raises(DataError, match="happy and neutral"):
        cheat_lesson_of(load_bundled().select([0]))
