"""Looking only at the part of an aligned crop that holds the face, and putting maps of it back in their place."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

from fer_demo.errors import CheckpointError

Margins = tuple[float, ...]  # left, top, right, bottom, as fractions of the crop's side


def check_margins(margins: Margins) -> None:
    """Raises: CheckpointError for margins that are not fractions or leave nothing to look at."""
    fractions = len(margins) == 4 and all(0 <= margin < 1 for margin in margins)
    if not fractions or margins[0] + margins[2] >= 1 or margins[1] + margins[3] >= 1:
        raise CheckpointError(f"Four fractions that leave a part of the crop are needed, not {margins}.")


def trimmed(faces: Float[Tensor, "batch c size size"], margins: Margins) -> Float[Tensor, "batch c height width"]:
    """The crops without their margins, each rounded to whole pixels."""
    side = faces.shape[-1]
    left, top, right, bottom = (round(margin * side) for margin in margins)
    return faces[:, :, top : side - bottom, left : side - right]


class BackInPlace(nn.Module):
    """Surrounds maps of trimmed crops with zeros, so that they lie on the whole crop again."""

    def __init__(self, margins: Margins) -> None:
        super().__init__()
        self.margins = margins

    def forward(self, maps: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h2 w2"]:
        left, top, right, bottom = self.margins
        columns, rows = maps.shape[3] / (1 - left - right), maps.shape[2] / (1 - top - bottom)
        return pad(maps, [round(left * columns), round(right * columns), round(top * rows), round(bottom * rows)])
