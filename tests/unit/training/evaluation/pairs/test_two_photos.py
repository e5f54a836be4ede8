"""Strangers with two photographs: who they are, and how the turn of a head is taken out of their points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.stable_frame import STABLE, in_stable_frame
from tests.unit.training.evaluation.pairs.pairs_made_up import STRANGERS, write_photographs
from training.evaluation.pairs.data import LFW, Photo, Task
from training.evaluation.pairs.two_photos import Photographs, most_different, motion_of_turns, photo_task, turned

MOVING = np.setdiff1d(np.arange(68), STABLE)


def some_motion(seed: int, rows: int = 1) -> np.ndarray:
    """Of the stable frame, whose own points stay."""
    motion = np.zeros((rows, 68, 2))
    motion[:, MOVING] = np.random.default_rng(seed).normal(0, 0.01, (rows, len(MOVING), 2))
    return motion.reshape(rows, 136)


@pytest.fixture
def face() -> np.ndarray:
    landmarks = load_bundled()[0].landmarks
    assert landmarks is not None
    return np.asarray(landmarks, float)


def test_the_two_photographs_that_differ_most_are_taken_and_such_as_hardly_differ_are_not() -> None:
    units = np.zeros((5, 52))
    units[[1, 2, 3, 4], [0, 1, 0, 0]] = (0.9, 0.7, 0.1, 0.5)
    assert most_different(units, (0, 1, 2, 3)) == (1, 2)
    assert most_different(units, (0, 1, 3)) == (0, 1)
    assert most_different(units, (0, 3, 4)) is None


def test_a_turn_moves_points_as_it_was_learnt_whatever_the_faces_show(face: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    by_degree, by_unit = some_motion(2, 2), some_motion(3, 52)
    count = 200
    turns, units = rng.normal(0, 8, (count, 2)), rng.uniform(0, 1, (count, 52))
    units[:, 0] += 0.05 * turns[:, 1]  # who nods smiles
    shape = in_stable_frame(face)
    shapes = shape.ravel() + turns @ by_degree + units @ by_unit
    # Each photograph has its own size and place.
    sizes, places = rng.uniform(80, 200, (count, 1, 1)), rng.uniform(0, 50, (count, 1, 2))
    landmarks = sizes * shapes.reshape(count, 68, 2) + places
    table = pa.table({"image": [b""] * count, "landmarks": landmarks.tolist()})
    people = tuple((row, row + 1) for row in range(0, count, 2))
    photographs = Photographs(FaceSource("made up", table), people, turns, units)
    assert motion_of_turns(photographs, people) == pytest.approx(by_degree, abs=1e-6)


def test_the_points_of_a_photo_are_turned_and_its_picture_stays(face: np.ndarray) -> None:
    photo = Photo("x", "another photo", FaceCrop(np.zeros((8, 8, 3), np.uint8), None), 1.5 * face @ [[0, 1], [-1, 0]])
    motion = some_motion(4)[0]
    moved = turned(photo, motion)
    assert moved.crop is photo.crop
    found = in_stable_frame(moved.landmarks) - in_stable_frame(photo.landmarks)
    assert found == pytest.approx(motion.reshape(68, 2), abs=1e-6)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_photographs(folder)
    return folder


def task_in(data: Path) -> Task | None:
    return photo_task(data, RetinaFaceDetector(threads=1), load_model("face_landmarker"))


def test_strangers_alone_are_asked_for_their_other_photograph_both_ways(data: Path) -> None:
    task = task_in(data)
    assert task is not None
    assert (task.pairs, task.driven, task.people, len(task.cases)) == (LFW, True, 2, 4)
    for there, back in (task.cases[:2], task.cases[2:]):
        assert there.source.person in STRANGERS
        assert there.driver is back.source
        assert back.driver is there.source
        assert there.truth.crop is back.source.crop
        lfw = Photographs.read(data)
        motion = motion_of_turns(lfw, lfw.strangers(False))
        row = next(own[0] for own in lfw.strangers(True) if lfw.source.column("person")[own[0]] == there.source.person)
        by = (lfw.turns[row] - lfw.turns[row + 1]) @ motion
        np.testing.assert_allclose(there.truth.landmarks, turned(back.source, by).landmarks)
        np.testing.assert_allclose(back.truth.landmarks, turned(there.source, -by).landmarks)


def test_nobody_is_asked_where_poses_or_units_are_not_known_or_heads_look_aside(data: Path, tmp_path: Path) -> None:
    (tmp_path / "lfw").mkdir()
    table = pq.read_table(data / "lfw" / "train.parquet")
    aside = table.set_column(table.column_names.index("head_pose"), "head_pose", pa.array([[30.0, 0.0, 0.0]] * 10))
    for written in (table.drop_columns(["units"]), table.drop_columns(["head_pose"]), aside):
        pq.write_table(written, tmp_path / "lfw" / "train.parquet")
        assert task_in(tmp_path) is None
