"""Pairs of pictures of one person: which belong together, and where the second one lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from training.data.expression_pairs import _couples, _laid_on, _pairs, _Picture, rendered_pairs
from training.data.splits import rendered_strangers, rendered_teachers

SIDE = 64


def picture(expression: str, take: str = "", points: np.ndarray = TEMPLATE * SIDE, of: str = "london") -> _Picture:
    """A ramp, in which every place has a grey of its own."""
    return _Picture(np.tile(np.arange(SIDE, dtype=np.uint8) * 3, (SIDE, 1)), points, of, "anna", expression, take)


def test_each_expression_stands_beside_the_rest_of_its_own_take_both_ways() -> None:
    rest, other, smile, frown = (
        picture(*what) for what in (("neutral", "1"), ("neutral", "2"), ("happy", "2"), ("sad", "3"))
    )
    couples = list(_couples([rest, other, smile, frown]))
    assert couples == [(other, smile), (smile, other), (rest, frown), (frown, rest)]
    assert list(_couples([smile, frown])) == []


def test_the_target_lies_on_the_source_by_its_eyes_and_its_mouth_may_move() -> None:
    moved = TEMPLATE * SIDE
    moved[3:, 1] += 6  # of the target
    laid = _laid_on(picture("neutral"), picture("happy", points=moved), 32)
    assert (laid == _laid_on(picture("neutral"), picture("happy"), 32)).all()
    shifted = _laid_on(picture("neutral"), picture("happy", points=TEMPLATE * SIDE + [4, 0]), 32)
    inner = slice(8, 24)
    assert np.median(shifted[inner, inner].astype(int) - laid[inner, inner]) == 12


def test_a_margin_shows_more_around_the_same_picture() -> None:
    people = [picture(name) for name in ("neutral", "happy")]
    bare, framed = _pairs(people, 32), _pairs(people, 32, margin=0.125)
    assert framed.source.shape == framed.target.shape == (2, 40, 40)
    for part in ("source", "target"):
        inner = getattr(framed, part)[:, 6:-6, 6:-6].float()
        assert (inner - getattr(bare, part)[:, 2:-2, 2:-2].float()).abs().max() <= 2


def test_pairs_say_what_was_read_and_who_is_rendered() -> None:
    people = [picture(name, of=of) for of in ("london", "synthetic") for name in ("neutral", "happy")]
    pairs = _pairs(people, 16)
    assert pairs.source.shape == pairs.target.shape == (4, 16, 16)
    assert pairs.expression.tolist() == [BASIC.index(name) for name in ("happy", "neutral")] * 2
    assert pairs.rendered.tolist() == [False, False, True, True]
    assert dict(pairs.read) == {"london": 2, "synthetic": 2}
    assert pairs.person == ("london anna", "london anna", "synthetic anna", "synthetic anna")
    assert len(_pairs([], 16)) == 0


def test_the_last_rendered_people_never_teach_and_missing_ones_are_named(tmp_path: Path) -> None:
    names = [f"{number:05d}" for number in range(20)]
    assert rendered_teachers(names[::-1] * 2) == names[:18]
    assert rendered_strangers(names[::-1] * 2) == names[18:]
    with pytest.raises(DataError, match="synthesize --design factorial"):
        rendered_pairs(tmp_path, 16, 5)
