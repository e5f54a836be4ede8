"""How far each facial unit moves the landmarks of real faces: between what a head model says and what LFW shows."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from training.data.face_set import MARGIN
from training.data.unit_motion import projections, unit_motion
from training.landmark_editor.true_motion import Couples, ReadFaces

_SHARE = 0.7  # of the head model's motion, for a unit that nobody of LFW varies; more makes sliders purer
_STIFFNESS = 0.2  # for each pair: how firmly the motion is held at that


def unit_basis(faces: ReadFaces, pairs: Couples) -> Float[Tensor, "136 52"]:
    """The motion of the landmarks on the stable frame for each unit at weight 1, by ridge regression over pairs."""
    ahead = torch.from_numpy(projections(np.zeros((1, 2)))[0])
    model = (
        _SHARE * (1 + 2 * MARGIN) * torch.einsum("ij,ljk->lik", ahead, torch.from_numpy(unit_motion())).flatten(0, 1)
    )
    change = faces.units[pairs.truth] - faces.units[pairs.source]
    moved = (faces.shapes[pairs.truth] - faces.shapes[pairs.source]).flatten(1)
    held = _STIFFNESS * len(pairs) * torch.eye(change.shape[1])
    rest = torch.linalg.solve(change.T @ change + held, change.T @ (moved - change @ model.T))
    return model + rest.T
