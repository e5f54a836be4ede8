"""The scatter map: every face once, traceable by row and key."""

from __future__ import annotations

import numpy as np

from fer_demo.figures.latent_map import latent_map
from fer_demo.figures.palette import EXPRESSION_COLOURS

XY = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], dtype=np.float32)
KEYS = ["a", "b", "c"]


def points(figure) -> dict[str, tuple[float, float]]:
    return {
        key: (x, y)
        for trace in figure.data
        if trace.customdata is not None
        for (_, key), x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }


def test_every_point_keeps_its_key_and_row():
    figure = latent_map(XY, ["sad", "happy", "sad"], KEYS, "Identity")
    assert points(figure) == {"a": (0, 1), "b": (2, 3), "c": (4, 5)}
    assert [row for trace in figure.data for row, _ in trace.customdata] == [1, 0, 2]


def test_expressions_come_in_the_house_order_with_their_colours():
    figure = latent_map(XY, ["sad", "happy", None], KEYS, "Identity")
    assert [trace.name for trace in figure.data] == ["happy", "sad", "unknown"]
    assert figure.data[0].marker.color == EXPRESSION_COLOURS["happy"]


def test_numbers_are_coloured_along_a_scale_and_gaps_left_out():
    figure = latent_map(XY, [np.float32(0.5), float("nan"), 2], KEYS, "Identity")
    (trace,) = figure.data
    assert list(trace.marker.color) == [0.5, 2]
    assert [key for _, key in trace.customdata] == ["a", "c"]


def test_many_categories_are_reduced_to_the_most_frequent_and_other():
    names = [f"person {row % 20:02d}" for row in range(100)] + ["person 07"]
    figure = latent_map(np.zeros((101, 2)), names, [str(row) for row in range(101)], "Identity")
    assert [trace.name for trace in figure.data] == [*(f"person {row:02d}" for row in (0, 1, 2, 3, 4, 5, 7)), "other"]
    assert len(figure.data[-2].x) == 6
    assert len(points(figure)) == 101


def test_the_selected_point_wears_a_ring_without_taking_the_click():
    figure = latent_map(XY, ["sad"] * 3, KEYS, "Identity", selected=[2])
    ring = figure.data[-1]
    assert (ring.x[0], ring.y[0]) == (4, 5)
    assert ring.customdata is None
    assert ring.hoverinfo == "skip"


def test_labels_are_data_and_not_html():
    figure = latent_map(XY, ["<b>x</b>", "%{x}", "y"], KEYS, "Identity")
    assert "&lt;b>x&lt;/b>" in {trace.name for trace in figure.data}
    assert all("%{x}" not in trace.hovertemplate for trace in figure.data)


def test_many_points_are_drawn_with_webgl():
    many = latent_map(np.zeros((5001, 2)), ["sad"] * 5001, ["k"] * 5001, "Identity")
    assert many.data[0].type == "scattergl"
