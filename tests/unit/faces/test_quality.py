"""Each doubt about a face has its own sentence, and a good face has none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from fer_demo.data.loading import load_bundled
from fer_demo.faces.alignment import five_points
from fer_demo.faces.detection import DetectedFace
from fer_demo.faces.quality import HARMLESS, quality_notes
from fer_demo.images import to_colour
from tools.drawn_covers import covered


@pytest.fixture(scope="module")
def good(drawn_face: Callable[[int], np.ndarray]) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 6, (200, 200, 1))
    return (drawn_face(200) + grain).clip(0, 255).astype(np.uint8)


def found(points: np.ndarray, score: float = 0.99) -> DetectedFace:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return DetectedFace((left, top, right, bottom), points, score)


def test_a_good_face_needs_no_note(good: np.ndarray, drawn_points: np.ndarray) -> None:
    assert quality_notes(good, found(drawn_points * 200)) == ()


def test_a_small_face_is_noted(good: np.ndarray, drawn_points: np.ndarray) -> None:
    small = np.asarray(Image.fromarray(good).resize((40, 40)))
    assert "small" in " ".join(quality_notes(small, found(drawn_points * 40)))


def test_a_turned_face_is_noted(good: np.ndarray, drawn_points: np.ndarray) -> None:
    points = drawn_points * 200
    points[2, 0] += 18
    assert "turned to the side" in " ".join(quality_notes(good, found(points)))


@pytest.mark.parametrize(
    ("degrees", "said"),
    [
        (0, None),
        (20, None),
        (45, "is tilted"),
        (-80, "lies on its side"),
        (90, "lies on its side"),
        (180, "upside down"),
    ],
)
def test_which_way_up_a_face_is_is_said(
    good: np.ndarray, drawn_points: np.ndarray, degrees: float, said: str | None
) -> None:
    lying = np.asarray(Image.fromarray(good).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(120, 130, 140)))
    angle = np.deg2rad(degrees)
    around = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    notes = quality_notes(lying, found((drawn_points * 200 - 100) @ around.T + 100))
    assert [note for note in notes if note in HARMLESS] == ([] if said is None else [notes[0]])
    assert said is None or said in notes[0]


def test_a_blurred_face_is_noted(good: np.ndarray, drawn_points: np.ndarray) -> None:
    blurred = np.asarray(Image.fromarray(good).filter(ImageFilter.GaussianBlur(8)))
    assert "blurred" in " ".join(quality_notes(blurred, found(drawn_points * 200)))


def test_bad_light_is_noted(good: np.ndarray, drawn_points: np.ndarray) -> None:
    assert quality_notes(good // 6, found(drawn_points * 200)) == ("This face is dark; more light would help.",)
    washed_out = (good // 32 + 240).astype(np.uint8)
    assert "contrast" in " ".join(quality_notes(washed_out, found(drawn_points * 200)))


def test_a_hidden_part_is_named(good: np.ndarray, drawn_points: np.ndarray) -> None:
    masked, barred = good.copy(), good.copy()
    masked[112:176, 50:150] = 200
    barred[66:106, 40:160] = 20
    assert "The mouth of this face seems hidden" in " ".join(quality_notes(masked, found(drawn_points * 200)))
    assert "The eyes of this face seem hidden" in " ".join(quality_notes(barred, found(drawn_points * 200)))


def test_dark_glasses_hide_the_eyes_and_clear_ones_do_not(good: np.ndarray, drawn_points: np.ndarray) -> None:
    for colour, hidden in (((12, 12, 14), True), ((50, 40, 30), True), (None, False)):
        image = Image.fromarray(good)
        pen = ImageDraw.Draw(image)
        for x, y in drawn_points[:2] * 200:
            pen.ellipse([x - 22, y - 15, x + 22, y + 17], fill=colour, outline=(12, 12, 14))
        notes = " ".join(quality_notes(np.asarray(image), found(drawn_points * 200)))
        assert ("The eyes of this face seem hidden" in notes) == hidden


def test_a_board_whose_edges_are_seen_hides_the_mouth(good: np.ndarray, drawn_points: np.ndarray) -> None:
    barred = good.copy()
    barred[124:200] = (205, 160, 135)
    barred[158:] = (40, 60, 40)
    assert "The mouth of this face seems hidden" in " ".join(quality_notes(barred, found(drawn_points * 200)))


def test_a_hand_or_a_microphone_before_the_mouth_is_noticed() -> None:
    source, rng = load_bundled(), np.random.default_rng(0)
    noticed = {"": 0, "hand": 0, "microphone": 0}
    rows = range(0, len(source), 100)
    for row in rows:
        record = source[row]
        assert record.landmarks is not None
        points = five_points(record.landmarks)
        for cover in noticed:
            photo = covered(to_colour(record.image), points, cover, rng) if cover else record.image
            noticed[cover] += any("mouth" in note for note in quality_notes(photo, found(points)))
    assert noticed[""] == 0
    assert min(noticed["hand"], noticed["microphone"]) >= 0.8 * len(rows)


def test_what_the_detector_doubts_is_perhaps_no_photo_of_a_person(good: np.ndarray, drawn_points: np.ndarray) -> None:
    (note,) = quality_notes(good, found(drawn_points * 200, score=0.8))
    assert all(word in note for word in ("drawing", "statue", "animal"))


def test_a_face_cut_off_by_the_edge_is_noted(good: np.ndarray, drawn_points: np.ndarray) -> None:
    half = np.ascontiguousarray(good[:, 110:])
    notes = quality_notes(half, found(drawn_points * 200 - (110, 0)))
    assert "cut off by the edge" in " ".join(notes)
    assert all(note.endswith(".") for note in notes)
