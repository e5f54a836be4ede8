"""Mouths of London's people who may teach: few, but in a light and a detail that no photograph of LFW has."""

from __future__ import annotations

from pathlib import Path

import torch

from fer_demo.data.loading import load_parquet
from fer_demo.errors import DataError
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import to_grey, to_tensor
from fer_demo.models.landmark_editor import LandmarkEditor
from training.data.mouth_patches import MouthPatches, cut_mouth
from training.data.posed_faces import posed_file
from training.data.splits import teaches

SET = "london"
_SIDE = 512  # pixels of the faces that mouths are cut from; the mouth frame is a third of them wide


@torch.inference_mode()
def fine_mouths(model: LandmarkEditor, data: Path, detector: Detector) -> MouthPatches:
    """Their mouths, with the lips where the editor's own reader finds them.

    Raises: DataError if the set is missing or nobody in it may teach.
    """
    path = posed_file(data, SET)
    records = [record for record in load_parquet(path) if teaches(str(record.person))]
    if not records:
        raise DataError(f"Nobody in {path} may teach.")
    found = []
    for record in records:
        crop = crop_or_whole(record.image, detector)
        landmarks, _ = model.read(to_tensor(to_grey(crop.pixels(model.config.size))[None], 1))
        places = (landmarks[0].double().numpy() + 1) * (_SIDE / 2)
        found.append(cut_mouth(to_grey(crop.pixels(_SIDE)), places))
    return MouthPatches.of(found)
