"""Random views that the pictures of one scene share, applied to the flow between them and to their units as well."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample

from training.data.augmentation import CropJitter, Placement, draw_placement
from training.data.mirroring import units_in_mirror


@dataclass(frozen=True)
class ViewSettings(CropJitter):
    """Ranges of a random view; zero everywhere gives the template square itself."""

    turn: float = 10.0  # degrees
    shift: float = 0.05  # fraction of the side
    contrast: float = 0.35  # factor in 1 +- this
    brightness: float = 0.25  # shift on the [-1, 1] range
    gamma: float = 0.45  # exponent in exp(+- this)
    side_light: float = 0.25  # change from the middle to the edge on the [-1, 1] range
    blur: float = 0.3  # probability of a 3 x 3 mean


PLAIN = ViewSettings(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Views:
    """One random view for each of B scenes."""

    placement: Placement
    gamma: Float[Tensor, "batch 1 1 1"]
    contrast: Float[Tensor, "batch 1 1 1"]
    brightness: Float[Tensor, "batch 1 1 1"]
    blurred: Bool[Tensor, "batch 1 1 1"]
    shade: Float[Tensor, "batch 2"]  # change of light across and down the picture

    def pictures(self, crops: UInt8[Tensor, "batch stored stored"], size: int) -> Float[Tensor, "batch 1 size size"]:
        """Crops that were stored with MARGIN, in these views, in [-1, 1]."""
        grid = affine_grid(self.placement.rows, [len(crops), 1, size, size], align_corners=False)
        views = grid_sample(crops[:, None].float(), grid, padding_mode="reflection", align_corners=False) / 255
        views = views.clamp(0, 1).pow(self.gamma) * 2 - 1
        ramp = torch.linspace(-1, 1, size, device=crops.device)
        light = self.shade[:, :1, None, None] * ramp + self.shade[:, 1:, None, None] * ramp[:, None]
        views = views * (1 + self.contrast) + self.brightness + light
        views = torch.where(self.blurred, avg_pool2d(views, 3, 1, 1, count_include_pad=False), views)
        return views.clamp(-1, 1)

    def flow(
        self, flow: Float[Tensor, "batch 2 cells cells"], visible: Float[Tensor, "batch 1 cells cells"], cells: int
    ) -> tuple[Float[Tensor, "batch 2 cells2 cells2"], Float[Tensor, "batch 1 cells2 cells2"]]:
        """The flow between two pictures in the same view."""
        grid = affine_grid(self.placement.rows, [len(flow), 3, cells, cells], align_corners=False)
        seen = grid_sample(torch.cat([flow, visible], dim=1), grid, align_corners=False)
        turned = torch.einsum("bij,bjhw->bihw", torch.linalg.inv(self.placement.rows[:, :, :2]), seen[:, :2])
        return turned, (seen[:, 2:] > 0.99).float()

    def units(self, units: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 52"]:
        """Left and right units swap in mirrored views."""
        return units_in_mirror(units, self.placement.mirrored)


def draw_views(count: int, settings: ViewSettings, generator: torch.Generator) -> Views:
    """Random views within the settings."""
    device = generator.device

    def uniform(spread: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator, device=device) * 2 - 1) * spread

    def happens(probability: float, *shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator, device=device) < probability

    return Views(
        placement=draw_placement(count, settings, generator),
        gamma=uniform(settings.gamma, 1, 1, 1).exp(),
        contrast=uniform(settings.contrast, 1, 1, 1),
        brightness=uniform(settings.brightness, 1, 1, 1),
        blurred=happens(settings.blur, 1, 1, 1),
        shade=uniform(settings.side_light, 2),
    )
