"""What the Transfer tab shows of layers, grids, courses and comparisons."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.identity import IdentityBand
from fer_demo.inference.recognize.probabilities import Recognition
from fer_demo.inference.study.run import RecognizedExpression
from fer_demo.inference.study.synthetic_files import MARK, SOURCE_TYPE
from fer_demo.inference.transfer.comparison import EditorResult, MeasuredColumn, Score, TransferTable
from fer_demo.inference.transfer.edit_stack import EditStack, ScoredEdit
from fer_demo.inference.transfer.editing import EditedFace, EditLayer
from fer_demo.inference.transfer.frame_drift import Drift
from fer_demo.inference.transfer.identity_kept import IdentityKept
from fer_demo.inference.transfer.swap import CELL_COLUMNS, SwapMatrix, SwapRow, cell_rows
from fer_demo.inference.transfer.transfer import Direction
from fer_demo.inference.transfer.true_pairs import NaturalSize, PairsRow
from fer_demo.interface.tabs.transfer.comparison_view import comparison_view, transfer_table, truth_table
from fer_demo.interface.tabs.transfer.drift_view import drift_cards
from fer_demo.interface.tabs.transfer.edited_view import edited_face, photo_file, reading_words
from fer_demo.interface.tabs.transfer.layers_view import NO_LAYERS, edit_view, layer_in_words, layer_list
from fer_demo.interface.tabs.transfer.matrix_view import matrix_picture, matrix_view
from fer_demo.interface.tabs.transfer.strip_view import frames
from fer_demo.interface.widgets.glossary import explained

BAND = IdentityBand(64, (0.0,) * 21, (1.0,) * 21, 0.6, 0.98, 0.98, 0.9, 500, "photographs")
PICTURE = np.zeros((16, 16, 3), np.uint8)
FACE = FaceCrop(PICTURE, None)


def judged(name: str) -> Recognition:
    return Recognition(BASIC, np.eye(7, dtype=np.float32)[BASIC.index(name)])


def kept(*distances: float) -> IdentityKept:
    return IdentityKept(np.array(distances, np.float32), BAND)


def edit(layer: EditLayer, distance: float) -> ScoredEdit:
    fields = np.zeros((4, 4, 2)), *np.zeros((2, 4, 4)), np.zeros((2, 68, 2))
    face = EditedFace(PICTURE, PICTURE, np.zeros(52), np.ones(52), *fields)
    return ScoredEdit(layer, face, judged("happy"), kept(distance), 0.4, 0.9)


def test_layers_are_told_in_words() -> None:
    assert layer_in_words(EditLayer({"smile": 0.5, "blink": 0.0})) == "smile +0.50, amount 1"
    assert layer_in_words(EditLayer("sad", 0.5, "mouth")) == "towards sad, mouth only, amount 0.5"
    assert layer_in_words(EditLayer(FACE)) == "towards the second face, amount 1"


def test_each_layer_has_its_scores_and_a_lost_person_is_marked() -> None:
    near, far = edit(EditLayer({"smile": 1.0}), 0.2), edit(EditLayer("happy"), 0.8)
    listed = layer_list(EditStack(FACE, (near, far)))
    first, second = listed.split("</li>")[:2]
    assert "same person" in first
    assert "purity 0.90" in first
    assert "perhaps another person" in second
    assert 'class="outside"' in second
    assert explained(NO_LAYERS) in layer_list(None)
    assert "Strength 40%" in edit_view(near)
    assert "Still the same person" in edit_view(near)
    assert ">Identity distance</dfn> 0.20." in edit_view(near)


def test_a_matrix_tells_how_far_it_is_and_then_what_came_of_it() -> None:
    read = np.eye(7, dtype=np.float32)[[BASIC.index("happy"), BASIC.index("happy")]]
    rows = tuple(SwapRow(FACE, np.stack([PICTURE] * 2), read, kept(0.1, far)) for far in (0.2, 0.9))
    sizes = (NaturalSize(0.9, "happy"), None)
    half = matrix_view(SwapMatrix(("happy", "sad"), rows[:1], sizes), "Two people.", 2)
    assert "1 of 2 people are done" in half
    assert "Worst" not in half
    assert "natural size</dfn> 0.9</small>" in half
    whole = matrix_view(SwapMatrix(("happy", "sad"), rows, sizes), "Two people.", 2)
    assert "2 of 4 pictures show the wanted expression, 3 still show the same person, 2 do both." in whole
    assert [whole.count(f'class="{state}"') for state in ("fine", "half", "lost")] == [2, 1, 1]
    assert whole.index("Person 2, sad: read as happy") < whole.index("Person 1, sad: read as happy")


def test_a_matrix_goes_away_as_a_picture_and_a_table() -> None:
    read = np.eye(7, dtype=np.float32)[[BASIC.index("happy"), BASIC.index("fear")]]
    sizes = (NaturalSize(0.27, "happy"), None)
    matrix = SwapMatrix(("happy", "sad"), (SwapRow(FACE, np.stack([PICTURE] * 2), read, kept(0.1, 0.9)),), sizes)
    with Image.open(io.BytesIO(matrix_picture(matrix))) as picture:
        assert picture.width > 3 * 128
        assert picture.info["Description"] == MARK
    happy, sad = (dict(zip(CELL_COLUMNS, row, strict=True)) for row in cell_rows(matrix, ["me"], 0.3))
    assert (happy["person"], happy["wanted"], happy["alpha"], happy["expression"]) == ("me", "happy", "0.3000", "happy")
    assert (sad["wanted"], sad["expression"], sad["same_person"]) == ("sad", "fear", "no")
    assert (happy["natural_size"], sad["natural_size"]) == ("0.2700", "")


def test_the_judges_reading_is_said_and_corrected() -> None:
    assert "was read as happy (83%). If that is wrong" in reading_words(
        RecognizedExpression("happy", 0.83), "", kept=False
    )
    assert "said that it shows fear" in reading_words(RecognizedExpression("happy", 0.83), "fear", kept=False)
    assert "If that is wrong" in reading_words(RecognizedExpression("happy", 0.83), "happy", kept=False)
    assert "whose expression stays, was read" in reading_words(RecognizedExpression("happy", 0.83), "", kept=True)


def test_an_edited_photo_goes_away_marked_and_a_large_one_as_jpeg() -> None:
    small, large = np.zeros((40, 60, 3), np.uint8), np.zeros((1600, 2000, 3), np.uint8)
    name, kind, content = photo_file(small, "me_warp_happy_1.00", visible_mark=False)
    assert (name, kind) == ("me_warp_happy_1.00.png", "image/png")
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (60, 40)
        assert picture.info["Description"] == MARK
    name, kind, content = photo_file(large, "me", visible_mark=False)
    assert (name, kind) == ("me.jpg", "image/jpeg")
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (2000, 1600)
        assert picture.info["comment"] == MARK.encode()
        assert SOURCE_TYPE in picture.info["xmp"].decode()
    assert photo_file(small, "me", visible_mark=True)[2] != photo_file(small, "me", visible_mark=False)[2]


def test_what_is_saved_from_the_page_carries_the_mark() -> None:
    def xmp(html: str) -> list[str]:
        found = re.findall(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", html)
        return [
            str(Image.open(io.BytesIO(base64.b64decode(content))).info.get("xmp", b"").decode()) for content in found
        ]

    face = judged("happy")
    assert all(SOURCE_TYPE in mark for mark in xmp(edited_face(PICTURE, face, 1.0, PICTURE, None, ())))
    assert all(SOURCE_TYPE in mark for mark in xmp(frames(np.stack([PICTURE] * 2), np.array([0, 1]), [])))
    before, after = xmp(edit_view(edit(EditLayer({"smile": 1.0}), 0.2)))
    assert (before, SOURCE_TYPE in after) == ("", True)


def test_the_course_says_what_it_could_not_measure() -> None:
    ones = np.ones(3, np.float32)
    measured = drift_cards(Drift(np.array([1.0, 3.0]), ones, ones, ones / 4), "happy", "expression", "Embedder")
    assert "1.5×" in measured
    assert "25% at most" in measured
    assert measured.count("<svg") == 4
    without = drift_cards(Drift(None, ones * np.nan, ones, ones), "happy", "identity", "Embedder")
    assert without.count("Not measured") == 2
    assert "happy, which should stay" in without


def test_editors_stand_side_by_side_with_what_was_measured() -> None:
    way = Direction(FACE, np.zeros((1, 1)), np.zeros((1, 1)))
    result = EditorResult(way, 1.0, PICTURE, judged("happy"), kept(0.9), 0.5, 1.0, NaturalSize(0.9, "happy"))
    shown = comparison_view({"A": {"happy": result}}, ["B: has no weights."])
    assert "B: has no weights." in shown
    assert "0.90, perhaps another person" in shown
    assert 'class="editor zoomable outside"' in shown
    column = MeasuredColumn("cycle error", "of 255", "low", "so", "faces", (Score(4.2, 3.9, 4.5, 420), None))
    kept_by = MeasuredColumn("identity kept", "", "high", "so", "faces", (Score(0.9952, -1e-5, 1.0, 420), None))
    table = transfer_table(TransferTable(("A", "copy"), (column, kept_by)))
    assert "<b>0.995</b><small>0.000 to 1.000</small>" in table
    assert ">cycle error</dfn> (of 255)" in table
    assert "so; lowest is best" in table
    assert table.index("On faces") < table.index(">cycle error")
    assert "<b>4.20</b><small>3.90 to 4.50</small>" in table
    assert "<td>–</td>" in table


def test_the_truth_stands_in_a_table_by_task_and_single_expressions_of_few_people_are_left_out() -> None:
    scores = {"mouth gain": Score(-0.98, -1.5, -0.58, 25), "size": Score(2.7, 2.3, 3.25, 25)}
    rows = [
        PairsRow("London", "neutral", True, 25, scores),
        PairsRow("CK+", "all expressions", False, 59, scores),
        PairsRow("CK+", "fear", False, 1, scores),
    ]
    shown = truth_table({"A": rows, "B": rows[:1]})
    assert "London: happy to neutral, driven by another person, 25 pairs" in shown
    assert "CK+: all expressions, by name, 59 pairs" in shown
    assert "fear" not in shown
    assert shown.count("<b>-0.980</b><small>-1.500 to -0.580</small>") == 3
    assert (shown.count('<th scope="row">A</th>'), shown.count('<th scope="row">B</th>')) == (2, 1)
    assert "read by" not in shown


def test_what_judges_read_stands_beside_what_they_read_of_the_true_pictures() -> None:
    scores, truth = ({"read by the judge": Score(value, 0.1, 0.9, 25)} for value in (0.2, 0.48))
    happy = PairsRow("London", "happy", False, 25, scores, truth)
    photos = PairsRow("LFW", "another photo", True, 98, {"size": Score(0.7, 0.6, 0.8, 98)})
    shown = truth_table({"A": [happy, photos], "B": [happy]})
    assert shown.count('<th scope="row">True picture</th>') == 1
    assert shown.count("<b>0.200</b>") == 2
    assert shown.count("<b>0.480</b>") == 1
    assert "LFW: another photo of the same person, driven by it, 98 pairs" in shown
    assert "mouth, gain" not in shown  # nobody has it
