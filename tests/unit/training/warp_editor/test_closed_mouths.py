"""Mouths that are closed by their landmarks: nothing of what was between the lips stays, and nothing else changes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.errors import DataError
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from fer_demo.synthetic.units import UNITS
from training.warp_editor.closed_mouths import open_mouths, with_closed_mouths, with_lips_together, with_mouth_units
from training.warp_editor.landmark_motion import CONTOUR, LOWER_LIP, MOUTH, UPPER_LIP

SIZE = 96
LOWERED = torch.tensor([0.12, 0.16, 0.12])  # the inner edge of the lower lip, in its three columns


def face(gap: float) -> Tensor:
    """(1, 51, 2) landmarks of the resting head, its lower lip lowered by so much of LOWERED."""
    points = torch.from_numpy(load_head_model().rest[LANDMARK_VERTICES][CONTOUR:, :2]).float() * torch.tensor([1, -1])
    points = points - points.mean(dim=0)
    points = points * 0.6 / points.abs().max()
    middle = (points[UPPER_LIP[:, 0]] + points[LOWER_LIP[:, 0]]) / 2
    points[UPPER_LIP[:, 0]] = points[LOWER_LIP[:, 0]] = middle
    points[LOWER_LIP, 1] += gap * LOWERED[:, None]
    return points[None]


def toothy(places: Tensor) -> Tensor:
    """A grey picture that is white between the lips."""
    axis = (torch.arange(SIZE) + 0.5) * 2 / SIZE - 1
    upper, lower = places[0, UPPER_LIP[:, 0]], places[0, LOWER_LIP[:, 0]]
    inside = (axis >= upper[0, 0]) & (axis <= upper[-1, 0])
    below = axis[:, None] > upper[:, 1].max()
    above = axis[:, None] < lower[:, 1].min()
    return (inside & below & above).float()[None, None]


def test_nothing_stays_of_what_was_between_the_lips() -> None:
    places = face(1.0)
    picture = toothy(places)
    assert picture.sum() > 20
    assert with_closed_mouths(picture, places).sum() < 0.05 * picture.sum()


def test_a_mirrored_mouth_closes_in_the_mirror() -> None:
    places = face(1.0)
    picture = toothy(places) + torch.rand(1, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) / 4
    mirrored = places * torch.tensor([-1.0, 1.0])  # landmarks keep their numbers
    closed = with_closed_mouths(picture, places)
    torch.testing.assert_close(with_closed_mouths(picture.flip(-1), mirrored), closed.flip(-1), atol=1e-3, rtol=0)


def test_brows_and_border_stay_where_they_are() -> None:
    picture = torch.rand(1, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    changed = (with_closed_mouths(picture, face(1.0)) - picture).abs()[0, 0]
    assert changed[:30].max() < 0.1
    assert changed[60:].max() > 0.2


def test_a_closed_mouth_moves_where_it_is_told() -> None:
    places = face(1.0)
    picture = torch.zeros(1, 1, SIZE, SIZE)
    x, y = ((places[0, 31] + 1) * SIZE / 2).long().tolist()  # a spot at a corner
    picture[0, 0, y - 1 : y + 2, x - 1 : x + 2] = 1
    shift = torch.zeros_like(places)
    shift[:, MOUTH, 1] = 0.1
    row = torch.arange(SIZE, dtype=torch.float32)[:, None]
    heights = [float((seen * row).sum() / seen.sum()) for seen in (
        with_closed_mouths(picture, places)[0, 0], with_closed_mouths(picture, places, shift)[0, 0]
    )]  # fmt: skip
    assert heights[1] - heights[0] == pytest.approx(0.1 * SIZE / 2, abs=1)


def test_units_of_a_closed_mouth_part_no_lips_and_keep_the_rest() -> None:
    units = with_lips_together(torch.ones(1, len(UNITS)))[0]
    shown = dict(zip(UNITS, units.tolist(), strict=True))
    assert shown["jawOpen"] == shown["mouthUpperUpLeft"] == shown["mouthLowerDownRight"] == 0
    assert shown["mouthSmileLeft"] == shown["browInnerUp"] == shown["jawLeft"] == 1


def test_only_the_mouths_units_are_taken_over() -> None:
    mixed = with_mouth_units(torch.zeros(1, len(UNITS)), torch.ones(1, len(UNITS)))[0]
    assert {name for name, value in zip(UNITS, mixed, strict=True) if value == 1} == {
        name for name in UNITS if name.startswith(("mouth", "jaw", "tongue"))
    }


def test_faces_with_parted_lips_are_found() -> None:
    contour = torch.zeros(3, CONTOUR, 2)
    landmarks = torch.cat([contour, torch.cat([face(1.0), face(0.0), torch.zeros(1, 51, 2)])], dim=1)
    assert open_mouths(landmarks).tolist() == [0]
    with pytest.raises(DataError, match="stage closed_mouths"):
        open_mouths(landmarks[1:])
