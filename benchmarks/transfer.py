"""Time of edits: a 1080p photo edited in place, and an 11-frame strip with its measures, by every editor."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.photos import group_photo
from benchmarks.timing import seconds
from fer_demo.capabilities import EditsExpression
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.interpolation import interpolate, moves_photo
from fer_demo.inference.transfer import transfer_to_photo
from fer_demo.published_model import PublishedModel

FRAMES = 11


def measure_transfer() -> dict[str, Any]:
    """Seconds on one thread, as the served app runs."""
    torch.set_num_threads(1)
    judge, embedder = load_model("expression_classifier"), load_model("identity_embedder")
    crop = crop_faces(group_photo(1), RetinaFaceDetector())[0]

    def timed(editor: PublishedModel) -> dict[str, Any]:
        return {
            "edit_1080p_photo": seconds(lambda: transfer_to_photo(editor, crop, "happy", 1.0)),
            f"metered_strip_{FRAMES}_frames": seconds(
                lambda: interpolate(editor, judge, crop, None, "happy", FRAMES, embedder=embedder), repeats=5
            ),
        }

    found: dict[str, Any] = {}
    for name in MODELS:
        try:
            editor = load_model(name)
        except CheckpointError:  # a method without weights yet
            continue
        if isinstance(editor, EditsExpression) or moves_photo(editor):
            found[name] = timed(editor)
    return found
