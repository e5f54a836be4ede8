"""The detector finds a drawn face at any size, several at once, and nothing where there is nothing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from fer_demo.faces.detection import (
    WEIGHTS,
    DetectedFace,
    RetinaFaceDetector,
    _anchors,
    _average,
    _overlap,
    _strongest,
    _view,
)


@pytest.fixture(scope="module")
def detector() -> RetinaFaceDetector:
    return RetinaFaceDetector(threads=1)


@pytest.mark.parametrize("side", [48, 128, 210, 300, 900])
def test_a_face_is_found_with_its_points_at_any_size(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray], drawn_points: np.ndarray, side: int
) -> None:
    (face,) = detector.detect(drawn_face(side))
    assert face.score > 0.9
    eye_distance = side * (drawn_points[1, 0] - drawn_points[0, 0])
    assert np.linalg.norm(face.points - drawn_points * side, axis=1).max() < 0.15 * eye_distance
    left, top, right, bottom = face.box
    assert 0 <= left < face.points[:, 0].min() < face.points[:, 0].max() < right <= side
    assert 0 <= top < face.points[:, 1].min() < face.points[:, 1].max() < bottom <= side


def test_grey_pictures_are_taken_too(detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]) -> None:
    assert len(detector.detect(drawn_face(100).mean(axis=2).astype(np.uint8))) == 1


def test_several_faces_come_largest_first(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]
) -> None:
    photo = np.full((700, 1000, 3), (120, 130, 140), np.uint8)
    for side, left, top in ((150, 40, 60), (400, 300, 200), (220, 740, 30)):
        photo[top : top + side, left : left + side] = drawn_face(side)
    faces = detector.detect(photo)
    assert [round(face.points[0, 0]) // 100 for face in faces] == [4, 8, 0]
    assert faces[0].area > faces[1].area > faces[2].area


def test_small_faces_are_found_by_a_second_look(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]
) -> None:
    photo = np.full((900, 1600, 3), (120, 130, 140), np.uint8)
    photo[400:450, 700:750] = drawn_face(50)
    (face,) = detector.detect(photo)
    assert np.allclose(face.points.mean(axis=0), (725, 428), atol=6)


def test_empty_pictures_have_no_face(detector: RetinaFaceDetector) -> None:
    for shape in ((48, 48, 3), (300, 500, 3), (1000, 20, 3)):
        assert detector.detect(np.full(shape, 128, np.uint8)) == ()


def test_the_network_waits_for_the_first_photo() -> None:
    code = "import sys, fer_demo.faces.crops; print('onnxruntime' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"


def test_the_bundled_weights_are_the_ones_whose_provenance_is_told() -> None:
    told = WEIGHTS.with_name("PROVENANCE.md").read_text(encoding="utf-8")
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() in told
    assert "MIT License" in told


def test_anchors_are_two_per_cell_of_three_grids() -> None:
    centres, sizes = _anchors(64, 96)
    assert len(centres) == len(sizes) == 2 * (8 * 12 + 4 * 6 + 2 * 3)
    assert centres[:3].tolist() == [[4, 4], [4, 4], [12, 4]]
    assert sizes[:2].ravel().tolist() == [16, 32]
    assert sizes[-2:].ravel().tolist() == [256, 512]


def test_a_view_keeps_places_and_fills_with_the_mean() -> None:
    photo = np.full((40, 40, 3), 50, np.uint8)
    photo[10, 20] = 250
    view, scale = _view(photo, (-10.0, -10.0, 50.0, 50.0), 120)
    assert scale == 2.0
    assert view.shape == (120, 120, 3)
    assert np.unravel_index(view[..., 0].argmax(), (120, 120)) in ((40, 60), (40, 61), (41, 60), (41, 61))
    assert view[0, 0, 0] == 50


def test_overlapping_boxes_are_one_face() -> None:
    boxes = np.array([(0, 0, 10, 10), (1, 0, 11, 10), (20, 20, 30, 30), (0, 0, 10, 10)], float)
    faces = _strongest(boxes, np.zeros((4, 5, 2)), np.array([0.8, 0.9, 0.95, 0.3]), least=0.5)
    assert [face.score for face in faces] == [0.95, 0.9]
    assert _overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert _overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0


def test_the_same_face_seen_twice_is_averaged() -> None:
    one = DetectedFace((0.0, 0.0, 10.0, 10.0), np.zeros((5, 2)), 0.8)
    two = DetectedFace((2.0, 0.0, 12.0, 10.0), np.ones((5, 2)), 1.0)
    other = DetectedFace((50.0, 0.0, 60.0, 10.0), np.ones((5, 2)), 0.7)
    mean, alone = _average([one], [other, two])
    assert mean.box == (1.0, 0.0, 11.0, 10.0)
    assert mean.points.mean() == 0.5
    assert mean.score == pytest.approx(0.9)
    assert alone is other
