"""Mouths that one face lends another: only what is between the lips, in the other's light."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.errors import DataError
from fer_demo.synthetic.units import UNITS
from training.landmark_motion import CONTOUR
from training.lent_mouths import LOWER_EDGE, OPENING, UPPER_EDGE, Mouths, opening_units, with_lent_mouths

SIZE = 96


def mouth(gap: float, middle: float = 0.4, half_width: float = 0.3) -> Tensor:
    """(1, 51, 2) landmarks of which only the inner lips are in place: a rhombus so high in the middle."""
    places = torch.zeros(1, 51, 2)
    x = torch.linspace(-half_width, half_width, 5)
    arch = torch.tensor([0.0, 0.5, 1.0, 0.5, 0.0]) * gap / 2
    places[0, UPPER_EDGE] = torch.stack([x, middle - arch], dim=1)
    places[0, LOWER_EDGE] = torch.stack([x, middle + arch], dim=1)
    return places


def noise(seed: int) -> Tensor:
    return torch.rand(1, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)) - 0.5


def between_lips(gap: float) -> Tensor:
    axis = (torch.arange(SIZE) + 0.5) * 2 / SIZE - 1
    return (axis[:, None] - 0.4).abs() < gap / 2 * (1 - axis.abs() / 0.3)


def test_only_what_is_between_the_lips_changes() -> None:
    face = noise(0)
    changed = (with_lent_mouths(face, mouth(0.3), noise(1), mouth(0.2)) != face)[0, 0]
    assert changed.any()
    assert not changed[~between_lips(0.31)].any()
    assert changed[between_lips(0.2)].float().mean() > 0.95


def test_closed_lips_show_nothing() -> None:
    face = noise(0)
    torch.testing.assert_close(with_lent_mouths(face, mouth(0.0), noise(1), mouth(0.2)), face, atol=0.01, rtol=0)


def test_a_face_that_lends_to_itself_stays_the_same() -> None:
    face = noise(0)
    torch.testing.assert_close(with_lent_mouths(face, mouth(0.3), face, mouth(0.3)), face, atol=1e-4, rtol=0)


def test_teeth_come_in_the_light_of_the_face() -> None:
    lender = noise(1) * 0.2
    lender[:, 0, between_lips(0.3)] = 0.3  # teeth, lighter than anything else
    bright, dark = noise(0) * 0.5 + 0.3, noise(0) * 0.5 - 0.3
    shown = [
        with_lent_mouths(face, mouth(0.3), lender, mouth(0.3))[0, 0, between_lips(0.15)] for face in (bright, dark)
    ]
    torch.testing.assert_close(shown[0] - shown[1], torch.full_like(shown[0], 0.6), atol=1e-3, rtol=0)


def test_landmarks_of_a_mirrored_face_keep_their_numbers() -> None:
    face, lender, other = noise(0), noise(1), mouth(0.3)
    other[..., 1] += 0.05 * (other[..., 0] + 1)  # a slanting mouth, so that sides differ
    mirrored = mouth(0.3) * torch.tensor([-1.0, 1.0])
    plain = with_lent_mouths(face, mouth(0.3), lender, other)
    turned = with_lent_mouths(face.flip(-1), mirrored, lender, other)
    torch.testing.assert_close(turned.flip(-1), plain)


def test_mouths_are_sorted_by_their_gap_and_unknown_ones_are_left_out() -> None:
    faces = torch.zeros(4, CONTOUR + 51, 2)
    for row, gap in ((0, 0.0), (1, 0.3), (2, 0.05)):
        faces[row, CONTOUR:] = mouth(gap)[0]
    mouths = Mouths.of(faces)
    assert (mouths.closed.tolist(), mouths.open.tolist()) == ([0], [1])
    closed, open_ = mouths.draw(3, np.random.default_rng(0))
    assert closed.tolist() == [0, 0, 0]
    assert open_.tolist() == [1, 1, 1]


def test_people_without_landmarks_have_no_mouth_to_lend() -> None:
    with pytest.raises(DataError, match="leave out --opener"):
        Mouths.of(torch.zeros(4, CONTOUR + 51, 2))


def test_opening_sets_the_units_of_a_grin_and_leaves_the_others() -> None:
    own = torch.full((50, len(UNITS)), 0.07)
    opened = opening_units(own, torch.Generator().manual_seed(0))
    for index, name in enumerate(UNITS):
        low, high = OPENING.get(name, (0.07, 0.07))
        assert opened[:, index].min() >= low - 1e-6
        assert opened[:, index].max() <= high + 1e-6
    left, right = (opened[:, UNITS.index(f"mouthLowerDown{side}")] for side in ("Left", "Right"))
    assert left.std() > 0.1
    torch.testing.assert_close(left, right)
