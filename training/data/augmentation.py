"""Random views of aligned faces: shift, zoom, turn, mirror, light, blur, noise and erasing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample

from training.data.face_set import MARGIN


@dataclass(frozen=True)
class CropJitter:
    """How far from the template square a random view may look."""

    zoom: float = 0.12  # scale in 1 +- this
    turn: float = 12.0  # degrees
    shift: float = 0.06  # fraction of the side
    mirror: float = 0.5  # probability


@dataclass(frozen=True)
class Augmentation(CropJitter):
    """How far a random view may stray; zero everywhere gives the template square itself."""

    contrast: float = 0.4  # factor in 1 +- this
    brightness: float = 0.25  # shift on the [-1, 1] range
    gamma: float = 0.35  # exponent in exp(+- this)
    blur: float = 0.2  # probability of a 3 x 3 mean
    erase: float = 0.25  # probability of a grey rectangle of up to a third of the side
    side_light: float = 0.0  # brightness that light from one side adds there and takes away opposite
    grain: float = 0.0  # largest standard deviation of the noise added to a view


PLAIN = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
FOR_PAINTERS = Augmentation(  # nothing is blurred or erased that a network would learn to paint
    zoom=0.08, turn=8.0, shift=0.04, contrast=0.3, brightness=0.2, gamma=0.25, blur=0.0, erase=0.0
)


class Placement(NamedTuple):
    """Where in the stored crops each view looks."""

    rows: Float[Tensor, "batch 2 3"]  # from view to stored crop, both from -1 to 1
    mirrored: Bool[Tensor, " batch"]

    def moved(self, points: Float[Tensor, "batch points 2"]) -> Float[Tensor, "batch points 2"]:
        """Points of the stored crops where the views show them; mirrored ones keep their numbers."""
        inverse = torch.linalg.inv(self.rows[:, :, :2])
        return (points - self.rows[:, None, :, 2]) @ inverse.transpose(1, 2)


def draw_placement(count: int, settings: CropJitter, generator: torch.Generator) -> Placement:
    """Where `count` random views look."""
    device = generator.device

    def uniform(spread: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator, device=device) * 2 - 1) * spread

    zoom = (1 + uniform(settings.zoom)) / (1 + 2 * MARGIN)
    turn = uniform(settings.turn * math.pi / 180)
    mirrored = torch.rand(count, generator=generator, device=device) < settings.mirror
    sign = torch.where(mirrored, -1.0, 1.0)
    shift = uniform(2 * settings.shift, 2) / (1 + 2 * MARGIN)
    rows = [
        torch.stack([sign * zoom * turn.cos(), -zoom * turn.sin(), shift[:, 0]], dim=1),
        torch.stack([sign * zoom * turn.sin(), zoom * turn.cos(), shift[:, 1]], dim=1),
    ]
    return Placement(torch.stack(rows, dim=1), mirrored)


def random_views(
    crops: UInt8[Tensor, "batch stored stored"], size: int, settings: Augmentation, generator: torch.Generator
) -> Float[Tensor, "batch 1 size size"]:
    """Views in [-1, 1] of crops that were stored with MARGIN."""
    return placed_views(crops, size, settings, generator)[0]


def views_alike(
    one: UInt8[Tensor, "batch stored stored"],
    other: UInt8[Tensor, "batch stored stored"],
    size: int,
    settings: Augmentation,
    rng: np.random.Generator,
) -> tuple[Float[Tensor, "batch 1 size size"], Float[Tensor, "batch 1 size size"]]:
    """Two pictures of each person, a face and its truth, under one random view."""
    seed = int(rng.integers(2**62))
    first, second = (
        random_views(crops, size, settings, torch.Generator(crops.device).manual_seed(seed)) for crops in (one, other)
    )
    return first, second


def placed_views(
    crops: UInt8[Tensor, "batch stored stored"], size: int, settings: Augmentation, generator: torch.Generator
) -> tuple[Float[Tensor, "batch 1 size size"], Placement]:
    """Random views and where they look."""
    count, device = len(crops), crops.device

    def uniform(spread: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator, device=device) * 2 - 1) * spread

    def happens(probability: float) -> Tensor:
        return torch.rand(count, generator=generator, device=device) < probability

    placement = draw_placement(count, settings, generator)
    if count == 0:  # a share of a small batch may round to none
        return torch.zeros(0, 1, size, size, device=device), placement
    grid = affine_grid(placement.rows, [count, 1, size, size], align_corners=False)
    views = grid_sample(crops[:, None].float(), grid, padding_mode="reflection", align_corners=False) / 255
    gamma = uniform(settings.gamma, 1, 1, 1).exp()
    views = views.clamp(0, 1).pow(gamma) * 2 - 1
    mean = views.mean(dim=(2, 3), keepdim=True)
    views = (views - mean) * (1 + uniform(settings.contrast, 1, 1, 1)) + mean + uniform(settings.brightness, 1, 1, 1)
    blurred = happens(settings.blur)[:, None, None, None]
    views = torch.where(blurred, avg_pool2d(views, 3, 1, 1, count_include_pad=False), views)
    if settings.side_light:
        ramp = torch.linspace(-1, 1, size, device=device)
        across, down = uniform(settings.side_light, 2, 1, 1, 1).unbind(dim=1)
        views = views + across * ramp + down * ramp[:, None]
    if settings.grain:
        strength = uniform(settings.grain, 1, 1, 1).abs()
        views = views + strength * torch.randn(views.shape, generator=generator, device=device)
    return _erase(views.clamp(-1, 1), happens(settings.erase), uniform), placement


def plain_views(crops: UInt8[Tensor, "batch stored stored"], size: int) -> Float[Tensor, "batch 1 size size"]:
    """The template squares themselves, in [-1, 1]."""
    start = (crops.shape[-1] - size) // 2
    return crops[:, None, start : start + size, start : start + size].float() / 127.5 - 1


def _erase(views: Tensor, chosen: Tensor, uniform) -> Tensor:  # type: ignore[no-untyped-def]
    side = views.shape[-1]
    centre = (uniform(1.0, 2) + 1) / 2 * side
    half = (uniform(1 / 3, 2) + 2 / 3) * side / 6
    position = torch.arange(side, device=views.device)
    inside_x = (position - centre[:, :1]).abs() < half[:, :1]
    inside_y = (position - centre[:, 1:]).abs() < half[:, 1:]
    hole = (inside_y[:, :, None] & inside_x[:, None, :])[:, None] & chosen[:, None, None, None]
    return views.masked_fill(hole, 0.0)
