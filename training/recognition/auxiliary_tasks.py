"""What else a face shows: facial units, landmarks and pose, learnt beside the expression by heads that stay here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from fer_demo.faces.landmark_order import MIRRORED
from training.data.augmentation import Placement
from training.data.face_set import FaceSet
from training.data.mirroring import units_in_mirror
from training.losses.known_error import known_error
from training.losses.unit_divergence import unit_divergence

DEGREES = 45.0  # of yaw or pitch that count as 1


@dataclass(frozen=True)
class AuxiliaryTasks:
    """Weights of the tasks beside the label's loss; 0 leaves a task out."""

    units_weight: float = 0.0  # cross-entropy to the 52 unit weights
    landmarks_weight: float = 0.0  # error of the 68 landmarks, in halves of the view's side
    pose_weight: float = 0.0  # error of yaw and pitch, in units of 45 degrees

    @property
    def outputs(self) -> dict[str, int]:
        """How many numbers each task in use asks for."""
        sizes = {"units": 52, "landmarks": 2 * 68, "pose": 2}
        return {name: size for name, size in sizes.items() if getattr(self, f"{name}_weight") > 0}


class AuxiliaryTargets(NamedTuple):
    """The right answers for a batch of views."""

    units: Float[Tensor, "batch 52"]
    units_known: Bool[Tensor, " batch"]
    landmarks: Float[Tensor, "batch 136"]  # x and y from -1 to 1 across the view
    pose: Float[Tensor, "batch 2"]  # yaw and pitch in units of 45 degrees
    landmarks_known: Bool[Tensor, " batch"]  # the pose too, which comes from the same mesh


class AuxiliaryHeads(nn.Module):
    """A linear head for each task in use, on the recognizer's features."""

    def __init__(self, features: int, tasks: AuxiliaryTasks) -> None:
        super().__init__()
        self.tasks = tasks
        self.heads = nn.ModuleDict({name: nn.Linear(features, size) for name, size in tasks.outputs.items()})

    def losses(self, features: Float[Tensor, "batch width"], targets: AuxiliaryTargets) -> dict[str, Tensor]:
        """The weighted loss of each task."""
        answers = {name: head(features).float() for name, head in self.heads.items()}
        losses = {}
        if "units" in answers:
            loss = unit_divergence(answers["units"], targets.units, targets.units_known)
            losses["units"] = self.tasks.units_weight * loss
        if "landmarks" in answers:
            loss = known_error(answers["landmarks"], targets.landmarks, targets.landmarks_known)
            losses["landmarks"] = self.tasks.landmarks_weight * loss
        if "pose" in answers:
            loss = known_error(answers["pose"], targets.pose, targets.landmarks_known)
            losses["pose"] = self.tasks.pose_weight * loss
        return losses


def auxiliary_targets(faces: FaceSet, placement: Placement) -> AuxiliaryTargets:
    """What the views show: units and landmarks change sides with the mirror, and yaw its sign."""
    mirrored = placement.mirrored[:, None]
    device = faces.units.device
    units = units_in_mirror(faces.units, placement.mirrored)
    points = placement.moved(faces.landmarks)
    points = torch.where(mirrored[:, :, None], points[:, torch.from_numpy(MIRRORED).to(device)], points)
    turned = torch.tensor([-1.0, 1.0], device=device)
    pose = torch.where(mirrored, faces.pose * turned, faces.pose) / DEGREES
    return AuxiliaryTargets(
        units, faces.units.any(dim=1), points.flatten(1), pose, faces.landmarks.flatten(1).any(dim=1)
    )
