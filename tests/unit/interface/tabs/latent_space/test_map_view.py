"""What a visitor sets up on the maps, what the browser posts, and what is shown beside them."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from fer_demo.data.embedding_table import MAPS, EmbeddingTable, open_embedding_table
from fer_demo.errors import DataError
from fer_demo.interface.tabs.latent_space.chosen_faces import selection_summary, trust_sentence
from fer_demo.interface.tabs.latent_space.map_panels import MapFaces, chosen, selected
from fer_demo.interface.tabs.latent_space.map_view import (
    TRUST,
    MapView,
    check_view,
    colour_labels,
    faces_of,
    figures,
    first_view,
    people,
    posted_place,
    posted_rows,
)


@pytest.fixture(scope="module")
def table() -> EmbeddingTable:
    return open_embedding_table(MAPS / "tdgan.parquet")


@pytest.fixture
def view(table: EmbeddingTable) -> MapView:
    return first_view("tdgan", table)


def posted(**values: Any) -> Any:
    return SimpleNamespace(**values)


def test_on_arrival_both_codes_are_shown_by_umap_and_coloured_by_expression(view: MapView) -> None:
    assert (view.spaces, view.method, view.label) == (("identity", "expression"), "umap", "expression")


def test_a_face_has_the_same_row_on_both_maps(view: MapView, table: EmbeddingTable) -> None:
    left, right = figures(view, table)
    assert all((one.customdata == other.customdata).all() for one, other in zip(left.data, right.data, strict=True))
    assert sum(len(trace.x) for trace in left.data) == len(table)


def test_trust_is_a_colour_of_each_map_by_itself(view: MapView, table: EmbeddingTable) -> None:
    assert colour_labels(table)[-1] == (TRUST, TRUST)
    left, right = figures(MapView("tdgan", "codes", "umap", TRUST), table)
    assert (left.data[0].marker.color == table.space("identity").maps["umap"].overlap).all()
    assert (right.data[0].marker.color == table.space("expression").maps["umap"].overlap).all()


@pytest.mark.parametrize("wrong", [{"pair": "x"}, {"method": "x"}, {"label": "x"}])
def test_what_the_browser_asks_for_is_checked(wrong: dict[str, str], table: EmbeddingTable) -> None:
    asked = {"pair": "codes", "method": "umap", "label": "person"} | wrong
    with pytest.raises(DataError):
        check_view(MapView("tdgan", **asked), table)


def test_a_person_is_found_with_all_faces(table: EmbeddingTable) -> None:
    title, name = people(table)[0]
    rows = faces_of(table, name)
    assert title == f"{name} ({len(rows)})"
    assert {table.labels["person"][row] for row in rows} == {name}
    assert faces_of(table, None) == ()


def test_posted_rows_come_once_and_in_order() -> None:
    assert posted_rows(posted(rows=[4, 2, 4]), 5) == (2, 4)
    assert posted_rows(posted(rows=[]), 5) == ()


@pytest.mark.parametrize("rows", [None, "1", [5], [-1], [1.5], [True], ["0"], [0] * 9])
def test_other_rows_are_refused(rows: Any) -> None:
    with pytest.raises(DataError):
        posted_rows(posted(rows=rows), 5)


def test_a_posted_place_is_a_panel_and_two_numbers() -> None:
    assert posted_place(posted(panel=1, x=2, y=-0.5)) == (1, 2.0, -0.5)
    for wrong in ({"panel": 2}, {"panel": True}, {"x": None}, {"y": float("nan")}, {"x": "1"}):
        with pytest.raises(DataError):
            posted_place(posted(**({"panel": 0, "x": 0.0, "y": 0.0} | wrong)))


def test_neighbours_are_those_of_the_code(view: MapView, table: EmbeddingTable) -> None:
    faces = MapFaces(table, None, {})
    codes = table.codes["expression"]
    nearest = ((codes - codes[3]) ** 2).sum(axis=1).argsort(kind="stable")[1]
    assert faces.near("expression", 3)[0] == nearest
    assert "expression code" in chosen(faces, view, 3).right_title


def test_a_selection_is_summed_up(table: EmbeddingTable) -> None:
    rows = faces_of(table, table.labels["person"][0])
    assert f"<b>{len(rows)} of {len(table):,} faces</b>" in selection_summary(table, rows)
    assert selected(MapFaces(table, None, {}), ()).gallery == ""


def test_trust_is_told_as_the_mean_over_the_faces(table: EmbeddingTable) -> None:
    told = re.sub("<[^>]*>", "", trust_sentence(table, ("identity", "expression"), "UMAP", "umap"))
    placed = table.space("identity").maps["umap"]
    assert f"{placed.overlap.mean():.0%} (identity code)" in told
    assert f"{placed.trust.mean():.2f} (identity code)" in told
