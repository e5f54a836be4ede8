"""Random views stay in range, repeat with their generator, and do nothing when told so."""

from __future__ import annotations

import torch

from training.augmentation import PLAIN, Augmentation, plain_views, random_views
from training.face_set import crop_side


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
