"""A network that looks at a part of the crop, and maps that lie on the whole of it again."""

from __future__ import annotations

import pytest
import torch

from fer_demo.errors import CheckpointError
from fer_demo.layers.trim import BackInPlace, check_margins, trimmed

SEVENTHS = (1 / 7, 1 / 7, 1 / 7, 0.0)


def test_margins_are_cut_off_in_whole_pixels() -> None:
    faces = torch.arange(56 * 56.0).view(1, 1, 56, 56)
    assert torch.equal(trimmed(faces, SEVENTHS), faces[:, :, 8:, 8:48])
    assert trimmed(faces, (0.0, 0.0, 0.0, 0.0)).shape == faces.shape
    assert trimmed(faces[:, :, :35, :35], SEVENTHS).shape == (1, 1, 30, 25)


def test_maps_of_a_trimmed_crop_are_put_back_where_they_were_seen() -> None:
    maps = torch.rand(2, 3, 6, 5)  # 48 x 40 pixels at an eighth
    whole = BackInPlace(SEVENTHS)(maps)
    assert whole.shape == (2, 3, 7, 7)
    assert torch.equal(whole[:, :, 1:, 1:6], maps)
    assert whole.sum() == pytest.approx(float(maps.sum()), rel=1e-5)


@pytest.mark.parametrize(
    "margins", [(0.1, 0.1, 0.1), (0.5, 0.0, 0.5, 0.0), (0.0, 0.6, 0.0, 0.6), (-0.1, 0.0, 0.0, 0.0)]
)
def test_margins_that_leave_nothing_are_refused(margins: tuple[float, ...]) -> None:
    with pytest.raises(CheckpointError, match="leave a part of the crop"):
        check_margins(margins)
