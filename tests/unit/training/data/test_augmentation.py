"""Random views stay in range, repeat with their generator, and do nothing when told so."""

from __future__ import annotations

import torch

from training.data.augmentation import PLAIN, Augmentation, placed_views, plain_views, random_views
from training.data.face_set import crop_side


def gradient_crops(count: int, size: int) -> torch.Tensor:
    side = crop_side(size)
    row = torch.linspace(0, 255, side).round().to(torch.uint8)
    return row.expand(count, side, side).contiguous()


def test_views_without_any_change_are_the_plain_views() -> None:
    crops = gradient_crops(3, 48)
    views = random_views(crops, 48, PLAIN, torch.Generator().manual_seed(0))
    assert torch.allclose(views, plain_views(crops, 48), atol=0.02)


def test_the_same_generator_state_gives_the_same_views() -> None:
    crops = gradient_crops(4, 32)
    first, second = (random_views(crops, 32, Augmentation(), torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, second)


def test_views_stay_in_range_and_size() -> None:
    views = random_views(gradient_crops(64, 40), 40, Augmentation(), torch.Generator().manual_seed(1))
    assert views.shape == (64, 1, 40, 40)
    assert views.min() >= -1
    assert views.max() <= 1


def test_mirroring_always_turns_a_rising_picture_into_a_falling_one() -> None:
    settings = Augmentation(0, 0, 0, mirror=1.0, contrast=0, brightness=0, gamma=0, blur=0, erase=0)
    crops = gradient_crops(2, 32)
    views = random_views(crops, 32, settings, torch.Generator().manual_seed(0))
    assert torch.allclose(views.flip(-1), plain_views(crops, 32), atol=0.02)


def test_erasing_always_leaves_a_grey_hole() -> None:
    settings = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, erase=1.0)
    crops = torch.full((8, crop_side(32), crop_side(32)), 255, dtype=torch.uint8)
    views = random_views(crops, 32, settings, torch.Generator().manual_seed(3))
    erased = (views == 0).flatten(1).float().mean(dim=1)
    assert (erased > 0).all()
    assert (erased < 0.12).all()  # at most a third of the side, each way


def test_points_move_with_the_picture() -> None:
    settings = Augmentation(zoom=0.2, turn=30, shift=0.1, contrast=0, brightness=0, gamma=0, blur=0, erase=0)
    side = crop_side(64)
    crops = torch.zeros(16, side, side, dtype=torch.uint8)
    crops[:, 30:33, 50:53] = 255  # a dot whose centre is pixel 31, 51
    views, placement = placed_views(crops, 64, settings, torch.Generator().manual_seed(0))
    point = torch.tensor([51.5, 31.5]) * 2 / side - 1
    places = (placement.moved(point.expand(16, 1, 2))[:, 0] + 1) * 32 - 0.5  # in pixels of the view
    bright = (views[:, 0] + 1).flatten(1)
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    centres = torch.stack([(bright * axis.flatten()).sum(1) / bright.sum(1) for axis in (columns, rows)], dim=1)
    assert placement.mirrored.any()
    assert not placement.mirrored.all()
    torch.testing.assert_close(places, centres, atol=0.35, rtol=0)


def test_light_from_one_side_brightens_it_and_darkens_the_other() -> None:
    settings = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, side_light=0.4)
    crops = torch.full((8, crop_side(32), crop_side(32)), 128, dtype=torch.uint8)
    views = random_views(crops, 32, settings, torch.Generator().manual_seed(3))
    left, right = views[:, 0, :, :8].mean(dim=(1, 2)), views[:, 0, :, -8:].mean(dim=(1, 2))
    assert ((left > 0.004) != (right > 0.004)).all()


def test_views_of_another_size_show_the_same_square() -> None:
    crops = gradient_crops(1, 48)
    small = random_views(crops, 24, PLAIN, torch.Generator().manual_seed(0))
    whole = plain_views(crops, 48)
    assert torch.allclose(small, torch.nn.functional.avg_pool2d(whole, 2), atol=0.03)
