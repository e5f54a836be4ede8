"""Every degradation does what it says, by the stated amount, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.faces.alignment import five_points
from training.evaluation.recognition.crop_sensitivity import CROPS, CropAnswers, recropped
from training.evaluation.recognition.degradations import CURVES, blurred, compressed, covered, darkened, turned

CROP = np.random.default_rng(0).integers(60, 200, (80, 80), dtype=np.uint8)  # a face's 64 pixels and 8 on each side


@pytest.mark.parametrize("name", CURVES)
def test_a_degraded_crop_has_its_size_and_the_first_is_left_as_it_was(name: str) -> None:
    before = CROP.copy()
    for spoil in CURVES[name].values():
        result = spoil(CROP)
        assert (result.shape, result.dtype) == (CROP.shape, np.uint8)
        assert not np.array_equal(result, CROP)
    assert np.array_equal(CROP, before)


def test_a_blurred_point_spreads_by_the_stated_share_of_the_face() -> None:
    point = np.zeros((80, 80), np.uint8)
    point[36:44, 36:44] = 255
    soft = blurred(point, 0.05).astype(float)  # sigma 3.2 pixels of a face of 64
    columns = np.arange(80)
    mean = (soft.sum(axis=0) * columns).sum() / soft.sum()
    variance = (soft.sum(axis=0) * (columns - mean) ** 2).sum() / soft.sum()
    assert variance - (8**2 - 1) / 12 == pytest.approx(3.2**2, rel=0.1)


def test_darkness_keeps_the_stated_share_of_light() -> None:
    assert darkened(np.full((4, 4), 200, np.uint8), 0.25).tolist() == [[50] * 4] * 4


def test_halves_hide_half_of_the_face_and_all_of_its_margin() -> None:
    upper, lower = covered(CROP, "upper half"), covered(CROP, "lower half")
    assert (upper[:40] == 0).all()
    assert np.array_equal(upper[40:], CROP[40:])
    assert (lower[40:] == 0).all()
    assert np.array_equal(lower[:40], CROP[:40])


def test_covered_eyes_leave_the_mouth_and_the_other_way_round() -> None:
    assert (covered(CROP, "eyes")[28:38, 25:55] == 0).all()  # eyes lie at 0.40 of the template: row 33.6
    assert np.array_equal(covered(CROP, "eyes")[45:], CROP[45:])
    assert (covered(CROP, "mouth")[50:62, 26:54] == 0).all()  # the mouth at 0.749: row 55.9
    assert np.array_equal(covered(CROP, "mouth")[:48], CROP[:48])


def test_a_quarter_turn_is_exact() -> None:
    assert np.array_equal(turned(CROP, 90), np.rot90(CROP))


def test_stronger_compression_loses_more() -> None:
    losses = [np.abs(compressed(CROP, quality).astype(int) - CROP).mean() for quality in (95, 50, 10)]
    assert losses == sorted(losses)


@pytest.mark.parametrize(("name", "eye_share"), CROPS.items())
def test_a_framing_puts_the_eyes_the_stated_share_apart(name: str, eye_share: float) -> None:
    record = load_bundled()[0]
    assert record.landmarks is not None
    points = five_points(record.landmarks)
    picture, eyes = recropped(record.image, points, eye_share), points[:2]
    assert picture.shape[0] == picture.shape[1]
    assert math.dist(*eyes) / len(picture) == pytest.approx(eye_share, rel=0.02)


def test_framings_agree_where_all_of_them_answer_alike() -> None:
    answers = {"tight": np.array([1, 2, 3]), "wide": np.array([1, 2, 4]), "other": np.array([1, 0, 3])}
    assert CropAnswers(answers).agreement.tolist() == [True, False, False]
