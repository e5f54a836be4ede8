"""Squeeze-and-excitation: each channel weighed by what the whole map holds."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """Channels times sigmoid(W2 relu(W1 mean)) (Hu et al. 2018, "Squeeze-and-Excitation Networks", Eq. 3)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, max(4, channels // reduction))
        self.excite = nn.Linear(self.squeeze.out_features, channels)

    def forward(self, maps: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch channels h w"]:
        weights = self.excite(self.squeeze(maps.mean(dim=(2, 3))).relu()).sigmoid()
        return maps * weights[:, :, None, None]
