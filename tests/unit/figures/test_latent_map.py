"""The scatter map: every face once, traceable by its row."""

from __future__ import annotations

import json

import numpy as np

from fer_demo.figures.latent_map import latent_map
from fer_demo.figures.palette import EXPRESSION_COLOURS

XY = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], dtype=np.float32)


def points(figure) -> dict[int, tuple[float, float]]:
    return {
        int(row): (float(x), float(y))
        for trace in figure.data
        for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }


def test_every_point_keeps_its_row():
    figure = latent_map(XY, ["sad", "happy", "sad"], "Identity")
    assert points(figure) == {0: (0, 1), 1: (2, 3), 2: (4, 5)}
    assert [row for trace in figure.data for row in trace.customdata] == [1, 0, 2]


def test_expressions_come_in_the_house_order_with_their_colours_above_the_unknown():
    figure = latent_map(XY, ["sad", "happy", None], "Identity")
    assert [trace.name for trace in figure.data] == ["unknown", "happy", "sad"]
    assert figure.data[1].marker.color == EXPRESSION_COLOURS["happy"]
    assert figure.data[0].legendrank > 1000  # and last in the legend


def test_numbers_are_coloured_along_a_scale_and_gaps_left_out():
    figure = latent_map(XY, [np.float32(0.5), float("nan"), 2], "Identity")
    (trace,) = figure.data
    assert list(trace.marker.color) == [0.5, 2]
    assert list(trace.customdata) == [0, 2]
    assert (trace.marker.cmin, trace.marker.cmax) == (0.5, 2)


def test_many_categories_are_reduced_to_the_most_frequent_and_other():
    names = [f"person {row % 20:02d}" for row in range(100)] + ["person 07"]
    figure = latent_map(np.zeros((101, 2)), names, "Identity")
    assert [trace.name for trace in figure.data] == ["other", *(f"person {row:02d}" for row in (0, 1, 2, 3, 4, 5, 7))]
    assert len(figure.data[-1].x) == 6
    assert len(points(figure)) == 101


def test_labels_are_data_and_not_html():
    figure = latent_map(XY, ["<b>x</b>", "%{x}", "y"], "Identity")
    assert "&lt;b>x&lt;/b>" in {trace.name for trace in figure.data}
    assert all("%{x}" not in trace.hovertemplate for trace in figure.data)


def test_many_points_are_drawn_with_webgl_and_sent_packed():
    many = latent_map(np.zeros((5001, 2)), ["sad"] * 5001, "Identity")
    assert many.data[0].type == "scattergl"
    sent = many.to_json()
    assert json.loads(sent)["data"][0]["x"]["dtype"] == "f4"
    assert len(sent) < 5001 * 24  # of three numbers each, not in digits
