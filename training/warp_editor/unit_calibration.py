"""Machine scores of real faces brought to the scale of the exact units of rendered faces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.expressions import BASIC

_BLIND = 0.03  # standard deviation over real faces below which a score carries no information
_AGREES = 0.5  # correlation of real and rendered class means from which they set the scale
_SCALES = (0.5, 4.0)
_CEILING = 1.6  # of a calibrated weight
NEUTRAL = BASIC.index("neutral")


@dataclass(frozen=True)
class UnitCalibration:
    """unit = scale * (score - rest), and what that unit misses of an expression."""

    scale: Float[Tensor, " units"]
    rest: Float[Tensor, " units"]  # the score of neutral faces
    seen: Float[Tensor, " units"]  # 1 where scores carry information, otherwise 0
    carried: Float[Tensor, " units"]  # 0 to 1: the part of the differences between expressions that scores follow
    missing: Float[Tensor, "classes units"]  # mean units of each expression of BASIC minus what its scores say

    def measured(self, scores: Float[Tensor, "faces units"]) -> Float[Tensor, "faces units"]:
        """Scores on the synthetic scale; 0 where they carry no information."""
        return ((scores - self.rest) * self.scale).clamp(0, _CEILING) * self.seen

    def targets(
        self, scores: Float[Tensor, "faces units"], shares: Float[Tensor, "faces classes"]
    ) -> tuple[Float[Tensor, "faces units"], Float[Tensor, "faces units"]]:
        """Target units of real faces, and how far each is trusted, 0 to 1.

        Scores follow a smile well and a frown hardly at all. What they miss of an expression is added in proportion to
        `shares`, the votes for the expressions of BASIC; without votes a unit is trusted as far as scores carry it.
        Rows of zeros, in either, mean not measured.
        """
        found = (scores.abs().sum(dim=1, keepdim=True) > 0).float()
        voted = (shares.sum(dim=1, keepdim=True) > 0).float()
        units = (self.measured(scores) * found + shares @ self.missing).clamp(max=_CEILING)
        return units, found * torch.where(voted > 0, 1.0, self.carried)


def calibrate(
    scores: Float[Tensor, "real units"],
    labels: Int[Tensor, " real"],
    units: Float[Tensor, "rendered units"],
    rendered_labels: Int[Tensor, " rendered"],
) -> UnitCalibration:
    """Match the class means of real scores to those of exact units, each relative to its own neutral faces."""
    found = scores.abs().sum(dim=1) > 0
    scores, labels = scores[found], labels[found]
    real, exact = class_means(scores, labels), class_means(units, rendered_labels)
    rise, exact_rise = real - real[NEUTRAL], exact - exact[NEUTRAL]
    slope = (rise * exact_rise).sum(dim=0) / rise.square().sum(dim=0).clamp_min(1e-6)
    centred, exact_centred = real - real.mean(dim=0), exact - exact.mean(dim=0)
    lengths = (centred.square().sum(dim=0) * exact_centred.square().sum(dim=0)).sqrt().clamp_min(1e-9)
    agrees = (centred * exact_centred).sum(dim=0) / lengths > _AGREES
    calibration = UnitCalibration(
        scale=torch.where(agrees, slope.clamp(*_SCALES), torch.ones_like(slope)),
        rest=real[NEUTRAL],
        seen=(scores.std(dim=0) > _BLIND).float(),
        carried=torch.ones_like(slope),
        missing=torch.zeros_like(exact),
    )
    shown = class_means(calibration.measured(scores), labels)
    return replace(calibration, carried=_carried(shown, exact) * calibration.seen, missing=(exact - shown).clamp_min(0))


def _carried(shown: Tensor, exact: Tensor) -> Tensor:
    """Slope of the calibrated class means over the exact ones; 1 for a unit that no expression moves."""
    shown, exact = shown - shown.mean(dim=0), exact - exact.mean(dim=0)
    spread = exact.square().sum(dim=0)
    slope = ((shown * exact).sum(dim=0) / spread.clamp_min(1e-6)).clamp(0, 1)
    return torch.where(spread > _BLIND**2, slope, torch.ones_like(slope))


def class_means(values: Float[Tensor, "faces units"], labels: Int[Tensor, " faces"]) -> Float[Tensor, "classes units"]:
    """The mean row of each expression of BASIC; zeros for one without faces."""
    means = [values[labels == label].mean(dim=0) for label in range(len(BASIC))]
    return torch.stack(means).nan_to_num(0.0)
