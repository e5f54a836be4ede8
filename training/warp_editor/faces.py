"""Faces that train the warp editor: rendered scenes with exact answers, real people, and drivers with their units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import one_hot

from fer_demo.data.loading import load_bundled, load_lfw
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from training.data.edit_scenes import EditScenes, load_edit_scenes
from training.data.expression_faces import expression_faces, legible
from training.data.face_set import FaceSet, build_face_set
from training.data.splits import is_stranger
from training.warp_editor.unit_calibration import UnitCalibration, calibrate, class_means

VIVID = 0.6  # intensity from which a synthetic face shows an expression clearly
# Factor on the units of real faces: a warp moves the features and cannot fold the skin, so with the renderer's own
# weights an expression looks weaker on a photo than on its driver.
EMPHASIS = 1.4
STRANGERS = 256


@dataclass(frozen=True)
class UnitFaces:
    """Faces with their units on the synthetic scale and how far each unit is trusted, 0 to 1."""

    faces: FaceSet
    units: Float[Tensor, "faces 52"]
    trust: Float[Tensor, "faces 52"]
    shares: Float[Tensor, "faces 7"]  # of each expression of BASIC, by votes and label; zeros where there is neither

    def __len__(self) -> int:
        return len(self.faces)


@dataclass(frozen=True)
class EditorFaces:
    """Everything the editor is trained and validated on."""

    scenes: EditScenes
    unseen_scenes: EditScenes  # people who are never trained on
    people: UnitFaces  # real people
    strangers: UnitFaces  # real people who are never trained on
    drivers: UnitFaces  # labelled expressions
    unseen_drivers: UnitFaces  # of the validation cut
    rendered: UnitFaces  # other synthetic faces with exact units
    read: dict[str, int]  # how many faces of each set are trained on
    prototypes: Float[Tensor, "7 52"]  # mean units of vivid synthetic faces of each expression, with EMPHASIS


def editor_faces(data: Path | None, size: int, scene_count: int, device: torch.device) -> EditorFaces:
    """Scenes, LFW and FER2013 from the data folder, and the bundled synthetic faces.

    Raises: DataError without a data folder: the bundled set holds no exact counterfactuals.
    """
    if data is None:
        raise DataError("A warp editor is trained on rendered scenes; give --data the folder with synthetic_edits/.")
    scenes, unseen = load_edit_scenes(data, size, scene_count).split()
    labelled = expression_faces(data, size, device, synthetic=False)
    bundled = build_face_set(load_bundled(), size).to(device)
    clear = legible(bundled)
    vivid = clear.select((clear.intensity >= VIVID) | (clear.intensity == 0))
    calibration = calibrate(labelled.real.units, labelled.real.expression, EMPHASIS * vivid.units, vivid.expression)
    lfw = load_lfw(data)
    apart = np.array([is_stranger(name) for name in lfw.column("person")])
    people = build_face_set(lfw.select(np.flatnonzero(~apart)), size).to(device)
    strangers = build_face_set(lfw.select(np.flatnonzero(apart)[:STRANGERS]), size).to(device)
    prototypes = EMPHASIS * class_means(vivid.units, vivid.expression)
    prototypes[BASIC.index("neutral")] = 0
    return EditorFaces(
        scenes=scenes.to(device),
        unseen_scenes=unseen.to(device),
        people=_calibrated(people, calibration),
        strangers=_calibrated(strangers, calibration),
        drivers=_calibrated(labelled.real, calibration),
        unseen_drivers=_calibrated(labelled.validation, calibration),
        rendered=UnitFaces(bundled, bundled.units, torch.ones_like(bundled.units), expression_shares(bundled)),
        read=labelled.read | {"lfw": len(people), "synthetic": len(bundled) + len(scenes)},
        prototypes=prototypes,
    )


def _calibrated(faces: FaceSet, calibration: UnitCalibration) -> UnitFaces:
    """Faces without any target, those without votes and scores, are left out."""
    shares = expression_shares(faces)
    units, trust = calibration.targets(faces.units, shares)
    known = trust.sum(dim=1) > 0
    return UnitFaces(faces.select(known), units[known], trust[known], shares[known])


def expression_shares(faces: FaceSet) -> Float[Tensor, "faces 7"]:
    """The mean of votes and label, or the one there is; zeros where there is neither."""
    votes = faces.votes[:, : len(BASIC)]
    labelled = (faces.expression >= 0).float()[:, None]
    label = one_hot(faces.expression.clamp_min(0), len(BASIC)) * labelled
    counted = (votes.sum(dim=1, keepdim=True) > 0).float() + labelled
    return (votes + label) / counted.clamp_min(1)
