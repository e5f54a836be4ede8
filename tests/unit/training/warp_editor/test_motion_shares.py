"""How far units show in landmarks, found again in faces that were made so."""

from __future__ import annotations

import numpy as np
import torch

from fer_demo.faces.alignment import five_points, similarity
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from fer_demo.synthetic.units import UNITS, stem_of
from training.data.face_set import MARGIN
from training.warp_editor.landmark_motion import CONTOUR, projections, unit_motion
from training.warp_editor.motion_shares import SHARE, motion_shares

MADE = {"mouthSmile": 0.3, "jawOpen": 0.7, "browDown": 0.4}


def aligned_faces(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Landmarks of people who differ, aligned as photographs are; their units; how the head model moves landmarks."""
    rng = np.random.default_rng(0)
    straight = projections(np.zeros((1, 2)))[0]
    motion = np.einsum("ij,ljk->lik", straight, unit_motion())
    units = np.zeros((count, len(UNITS)))
    shown = units.copy()
    for column, name in enumerate(UNITS):
        stem = stem_of(name)
        if stem in MADE:
            units[:, column] = rng.uniform(0, 1, count)
            shown[:, column] = units[:, column] * MADE[stem]
    rest = load_head_model().rest[LANDMARK_VERTICES] @ straight.T
    people = rest + np.einsum("lik,fk->fli", motion, shown)
    people += rng.normal(0, 0.01, people.shape)
    places = []
    for face in people:
        forward = similarity(five_points(face), 2, MARGIN)
        places.append(face @ forward[:, :2].T + forward[:, 2] - 1)
    made = np.stack(places)[:, CONTOUR:], units, motion[CONTOUR:]
    return tuple(torch.from_numpy(part).float() for part in made)  # type: ignore[return-value]


def test_shares_are_found_though_people_differ_and_alignment_hides_some_of_the_motion() -> None:
    shares = dict(zip(UNITS, motion_shares(*aligned_faces(1_500)).tolist(), strict=True))
    found = np.array([shares["mouthSmileLeft"], shares["jawOpen"], shares["browDownRight"]])
    np.testing.assert_allclose(found, [MADE["mouthSmile"], MADE["jawOpen"], MADE["browDown"]], atol=0.05)
    assert shares["mouthSmileLeft"] == shares["mouthSmileRight"]
    assert shares["cheekPuff"] == SHARE  # nobody shows it


def test_a_few_faces_tell_nothing() -> None:
    assert set(motion_shares(*aligned_faces(20)).tolist()) == {SHARE}
