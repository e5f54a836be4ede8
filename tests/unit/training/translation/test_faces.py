"""Which photographs count as agreed, how they are drawn, and where faces are still."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from training.data.agreed_faces import AgreedFaces, agreed
from training.data.expression_pairs import ExpressionPairs
from training.data.face_set import FaceSet
from training.translation.still_places import still_places, stirred

HAPPY, SAD, CONTEMPT = (WITH_CONTEMPT.index(name) for name in ("happy", "sad", "contempt"))


def voted(*rows: dict[int, float]) -> FaceSet:
    votes = torch.zeros(len(rows), len(WITH_CONTEMPT))
    for index, row in enumerate(rows):
        for name, share in row.items():
            votes[index, name] = share
    count = len(rows)
    units, landmarks, pose = (torch.zeros(count, *shape) for shape in ((52,), (68, 2), (2,)))
    crops, person = torch.zeros(count, 8, 8, dtype=torch.uint8), torch.arange(count)
    return FaceSet(crops, torch.zeros_like(person), person, votes, units, landmarks, pose, torch.ones(count))


def test_a_face_is_agreed_on_by_more_than_that_share_of_its_voters_and_takes_their_name() -> None:
    faces = voted({HAPPY: 0.6, SAD: 0.4}, {HAPPY: 0.5, SAD: 0.5}, {SAD: 1.0}, {CONTEMPT: 1.0}, {})
    kept = agreed(faces, 0.5)
    assert kept.person.tolist() == [0, 2]
    assert kept.expression.tolist() == [BASIC.index("happy"), BASIC.index("sad")]


def test_a_rare_expression_is_drawn_as_often_as_a_frequent_one() -> None:
    faces = agreed(voted(*[{HAPPY: 1.0}] * 40, {SAD: 1.0}), 0.5)
    labels = faces.expression.numpy()
    drawn = AgreedFaces(faces, faces, tuple(np.flatnonzero(labels == label) for label in (HAPPY, SAD)))
    sample = drawn.sample(2000, np.random.default_rng(0))
    assert 900 < int((sample.expression == SAD).sum()) < 1100


def pairs(source: Tensor, target: Tensor, rendered: bool) -> ExpressionPairs:
    count = len(source)
    return ExpressionPairs(
        source, target, torch.zeros(count).long(), torch.full((count,), rendered), ("a",) * count, {}
    )


def test_places_where_rendered_people_change_may_move_on_both_sides_and_the_others_are_still() -> None:
    source = torch.full((3, 40, 40), 100, dtype=torch.uint8)
    target = source.clone()
    target[:, 24:32, 6:18] = 200  # on the left alone
    still = still_places(pairs(source, target, rendered=True), 32)
    assert still.shape == (32, 32)
    torch.testing.assert_close(still, still.flip(1))
    assert still[:12].min() == 1
    assert still[22:26, 5:10].max() < 0.01
    face = torch.zeros(1, 1, 32, 32)
    above, below = face.clone(), face.clone()
    above[:, :, 2:6, 5:10] = below[:, :, 22:26, 5:10] = 1
    assert float(stirred(above, face, still)) > 0.015
    assert float(stirred(below, face, still)) < 0.001
    assert float(stirred(face, face, still)) == 0
