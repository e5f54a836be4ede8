"""What the Transfer tab shows of layers, grids, courses and comparisons."""

from __future__ import annotations

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.comparison import EditorResult, MeasuredColumn, Measurement, TransferTable
from fer_demo.inference.course import Course
from fer_demo.inference.edit_stack import EditStack, ScoredEdit
from fer_demo.inference.editing import EditedFace, EditLayer
from fer_demo.inference.identity import IdentityBand
from fer_demo.inference.metering import IdentityKept
from fer_demo.inference.recognition import Recognition
from fer_demo.inference.swap import SwapMatrix, SwapRow
from fer_demo.widgets.comparison import comparison_view, transfer_table
from fer_demo.widgets.course import course_cards
from fer_demo.widgets.layers import NO_LAYERS, edit_view, layer_in_words, layer_list
from fer_demo.widgets.matrix import matrix_view

BAND = IdentityBand(64, (0.0,) * 21, (1.0,) * 21, 0.6, 0.98, 0.98, 0.9, 500, "photographs")
PICTURE = np.zeros((16, 16, 3), np.uint8)
FACE = FaceCrop(PICTURE, None)


def judged(name: str) -> Recognition:
    return Recognition(BASIC, np.eye(7, dtype=np.float32)[BASIC.index(name)])


def kept(*distances: float) -> IdentityKept:
    return IdentityKept(np.array(distances, np.float32), BAND)


def edit(layer: EditLayer, distance: float) -> ScoredEdit:
    face = EditedFace(PICTURE, PICTURE, np.zeros(52), np.ones(52), np.zeros((4, 4, 2)), np.zeros((4, 4)))
    return ScoredEdit(layer, face, judged("happy"), kept(distance), 0.4, 0.9)


def test_layers_are_told_in_words() -> None:
    assert layer_in_words(EditLayer({"smile": 0.5, "blink": 0.0})) == "smile +0.50, intensity 1"
    assert layer_in_words(EditLayer("sad", 0.5, "mouth")) == "towards sad, mouth only, intensity 0.5"
    assert layer_in_words(EditLayer(FACE)) == "towards the second face, intensity 1"


def test_each_layer_has_its_scores_and_a_lost_person_is_marked() -> None:
    near, far = edit(EditLayer({"smile": 1.0}), 0.2), edit(EditLayer("happy"), 0.8)
    listed = layer_list(EditStack(FACE, (near, far)))
    first, second = listed.split("</li>")[:2]
    assert "same person" in first
    assert "purity 0.90" in first
    assert "outside the same-person band" in second
    assert 'class="outside"' in second
    assert NO_LAYERS in layer_list(None)
    assert "Response 40%" in edit_view(near)
    assert "Identity distance 0.20. Read as the same person" in edit_view(near)


def test_a_matrix_tells_how_far_it_is_and_then_what_came_of_it() -> None:
    read = np.eye(7, dtype=np.float32)[[BASIC.index("happy"), BASIC.index("happy")]]
    rows = tuple(SwapRow(FACE, np.stack([PICTURE] * 2), read, kept(0.1, far)) for far in (0.2, 0.9))
    half = matrix_view(SwapMatrix(("happy", "sad"), rows[:1]), "Two people.", 2)
    assert "1 of 2 people are done" in half
    assert "Worst" not in half
    whole = matrix_view(SwapMatrix(("happy", "sad"), rows), "Two people.", 2)
    assert "reached in 2 of 4 cells, the person kept in 3, both at once in 2" in whole
    assert [whole.count(f'class="{state}"') for state in ("fine", "half", "lost")] == [2, 1, 1]
    assert whole.index("Person 2, sad: read as happy") < whole.index("Person 1, sad: read as happy")


def test_the_course_says_what_it_could_not_measure() -> None:
    ones = np.ones(3, np.float32)
    measured = course_cards(Course(np.array([1.0, 3.0]), ones, ones, ones / 4), "happy", "expression", "Embedder")
    assert "1.5×" in measured
    assert "25% at most" in measured
    assert measured.count("<svg") == 4
    without = course_cards(Course(None, ones * np.nan, ones, ones), "happy", "identity", "Embedder")
    assert without.count("Not measured") == 2
    assert "happy, which should stay" in without


def test_editors_stand_side_by_side_with_what_was_measured() -> None:
    results = {"A": EditorResult(PICTURE, judged("happy"), kept(0.9), 0.5, 1.0)}
    shown = comparison_view(results, "happy")
    assert "0.90, outside the band" in shown
    assert 'class="editor outside"' in shown
    column = MeasuredColumn("cycle error", "of 255", "low", "so", "faces", (Measurement(4.2, 3.9, 4.5, 420), None))
    kept_by = MeasuredColumn("identity kept", "", "high", "so", "faces", (Measurement(0.9952, -1e-5, 1.0, 420), None))
    table = transfer_table(TransferTable(("A", "copy"), (column, kept_by)))
    assert "<b>0.995</b><small>0.000 to 1.000</small>" in table
    assert "cycle error (of 255)" in table
    assert "so; lowest is best" in table
    assert table.index("On faces") < table.index("cycle error")
    assert "<b>4.20</b><small>3.90 to 4.50</small>" in table
    assert "<td>–</td>" in table
