"""Warping by a known field."""

from __future__ import annotations

import torch

from fer_demo.layers.warping import enlarge, warp


def ramps(size: int) -> torch.Tensor:
    """Two channels that state the position, x and y, of each pixel's centre on [-1, 1]."""
    centres = (torch.arange(size) * 2 + 1) / size - 1
    return torch.stack([centres.expand(size, size), centres[:, None].expand(size, size)])[None]


def test_a_field_of_zeros_changes_nothing() -> None:
    picture = torch.rand(2, 3, 10, 14, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(warp(picture, torch.zeros(2, 2, 5, 7)), picture)


def test_a_pixel_shows_what_lies_where_the_field_points() -> None:
    flow = torch.tensor([0.25, -0.125])[None, :, None, None].expand(1, 2, 16, 16)
    moved = warp(ramps(16), flow)[0, :, 4:12, 4:12]
    torch.testing.assert_close(moved[0], ramps(16)[0, 0, 4:12, 4:12] + 0.25)
    torch.testing.assert_close(moved[1], ramps(16)[0, 1, 4:12, 4:12] - 0.125)


def test_the_same_field_moves_a_larger_picture_by_as_much_of_its_side() -> None:
    flow = torch.full((1, 2, 8, 8), 0.2)
    for size in (16, 64, 200):
        inner = slice(size // 4, size // 2)
        moved = warp(ramps(size), flow)[0, 0, inner, inner]
        pixel = 2 / size  # a cubic kernel follows a ramp to within a thirtieth of one
        torch.testing.assert_close(moved, ramps(size)[0, 0, inner, inner] + 0.2, atol=0.03 * pixel, rtol=0)


def test_beyond_the_edge_the_last_pixel_goes_on() -> None:
    moved = warp(ramps(8), torch.full((1, 2, 8, 8), 3.0))
    torch.testing.assert_close(moved, torch.full_like(moved, 1 - 1 / 8))


def test_a_field_of_the_right_size_is_left_as_it_is() -> None:
    field = torch.rand(1, 2, 6, 6)
    assert enlarge(field, 6, 6) is field
    assert enlarge(field, 12, 12).shape == (1, 2, 12, 12)
