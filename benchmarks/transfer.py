"""Time of edits by every editor: a photo in place, a slider, strips of more and more frames, a matrix; and its size."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.photos import group_photo
from benchmarks.timing import seconds
from fer_demo.capabilities import EditsByLabel, EditsPhoto
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import CAPABILITY, load_model
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.transfer.edit_stack import EditStack, score_edit
from fer_demo.inference.transfer.editing import EditLayer
from fer_demo.inference.transfer.interpolation import interpolate
from fer_demo.inference.transfer.swap import swap_row
from fer_demo.inference.transfer.transfer import direction_to, edited, edited_photo
from fer_demo.published.model import PublishedModel

FRAMES = (3, 6, 11, 22)  # the cost should grow with them and no faster
PEOPLE = 5  # rows of the swap matrix
SLIDER = EditLayer({"smile": 0.7})


def measure_transfer() -> dict[str, Any]:
    """Seconds on one thread, as the served app runs."""
    torch.set_num_threads(1)
    judge, embedder = load_model("expression_judge"), load_model("identity_embedder")
    crops = crop_faces(group_photo(PEOPLE), RetinaFaceDetector())
    crop, driver = crop_faces(group_photo(1), RetinaFaceDetector())[0], crops[1]

    def strip(editor: PublishedModel, frames: int) -> dict[str, float]:
        return seconds(lambda: interpolate(editor, judge, crop, None, "happy", frames, embedder=embedder), repeats=5)

    def timed(editor: PublishedModel) -> dict[str, Any]:
        found = {
            "edit_1080p_photo": seconds(lambda: edited_photo(editor, direction_to(editor, crop, "happy"))),
            **{f"metered_strip_{frames}_frames": strip(editor, frames) for frames in FRAMES},
            f"swap_matrix_{len(crops)}_x_{len(BASIC)}": seconds(
                lambda: [swap_row(editor, judge, embedder, person) for person in crops], repeats=3
            ),
        }
        if not isinstance(editor, EditsByLabel):  # which no face can drive
            driven = direction_to(editor, crop, driver)
            found["driven_face_read_again"] = seconds(lambda: edited(editor, direction_to(editor, crop, driver)))
            found["driven_face_known_already"] = seconds(lambda: edited(editor, driven))  # what moving the amount costs
        if isinstance(editor, EditsPhoto):
            found["scored_slider"] = seconds(lambda: score_edit(editor, judge, embedder, EditStack(crop), SLIDER))
        return found

    found: dict[str, Any] = {}
    for name in MODELS:
        try:
            editor = load_model(name)
        except CheckpointError:  # a method without weights yet
            continue
        if isinstance(editor, CAPABILITY["transfer"]):
            count = sum(tensor.numel() for tensor in editor.state_dict().values())
            found[name] = {"weights_mb": round(2 * count / 1e6, 2), **timed(editor)}  # published as fp16
    return found
