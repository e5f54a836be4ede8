"""What a recipe learns from: labels in the right places, equal pictures on one side, people numbered steadily."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.alignment import TEMPLATE
from training.data.augmentation import PLAIN
from training.data.expression_faces import legible
from training.data.face_set import MARGIN, UNKNOWN, build_face_set, crop_side, held_out, number_persons, vote_shares
from training.data.factorial_faces import FactorialFaces
from training.data.splits import is_stranger
from training.data.transfer_faces import TransferFaces
from training.tdgan.batches import TransferBatches


def stored(shade: int, side: int = 48) -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side), shade, np.uint8)).save(buffer, format="PNG")
    return {"bytes": buffer.getvalue(), "path": None}


def source(shades: list[int], **columns: list[object]) -> FaceSource:
    return FaceSource("test", pa.table({"image": [stored(shade) for shade in shades], **columns}))


def test_labels_land_in_their_places_and_missing_ones_are_unknown() -> None:
    faces = build_face_set(
        source([10, 20, 30], expression=["happy", None, "contempt"], person=["ann", "bob", None]), 32, {"bob": 4}
    )
    assert faces.expression.tolist() == [BASIC.index("happy"), UNKNOWN, UNKNOWN]
    assert faces.person.tolist() == [UNKNOWN, 4, UNKNOWN]
    assert faces.crops.shape == (3, crop_side(32), crop_side(32))
    assert faces.crops[:, 20, 20].tolist() == [10, 20, 30]


def test_votes_become_shares_of_the_eight_expressions_and_others_do_not_count() -> None:
    shares = vote_shares(np.array([0, 6, 0, 0, 0, 0, 0, 2, 1, 1]))  # happiness 6, contempt 2, unknown 1, no face 1
    assert shares[WITH_CONTEMPT.index("happy")] == pytest.approx(0.75)
    assert shares[WITH_CONTEMPT.index("contempt")] == pytest.approx(0.25)
    assert shares.sum() == pytest.approx(1.0)
    assert vote_shares(None).sum() == 0


def test_equal_pictures_are_on_the_same_side_of_the_validation_cut() -> None:
    shades = list(range(0, 250, 2))
    apart = held_out(source(shades + shades[::-1]), share=0.5)
    assert (apart[: len(shades)] == apart[len(shades) :][::-1]).all()
    assert 0.3 < apart.mean() < 0.7


def test_the_cuts_of_two_folds_have_no_picture_in_common() -> None:
    faces = source(list(range(250)))
    first, second = (held_out(faces, share=0.2, fold=fold) for fold in (0, 1))
    assert not (first & second).any()
    assert first.sum() > 20
    assert second.sum() > 20
    every = np.stack([held_out(faces, share=0.2, fold=fold) for fold in range(5)])
    assert (every.sum(axis=0) == 1).all()


def test_landmarks_follow_the_face_into_its_crop() -> None:
    points = np.full((68, 2), 24.0)
    # On the template already, so that the crop is the picture with a margin.
    points[36:42], points[42:48], points[30], points[48], points[54] = TEMPLATE * 48
    faces = build_face_set(source([5], landmarks=[points.ravel().tolist()], head_pose=[[30.0, 10.0, 5.0]]), 32)
    assert faces.landmarks.shape == (1, 68, 2)
    assert faces.landmarks[0, 0].tolist() == pytest.approx([0, 0], abs=1e-5)
    assert faces.landmarks[0, 30].tolist() == pytest.approx([0, (0.577 - 0.5) * 2 / (1 + 2 * MARGIN)], abs=1e-3)
    assert faces.pose.tolist() == [[30.0, 10.0]]


def test_points_align_a_face_and_useless_ones_count_as_absent() -> None:
    gradient = np.tile(np.arange(96, dtype=np.uint8) * 2, (48, 1))
    Image.fromarray(gradient).save(buffer := io.BytesIO(), format="PNG")
    wide = {"bytes": buffer.getvalue(), "path": None}

    def crop(**columns: list[object]) -> torch.Tensor:
        return build_face_set(FaceSource("test", pa.table({"image": [wide], **columns})), 48).crops[0]

    middle, left = TEMPLATE * 48 + [24, 0], TEMPLATE * 48
    assert crop()[30, 30] == pytest.approx(2 * 48, abs=3)  # the middle square of a wide picture
    assert (crop(points=[middle.ravel().tolist()]).int() - crop().int()).abs().max() <= 1
    assert crop(points=[left.ravel().tolist()])[30, 30] == pytest.approx(2 * 24, abs=3)
    for landmarks in (np.full((68, 2), np.nan), np.zeros((68, 2))):
        assert (crop(landmarks=[landmarks.ravel().tolist()]) == crop()).all()
        faces = build_face_set(FaceSource("t", pa.table({"image": [wide], "landmarks": [landmarks.tolist()]})), 48)
        assert not faces.landmarks.any()


def test_people_are_numbered_by_how_many_photos_they_have() -> None:
    names = ["cy", "ann", "ann", "bob", "bob", "bob", None]
    assert number_persons(names) == {"bob": 0, "ann": 1, "cy": 2}
    assert number_persons(names, most=1) == {"bob": 0}


def test_whether_somebody_is_a_stranger_depends_on_the_name_alone() -> None:
    names = [f"person {number}" for number in range(2000)]
    strangers = [name for name in names if is_stranger(name)]
    assert 0.03 < len(strangers) / len(names) < 0.07
    assert strangers == [name for name in reversed(names) if is_stranger(name)][::-1]


def test_faint_and_unlabelled_faces_teach_no_expression_but_neutral_ones_do() -> None:
    faces = build_face_set(source([1, 2, 3, 4], expression=["happy", "sad", "neutral", None]), 32)
    object.__setattr__(faces, "intensity", torch.tensor([0.9, 0.1, 0.0, 1.0]))
    assert legible(faces).expression.tolist() == [BASIC.index("happy"), BASIC.index("neutral")]


def test_an_empty_dataset_is_refused() -> None:
    with pytest.raises(DataError, match="no faces"):
        build_face_set(source([1]).select([]), 32)


def pairs(fixed: bool) -> TransferBatches:
    people = build_face_set(source([10, 20, 30], person=["a", "b", "c"]), 32, {"a": 0, "b": 1, "c": 2})
    labels: list[object] = ["happy", "sad", "happy", "happy", "happy", "happy"]
    expressions = build_face_set(source([100, 110, 120, 130, 140, 150], expression=labels), 32)
    shades = torch.arange(8, dtype=torch.uint8).reshape(4, 2, 1, 1) * 10
    rendered = FactorialFaces(shades.expand(4, 2, 40, 40).contiguous(), torch.tensor([3, 4]))
    faces = TransferFaces(people, expressions, expressions, people, rendered, None, persons=3 + 4)
    return TransferBatches(faces, 32, PLAIN, synthetic_share=0.5, fixed_pairs=fixed, balanced=not fixed)


def shade(faces: torch.Tensor) -> list[int]:
    return [round(float((value + 1) * 127.5)) for value in faces.mean(dim=(1, 2, 3))]


def test_fixed_pairs_always_meet_and_the_smaller_set_repeats() -> None:
    batch = pairs(fixed=True).draw(40, np.random.default_rng(0), torch.Generator())
    for person, driver in zip(shade(batch.identity_faces[:20]), shade(batch.expression_faces[:20]), strict=True):
        assert person == ((driver - 100) // 10 % 3 + 1) * 10


def test_balanced_drawing_shows_rare_expressions_as_often_as_common_ones() -> None:
    batch = pairs(fixed=False).draw(400, np.random.default_rng(0), torch.Generator())
    happy = (batch.expression[:200] == BASIC.index("happy")).float().mean()
    assert 0.4 < happy < 0.6


def test_a_counterfactual_is_the_same_person_with_the_drivers_expression_instance() -> None:
    batch = pairs(fixed=True).draw(40, np.random.default_rng(1), torch.Generator())
    assert batch.real == 20
    assert batch.truth is not None
    drivers, truths = shade(batch.expression_faces[20:]), shade(batch.truth)
    for person, driver, truth in zip(batch.person[20:].tolist(), drivers, truths, strict=True):
        assert truth // 20 == person - 3  # rendered people are numbered after the photographed ones
        assert truth % 20 == driver % 20  # person p's instance b has shade 20 p + 10 b


def test_held_out_people_are_the_last_ones() -> None:
    faces = FactorialFaces(torch.zeros(10, 2, 4, 4, dtype=torch.uint8), torch.tensor([0, 1]))
    training, strangers = faces.split()
    assert len(training.crops) == 9
    assert len(strangers.crops) == 1
