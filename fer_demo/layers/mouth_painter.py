"""Mouth painter: a small diffusion model that repaints what no warp can fetch, teeth and the inside of a mouth.

It sees a small picture around the mouth with a part hidden, and the lips that shall be there as two
soft areas. It was taught by flow matching (Lipman et al. 2023; rectified flow, Liu et al. 2023): the network tells the
straight way from noise to picture. Then it was taught to go the whole way in one step, from the middle of the noise,
with a critic (as in adversarial diffusion distillation, Sauer et al. 2023, but beside photographs, without a teacher).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from fer_demo.layers.contours import soft_area
from fer_demo.layers.uncompiled import without_compiler

GROUPS = 8  # of the norms; widths are multiples of it
_PLANES = 6  # of the input: noisy picture, what is seen, where it is hidden, outer lips, inner lips, detail
_FOLD = 2  # pixels of each side that become channels: a network at half the side is three times as fast
_TIMES = 1000  # the U-Net counts time from 0 to this
# What a picture's brightness is multiplied by to be one unit: photographs of mouths then have a standard deviation of
# about a half. Parts of the brightness, not of the contrast, so that black stays black in flat light.
_UNIT = 0.54
_DARKEST = 0.1  # the least brightness a picture is held to have, of 2
FINEST, COARSEST = 0.0, -2.0  # detail: binary logarithm of the photo's pixels per pixel of the frame
# How firmly a mouth is held to what it is given; 1 is as it was taught (Ho and Salimans 2022).
BY_PERSON = 1.0  # to the face that is seen around it
BY_EXPRESSION = 1.0  # to the lips that are asked for


class MouthPainter(nn.Module):
    """A U-Net without attention that follows noise to a mouth."""

    def __init__(self, widths: tuple[int, ...], rows: int, columns: int) -> None:
        super().__init__()
        with without_compiler():
            from diffusers import UNet2DModel  # imported here: it takes long, and only this editor needs it

        levels = len(widths)
        self.network = UNet2DModel(
            sample_size=(rows // _FOLD, columns // _FOLD),
            in_channels=_PLANES * _FOLD**2,
            out_channels=_FOLD**2,
            block_out_channels=widths,
            layers_per_block=1,
            down_block_types=("DownBlock2D",) * levels,
            up_block_types=("UpBlock2D",) * levels,
            add_attention=False,
            norm_num_groups=GROUPS,
        )

    def velocity(
        self,
        noisy: Float[Tensor, "batch 1 rows columns"],
        times: Float[Tensor, " batch"],
        conditions: Float[Tensor, "batch 5 rows columns"],
    ) -> Float[Tensor, "batch 1 rows columns"]:
        """The way from noise (time 0) to picture (time 1), as the network sees it at `times`."""
        planes = pixel_unshuffle(torch.cat([noisy, conditions.to(noisy)], dim=1), _FOLD)
        told = self.network(planes, _TIMES * times, return_dict=False)[0]  # type: ignore[operator]
        return pixel_shuffle(told, _FOLD).float()

    def at_once(self, conditions: Float[Tensor, "batch 5 rows columns"]) -> Float[Tensor, "batch 1 rows columns"]:
        """The standardized picture, one step from the middle of the noise, so that nothing is drawn by chance."""
        begin = conditions.new_zeros(len(conditions))
        return self.velocity(torch.zeros_like(conditions[:, :1]), begin, conditions)

    @torch.no_grad()
    def paint(
        self,
        pictures: Float[Tensor, "batch 1 rows columns"],
        hidden: Float[Tensor, "batch 1 rows columns"],
        lips: Float[Tensor, "batch 2 rows columns"],
        detail: Float[Tensor, " batch"],
        by_person: float = BY_PERSON,
        by_expression: float = BY_EXPRESSION,
    ) -> Float[Tensor, "batch 1 rows columns"]:
        """Mouth frames in [-1, 1] with the hidden part repainted."""
        standard, mean, unit = standardized(pictures, hidden)
        conditions = [conditions_of(standard, hidden, lips, detail)]
        strengths = []
        if by_person != 1:
            conditions.append(conditions_of(standard, torch.ones_like(hidden), lips, detail))
            strengths.append(by_person - 1)
        if by_expression != 1:
            conditions.append(conditions_of(standard, hidden, torch.zeros_like(lips), detail))
            strengths.append(by_expression - 1)
        made, *others = self.at_once(torch.cat(conditions)).chunk(len(conditions))
        guided = [strength * (made - without) for strength, without in zip(strengths, others, strict=True)]
        painted = (mean + unit * sum(guided, made)).clamp(-1, 1)
        return hidden * painted + (1 - hidden) * pictures


def standardized(
    pictures: Float[Tensor, "batch 1 rows columns"], hidden: Float[Tensor, "batch 1 rows columns"]
) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures in parts of the brightness of what is seen, whose mean is 0; and the mean and unit that lead back."""
    seen = 1 - hidden
    mean = (pictures * seen).sum(dim=(2, 3), keepdim=True) / seen.sum(dim=(2, 3), keepdim=True).clamp_min(1.0)
    unit = _UNIT * (mean + 1).clamp_min(_DARKEST)
    return (pictures - mean) / unit, mean, unit


def conditions_of(
    standard: Float[Tensor, "batch 1 rows columns"],
    hidden: Float[Tensor, "batch 1 rows columns"],
    lips: Float[Tensor, "batch 2 rows columns"],
    detail: Float[Tensor, " batch"],
) -> Float[Tensor, "batch 5 rows columns"]:
    """What the network is told beside the noisy picture."""
    plane = detail.clamp(COARSEST, FINEST)[:, None, None, None].expand_as(hidden)
    return torch.cat([standard * (1 - hidden), hidden, lips, plane], dim=1)


def lip_areas(
    outer: Float[Tensor, "batch 1 rows columns"], inner: Float[Tensor, "batch 1 rows columns"]
) -> Float[Tensor, "batch 2 rows columns"]:
    """What the network is told of the lips, from the distances to their two lines; closed ones are a line."""
    return torch.cat([soft_area(outer), soft_area(inner, 0.5)], dim=1)
