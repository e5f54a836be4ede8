"""One expression space for two worlds: machine-made scores of real faces on the scale of exact synthetic units."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.expressions import BASIC

_BLIND = 0.03  # a score that varies less over real faces says nothing
_AGREES = 0.5  # correlation of the class means in both worlds from which they set the scale
_SCALES = (0.5, 4.0)
_CEILING = 1.2  # of a calibrated weight
NEUTRAL = BASIC.index("neutral")


@dataclass(frozen=True)
class UnitCalibration:
    """unit = scale * (score - rest), and what to expect of units that the scores are blind to."""

    scale: Float[Tensor, " units"]
    rest: Float[Tensor, " units"]  # the score of neutral faces
    seen: Float[Tensor, " units"]  # 1 where scores say something, 0 where they are blind
    expected: Float[Tensor, "classes units"]  # mean synthetic weights of each expression of BASIC

    def targets(
        self, scores: Float[Tensor, "faces units"], shares: Float[Tensor, "faces classes"]
    ) -> tuple[Float[Tensor, "faces units"], Float[Tensor, "faces units"]]:
        """Units to be read from real faces, and how far each is to be trusted (0, 0.3 or 1).

        `shares` are the votes for the expressions of BASIC; where scores are blind, the units expected of the
        expressions voted for stand in. Rows of zeros, of either, were not measured.
        """
        measured = (scores.abs().sum(dim=1, keepdim=True) > 0).float() * self.seen
        voted = (shares.sum(dim=1, keepdim=True) > 0).float() * (1 - self.seen)
        units = ((scores - self.rest) * self.scale).clamp(0, _CEILING)
        return units * measured + (shares @ self.expected) * voted, measured + 0.3 * voted


def calibrate(
    scores: Float[Tensor, "real units"],
    labels: Int[Tensor, " real"],
    units: Float[Tensor, "rendered units"],
    rendered_labels: Int[Tensor, " rendered"],
) -> UnitCalibration:
    """Match the class means of real scores to those of exact units, measured from the neutral faces of each world."""
    measured = scores.abs().sum(dim=1) > 0
    scores, labels = scores[measured], labels[measured]
    real, exact = class_means(scores, labels), class_means(units, rendered_labels)
    rise, exact_rise = real - real[NEUTRAL], exact - exact[NEUTRAL]
    slope = (rise * exact_rise).sum(dim=0) / rise.square().sum(dim=0).clamp_min(1e-6)
    centred, exact_centred = real - real.mean(dim=0), exact - exact.mean(dim=0)
    lengths = (centred.square().sum(dim=0) * exact_centred.square().sum(dim=0)).sqrt().clamp_min(1e-9)
    agrees = (centred * exact_centred).sum(dim=0) / lengths > _AGREES
    return UnitCalibration(
        scale=torch.where(agrees, slope.clamp(*_SCALES), torch.ones_like(slope)),
        rest=real[NEUTRAL],
        seen=(scores.std(dim=0) > _BLIND).float(),
        expected=exact,
    )


def class_means(values: Float[Tensor, "faces units"], labels: Int[Tensor, " faces"]) -> Float[Tensor, "classes units"]:
    """The mean row of each expression of BASIC; zeros for one that nobody shows."""
    means = [values[labels == label].mean(dim=0) for label in range(len(BASIC))]
    return torch.stack(means).nan_to_num(0.0)
