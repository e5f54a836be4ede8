"""The reliability diagram: where the marks are, and how sure they can be."""

from __future__ import annotations

import pytest

from fer_demo.figures.reliability import reliability_diagram, robustness_curves
from fer_demo.published.evaluation_file import Reliability, ReliabilityBin, RobustnessRow


def test_a_mark_stands_where_confidence_meets_accuracy() -> None:
    bins = (ReliabilityBin(0.5, 0.4, 25), ReliabilityBin(0.9, 0.8, 100))
    diagonal, marks = reliability_diagram(Reliability(bins, 0.1, "drawings"), "said", "found").data
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 1], [0, 1])
    assert (list(marks.x), list(marks.y)) == ([0.5, 0.9], [0.4, 0.8])
    assert list(marks.error_y.array) == pytest.approx([0.098, 0.04], abs=1e-3)  # sqrt(p (1 - p) / n)
    assert marks.marker.size[0] < marks.marker.size[1]
    assert marks.text[1] == "100 faces"


def test_each_way_of_spoiling_faces_has_its_curve_under_the_line_of_the_untouched_ones() -> None:
    rows = [
        RobustnessRow("untouched", "", 0.7, 100),
        RobustnessRow("blur", "1%", 0.6, 100),
        RobustnessRow("blur", "4%", 0.4, 100),
        RobustnessRow("framing", "wide", 0.9, 50),
    ]
    blur, framing = robustness_curves(rows)
    assert (list(blur.data[0].x), list(blur.data[0].y)) == (["1%", "4%"], [0.6, 0.4])
    assert [shape.y0 for shape in blur.layout.shapes] == [0.7]
    assert not framing.layout.shapes  # of other faces
