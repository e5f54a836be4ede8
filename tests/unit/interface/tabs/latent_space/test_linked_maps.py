"""The linked maps as the page is given them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fer_demo.figures.latent_map import latent_map
from fer_demo.interface.tabs.latent_space.linked_maps import LinkedMaps, packed


def maps(**options: Any) -> LinkedMaps:
    given = {"labels": ["left <", "right"], "height": 300, "scene": "tdgan", "chosen": packed(2)}
    return LinkedMaps([], **given, thumbnail=lambda scene, row: f"{scene} {row}", **options)


def test_the_page_is_told_again_what_it_was_told_before() -> None:
    first, second = packed([1, 2]), packed([1, 2])
    assert first[0] == second[0]
    assert first != second


def test_every_map_has_canvases_for_its_dots_and_its_marks_and_words_for_a_screen_reader() -> None:
    template = maps().html_template
    assert template.count('<canvas class="marks dots">') == 2
    assert template.count('<canvas class="marks">') == 2
    assert 'aria-label="left &lt;. Arrow keys' in template


@pytest.mark.parametrize(
    ("asked", "answer"), [(["tdgan", 3], "tdgan 3"), (["tdgan", "3"], ""), ("tdgan", ""), ([], "")]
)
def test_a_picture_is_asked_for_by_set_and_row_and_anything_else_gets_none(asked: Any, answer: str) -> None:
    assert maps().face(asked) == answer


def test_figures_are_sent_packed() -> None:
    figure = latent_map(np.zeros((3, 2)), ["a", "b", "a"], "Map")
    (sent,) = maps().postprocess([figure])
    assert set(sent["data"][0]["customdata"]) == {"dtype", "bdata"}
