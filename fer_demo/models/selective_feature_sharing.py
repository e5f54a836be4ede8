"""Selective feature sharing: recognition and synthesis side by side, each taking from the other what helps it.

Zhao, Liu, Xiao, Lun and Lam, "Deep Multi-task Learning for Facial Expression Recognition and Synthesis Based on
Selective Feature Sharing", ICPR 2020. The critic lives in training/losses/label_critic.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import interpolate, one_hot, pixel_shuffle

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.layers.gated_sharing import SHARINGS, GatedSharing
from fer_demo.layers.residual import PreActivationBlock
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel

_FINE = 4  # channels of the last maps, at the size of the picture


@dataclass(frozen=True)
class SelectiveFeatureSharingConfig(FaceModelConfig):
    """Defaults: 4.5 M parameters."""

    size: int = 64  # a multiple of what the stem and the levels divide it by
    stem: int = 32  # channels of the layers before the two networks part, at half the side
    widths: tuple[int, ...] = (64, 128, 256)  # channels of each level, at half the side of the one before
    blocks: tuple[int, ...] = (1, 1, 1)  # residual blocks of each level, in each network
    sharing: str = "selective"  # between the networks: none, full, or what the gates select
    dropout: float = 0.3  # before the heads

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.widths or len(self.widths) != len(self.blocks) or min(self.blocks) < 1:
            raise CheckpointError("Every level needs a width and at least one block.")
        divisor = 2 ** (1 + len(self.widths))
        if self.size % divisor:
            raise CheckpointError(f"The size must be a multiple of {divisor} for {len(self.widths)} levels.")
        if self.sharing not in SHARINGS:
            raise CheckpointError(f"The sharing is one of {', '.join(SHARINGS)}, not {self.sharing!r}.")


class Level(nn.Module):
    """One level of both networks, and what they then take from each other."""

    def __init__(self, inputs: int, width: int, blocks: int, sharing: str) -> None:
        super().__init__()
        self.recognition = _level(inputs, width, blocks)
        self.synthesis = _level(inputs, width, blocks)
        units = 0 if sharing == "none" else 2
        self.units = nn.ModuleList(GatedSharing(width, sharing == "selective") for _ in range(units))

    def forward(self, recognition: Tensor, synthesis: Tensor) -> tuple[Tensor, Tensor, Float[Tensor, "batch 2"]]:
        """Maps of both networks, and what recognition and synthesis borrowed, from 0 to 1."""
        x, y = self.recognition(recognition), self.synthesis(synthesis)
        if not self.units:
            return x, y, torch.zeros(len(x), 2, device=x.device)
        to_recognition, to_synthesis = self.units
        (shared_x, gates_x), (shared_y, gates_y) = to_recognition(x, y), to_synthesis(y, x)
        return shared_x, shared_y, torch.stack([gates_x.borrowed(), gates_y.borrowed()], dim=1)


class Decoder(nn.Module):
    """The change of a face from the synthesis network's maps and the expression that is wanted."""

    def __init__(self, config: SelectiveFeatureSharingConfig) -> None:
        super().__init__()
        widths = (config.stem, *config.widths)
        self.told = _conv(widths[-1] + len(BASIC), widths[-1])
        self.ups = nn.ModuleList(_conv(widths[i], widths[i - 1]) for i in range(len(widths) - 1, 0, -1))
        self.fine = _conv(config.stem, 4 * _FINE)
        self.last = nn.Conv2d(_FINE, config.channels, 3, 1, 1)

    def forward(
        self, maps: Sequence[Tensor], labels: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels size size"]:
        """Change from -2 to 2; `maps` are the stem's and each level's."""
        deepest = maps[-1]
        wanted = one_hot(labels, len(BASIC)).to(deepest)[:, :, None, None].expand(-1, -1, *deepest.shape[2:])
        change = self.told(torch.cat([deepest, wanted], dim=1))
        for up, skip in zip(self.ups, reversed(maps[:-1]), strict=True):
            change = up(interpolate(change, scale_factor=2.0)) + skip
        return 2 * torch.tanh(self.last(pixel_shuffle(self.fine(change), 2)))


class Shared(NamedTuple):
    """What both networks see in a face."""

    recognition: Float[Tensor, "batch width h w"]  # maps of the last level
    synthesis: list[Tensor]  # maps of the stem and of every level
    borrowed: Float[Tensor, "batch 2 levels"]  # by recognition and by synthesis, from 0 to 1


class SelectiveFeatureSharing(TwoHeads, PublishedModel):
    """Logits of a face, and the face with each of the basic expressions, by two networks that share features."""

    config_class = SelectiveFeatureSharingConfig
    config: SelectiveFeatureSharingConfig

    def __init__(self, config: SelectiveFeatureSharingConfig) -> None:
        super().__init__(config)
        inputs = (config.stem, *config.widths)
        self.stem = nn.Sequential(
            nn.Conv2d(config.channels, config.stem, 3, 2, 1, bias=False), PreActivationBlock(config.stem, config.stem)
        )
        self.levels = nn.ModuleList(
            Level(inputs[i], width, config.blocks[i], config.sharing) for i, width in enumerate(config.widths)
        )
        self.final_norm = nn.Sequential(nn.BatchNorm2d(config.widths[-1]), nn.ReLU())
        self.add_heads(config.widths[-1], len(config.expressions), config.dropout)
        self.decoder = Decoder(config)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.final_norm

    def shared(self, faces: Float[Tensor, "batch channels size size"]) -> Shared:
        """Both networks' maps of faces in [-1, 1]; no expression is asked for yet, so that none can be given away."""
        recognition = synthesis = self.stem(faces)
        maps, borrowed = [synthesis], []
        for level in self.levels:
            recognition, synthesis, taken = level(recognition, synthesis)
            maps.append(synthesis)
            borrowed.append(taken)
        return Shared(self.final_norm(recognition), maps, torch.stack(borrowed, dim=2))

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read."""
        return self.shared(faces).recognition.mean(dim=(2, 3))

    def answers(self, shared: Shared) -> tuple[Float[Tensor, "batch 7"], Float[Tensor, "batch 8"]]:
        """Both heads' logits of faces whose maps are known."""
        return self.heads(shared.recognition.mean(dim=(2, 3)))

    def painted(
        self,
        faces: Float[Tensor, "batch channels size size"],
        maps: Sequence[Tensor],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch channels size size"]:
        """Faces with these expressions, from their `maps` of the synthesis network."""
        # Differs from the paper: the change is painted and added, not the whole face, which stays sharp so.
        change = self.decoder(maps, labels)
        return (faces + (change if amounts is None else amounts[:, None, None, None] * change)).clamp(-1, 1)

    def edit_to_label(
        self,
        faces: Float[Tensor, "batch channels size size"],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channels size size"]:
        """Faces with these expressions, indices into BASIC; `amounts` is how much of the change is added."""
        return self.painted(faces, self.shared(faces).synthesis, labels, amounts)

    def borrowed(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 2 levels"]:
        """How much recognition, then synthesis, took from the other at each level, from 0 to 1."""
        return self.shared(faces).borrowed


def _level(inputs: int, width: int, blocks: int) -> nn.Sequential:
    rest = (PreActivationBlock(width, width) for _ in range(blocks - 1))
    return nn.Sequential(PreActivationBlock(inputs, width, 2), *rest)


def _conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
