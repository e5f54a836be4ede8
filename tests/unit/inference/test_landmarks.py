"""The bundled landmarker on rendered faces, whose landmarks are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.data.records import FaceRecord
from fer_demo.errors import CheckpointError
from fer_demo.faces.alignment import five_points
from fer_demo.faces.stable_frame import in_stable_frame
from fer_demo.images import to_grey
from fer_demo.inference.landmarks import MIRRORED, find_landmarks, look_again
from fer_demo.metrics.point_motion import REGIONS, motion_cosine, motion_size
from fer_demo.published.model import PublishedModel

PEOPLE = 12


@pytest.fixture(scope="module")
def landmarker() -> PublishedModel:
    return load_model("face_landmarker")


@pytest.fixture(scope="module")
def couples() -> list[tuple[FaceRecord, FaceRecord]]:
    """People at rest and smiling."""
    source = load_bundled()
    shown = list(zip(source.column("person"), source.column("expression"), strict=True))
    people = sorted(dict.fromkeys(source.column("person")))[:PEOPLE]
    return [(source[shown.index((one, "neutral"))], source[shown.index((one, "happy"))]) for one in people]


def found(landmarker: PublishedModel, records: list[FaceRecord], off: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    points = [five_points(record.landmarks) + rng.normal(0, off, (5, 2)) for record in records]
    return find_landmarks(landmarker, [record.image for record in records], points)


def eye_distance(records: list[FaceRecord]) -> np.ndarray:
    truth = np.stack([record.landmarks for record in records])
    return np.linalg.norm(truth[:, 36] - truth[:, 45], axis=1)[:, None, None]


def test_points_lie_where_they_were_rendered(
    landmarker: PublishedModel, couples: list[tuple[FaceRecord, FaceRecord]]
) -> None:
    records = [record for couple in couples for record in couple]
    off = (found(landmarker, records) - np.stack([record.landmarks for record in records])) / eye_distance(records)
    assert np.linalg.norm(off[:, 36:], axis=-1).mean() < 0.045  # eyes and mouth; a rendered brow is defined otherwise
    scattered = np.linalg.norm(off - off.mean(axis=0), axis=-1)
    assert scattered[:, 17:].mean() < 0.025


def test_the_motion_of_a_smile_is_the_rendered_one(
    landmarker: PublishedModel, couples: list[tuple[FaceRecord, FaceRecord]]
) -> None:
    made, true = (
        np.stack([in_stable_frame(one) for one in after]) - np.stack([in_stable_frame(one) for one in before])
        for before, after in (
            tuple(found(landmarker, list(records)) for records in zip(*couples, strict=True)),
            tuple(np.stack([record.landmarks for record in records]) for records in zip(*couples, strict=True)),
        )
    )
    for region in ("mouth", "brows"):
        one, other = (motion[:, REGIONS[region]].reshape(1, -1, 2) for motion in (made, true))
        assert motion_cosine(one, other)[0] > 0.88, region
        assert 0.8 < motion_size(one)[0] / motion_size(other)[0] < 1.3, region


def test_where_the_detector_put_its_points_hardly_matters(
    landmarker: PublishedModel, couples: list[tuple[FaceRecord, FaceRecord]]
) -> None:
    records = [before for before, _ in couples]
    moved = (found(landmarker, records, off=1.0) - found(landmarker, records)) / eye_distance(records)
    assert np.linalg.norm(moved[:, 17:], axis=-1).mean() < 0.005


def test_looking_again_at_the_same_photo_finds_the_same_points_in_grey_and_in_colour(
    landmarker: PublishedModel, couples: list[tuple[FaceRecord, FaceRecord]]
) -> None:
    records = [before for before, _ in couples]
    first = found(landmarker, records)
    for photos in ([record.image for record in records], [to_grey(record.image) for record in records]):
        again = look_again(landmarker, photos, first)
        assert (np.linalg.norm(again - first, axis=-1) / eye_distance(records)[..., 0]).mean() < 0.01


def test_mirroring_twice_changes_no_landmark_and_the_face_keeps_its_middle() -> None:
    assert sorted(MIRRORED) == list(range(68))
    np.testing.assert_array_equal(MIRRORED[MIRRORED], np.arange(68))
    assert np.flatnonzero(np.arange(68) == MIRRORED).tolist() == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_another_model_is_refused_in_a_sentence() -> None:
    with pytest.raises(CheckpointError, match="load the face_landmarker"):
        find_landmarks(load_model("expression_judge"), [], [])
