"""Tables say the same as the answers in them, escaped."""

from __future__ import annotations

import re

from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.tables import comparison, confusion_table, coverage_table, doubt, face_row, faces_table
from fer_demo.published.evaluation_file import Confusion, CoverageRow


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html)]


def test_a_face_has_its_answer_its_set_and_its_notes(found) -> None:
    crop, answer = found(notes=("This face is dark.",))
    assert cells(face_row("a<b.jpg", crop, answer, 0.9)) == [
        "a&lt;b.jpg",
        "Perhaps happy, 70%",
        "happy",
        "This face is dark.",
    ]


def test_faces_are_numbered_as_on_the_photo(found) -> None:
    crops, answers = zip(found("happy"), found("sad"), strict=True)
    assert cells(faces_table(crops, answers, 0.9))[4::4] == ["1", "2"]


def test_the_set_is_said_with_what_it_is_worth(found) -> None:
    assert "May be <b>happy</b>" in doubt(found()[1], 0.9, ())
    assert doubt(found(calibrated=False)[1], 0.9, ()).startswith(
        '<p class="lead">' + explained("This model is not calibrated")
    )


def test_models_stand_side_by_side_with_their_agreement(found) -> None:
    happy, other, sad = found()[1], found(share=0.6, calibrated=False)[1], found("sad")[1]
    html = comparison({"One": happy, "Two": other, "Three": sad})
    assert "2 of 3 models say happy: Three says sad." in html
    assert '<td class="top">60%' in html
    assert cells(html)[-4:] == ["percentages", "calibrated", "not calibrated", "calibrated"]
    assert "Both models say happy." in comparison({"One": happy, "Two": other})
    assert "No two models agree: One says happy, Three says sad." in comparison({"One": happy, "Three": sad})


def test_a_confusion_matrix_is_in_per_cent_of_each_true_expression() -> None:
    rows = tuple(tuple(30 if row == column else 10 for column in range(7)) for row in range(7))
    table = cells(confusion_table(Confusion(rows, "drawings")))
    assert table[8:11] == ["angry", "33", "11"]


def test_a_promise_stands_beside_what_was_kept() -> None:
    assert cells(coverage_table([CoverageRow(0.9, 0.897, 1.9)]))[3:] == ["90%", "89.7%", "1.90"]
