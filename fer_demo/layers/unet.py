"""A U-Net without attention that is told a time: that of the diffusion models (Ho et al. 2020), as small as it can be.

Layers and their names are those of diffusers' UNet2DModel with one block a level, whose weights it takes as they are;
importing that takes two seconds and 170 MB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

_LONGEST = 10_000  # of the waves that stand for a time (Vaswani et al. 2017)


class UNet(nn.Module):
    """Pictures and times to pictures; `widths` are those of the levels, each at half the side of the one before."""

    def __init__(self, inputs: int, outputs: int, widths: Sequence[int], groups: int) -> None:
        super().__init__()
        told = 4 * widths[0]
        self.waves = widths[0]
        self.conv_in = nn.Conv2d(inputs, widths[0], 3, padding=1)
        self.time_embedding = _TimeEmbedding(widths[0], told)
        last = len(widths) - 1
        before = [widths[0], *widths[:-1]]
        self.down_blocks = nn.ModuleList(
            _Down(before[level], width, told, groups, level < last) for level, width in enumerate(widths)
        )
        self.mid_block = _Middle(widths[-1], told, groups)
        self.up_blocks = nn.ModuleList(
            _Up(widths[min(level + 1, last)], widths[level], before[level], told, groups, level > 0)
            for level in reversed(range(len(widths)))
        )
        self.conv_norm_out = nn.GroupNorm(groups, widths[0])
        self.conv_out = nn.Conv2d(widths[0], outputs, 3, padding=1)

    def forward(
        self, pictures: Float[Tensor, "batch inputs rows columns"], times: Float[Tensor, " batch"]
    ) -> Float[Tensor, "batch outputs rows columns"]:
        """Sides must be divisible by 2 for each level but the first."""
        told = self.time_embedding(_waves(times, self.waves).to(pictures.dtype))
        seen = self.conv_in(pictures)
        kept = [seen]
        for down in self.down_blocks:
            seen, more = down(seen, told)
            kept += more
        seen = self.mid_block(seen, told)
        for up in self.up_blocks:
            seen = up(seen, kept, told)
        return self.conv_out(silu(self.conv_norm_out(seen)))


def _waves(times: Float[Tensor, " batch"], count: int) -> Float[Tensor, "batch count"]:
    """Cosines and sines of a time at falling frequencies."""
    half = count // 2
    falling = torch.exp(-math.log(_LONGEST) * torch.arange(half, dtype=torch.float32, device=times.device) / half)
    angles = times[:, None].float() * falling[None]
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)


class _TimeEmbedding(nn.Module):
    def __init__(self, waves: int, told: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(waves, told)
        self.linear_2 = nn.Linear(told, told)

    def forward(self, waves: Tensor) -> Tensor:
        return self.linear_2(silu(self.linear_1(waves)))


class _Block(nn.Module):
    """Norm, SiLU and convolution twice beside a shortcut; the time is added between the two."""

    def __init__(self, inputs: int, outputs: int, told: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time_emb_proj = nn.Linear(told, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, seen: Tensor, told: Tensor) -> Tensor:
        made = self.conv1(silu(self.norm1(seen))) + self.time_emb_proj(silu(told))[:, :, None, None]
        made = self.conv2(silu(self.norm2(made)))
        return (seen if self.conv_shortcut is None else self.conv_shortcut(seen)) + made


class _Resampling(nn.Module):
    """A convolution to half the side, or to twice the side."""

    def __init__(self, width: int, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        self.conv = nn.Conv2d(width, width, 3, stride=2 if halves else 1, padding=1)

    def forward(self, seen: Tensor) -> Tensor:
        return self.conv(seen if self.halves else interpolate(seen, scale_factor=2.0, mode="nearest"))


class _Down(nn.Module):
    def __init__(self, inputs: int, outputs: int, told: int, groups: int, halves: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Block(inputs, outputs, told, groups)])
        self.downsamplers = nn.ModuleList([_Resampling(outputs, halves=True)] if halves else [])

    def forward(self, seen: Tensor, told: Tensor) -> tuple[Tensor, list[Tensor]]:
        """What goes on downwards, and all that the way up needs."""
        seen = self.resnets[0](seen, told)
        kept = [seen]
        for smaller in self.downsamplers:
            seen = smaller(seen)
            kept.append(seen)
        return seen, kept


class _Middle(nn.Module):
    def __init__(self, width: int, told: int, groups: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(_Block(width, width, told, groups) for _ in range(2))

    def forward(self, seen: Tensor, told: Tensor) -> Tensor:
        for block in self.resnets:
            seen = block(seen, told)
        return seen


class _Up(nn.Module):
    """Two blocks, each beside what the way down kept at this level, then twice the side."""

    def __init__(self, below: int, outputs: int, above: int, told: int, groups: int, doubles: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([
            _Block(below + outputs, outputs, told, groups),
            _Block(outputs + above, outputs, told, groups),
        ])  # fmt: skip
        self.upsamplers = nn.ModuleList([_Resampling(outputs, halves=False)] if doubles else [])

    def forward(self, seen: Tensor, kept: list[Tensor], told: Tensor) -> Tensor:
        """Takes what it needs from the end of `kept`."""
        for block in self.resnets:
            seen = block(torch.cat([seen, kept.pop()], dim=1), told)
        for larger in self.upsamplers:
            seen = larger(seen)
        return seen
