"""The network's anchors, and the rules by which boxes of several looks are one face."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from fer_demo.faces.retina import WEIGHTS, DetectedFace, _anchors, _average, _strongest, distinct


def face(left: float, top: float, right: float, bottom: float, score: float) -> DetectedFace:
    return DetectedFace((left, top, right, bottom), np.zeros((5, 2)), score)


def test_anchors_are_two_per_cell_of_three_grids() -> None:
    centres, sizes = _anchors(64, 96)
    assert len(centres) == len(sizes) == 2 * (8 * 12 + 4 * 6 + 2 * 3)
    assert centres[:3].tolist() == [[4, 4], [4, 4], [12, 4]]
    assert sizes[:2].ravel().tolist() == [16, 32]
    assert sizes[-2:].ravel().tolist() == [256, 512]


def test_overlapping_boxes_are_one_face() -> None:
    boxes = np.array([(0, 0, 10, 10), (1, 0, 11, 10), (20, 20, 30, 30), (0, 0, 10, 10)], float)
    faces = _strongest(boxes, np.zeros((4, 5, 2)), np.array([0.8, 0.9, 0.95, 0.3]), least=0.5)
    assert [face.score for face in faces] == [0.95, 0.9]


def test_the_same_face_seen_twice_is_averaged() -> None:
    one = DetectedFace((0.0, 0.0, 10.0, 10.0), np.zeros((5, 2)), 0.8)
    two = DetectedFace((2.0, 0.0, 12.0, 10.0), np.ones((5, 2)), 1.0)
    other = DetectedFace((50.0, 0.0, 60.0, 10.0), np.ones((5, 2)), 0.7)
    mean, alone = _average([one], [other, two])
    assert mean.box == (1.0, 0.0, 11.0, 10.0)
    assert mean.points.mean() == 0.5
    assert mean.score == pytest.approx(0.9)
    assert alone is other


def test_what_lies_in_a_surer_face_is_a_part_of_it() -> None:
    whole, half, mouth = face(0, 0, 100, 100, 0.99), face(0, 50, 100, 100, 0.8), face(30, 60, 70, 80, 0.9)
    beside = face(80, 0, 180, 100, 0.7)
    assert distinct([half, beside, mouth, whole]) == [whole, beside]


def test_a_small_sure_face_does_not_hide_a_large_one_around_it() -> None:
    small, large = face(40, 40, 60, 60, 0.99), face(0, 0, 100, 100, 0.8)
    assert distinct([large, small]) == [small, large]


def test_the_bundled_weights_are_the_ones_whose_provenance_is_told() -> None:
    provenance = WEIGHTS.with_name("PROVENANCE.md").read_text(encoding="utf-8")
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() in provenance
    assert "MIT License" in provenance
