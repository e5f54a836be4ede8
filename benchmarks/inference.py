"""Time of what a visitor waits for: one photo recognized, one strip interpolated."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from benchmarks.timing import seconds
from fer_demo import images
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.attribution import grad_cam, overlay
from fer_demo.inference.interpolation import interpolate
from fer_demo.inference.recognition import recognize

PHOTO_SIZE = (1080, 1920)  # height, width
FACE_SIZE = 320  # pixels, each of the pasted faces


def measure_inference() -> dict[str, Any]:
    """Seconds of a 1080p photo from pixels to overlay, of its parts, and of an 11-frame strip."""
    torch.set_num_threads(1)  # as the served app runs
    begin = time.perf_counter()
    recognizer, editor = load_model("expression_classifier"), load_model("tdgan")
    loading = time.perf_counter() - begin
    detector, photo = RetinaFaceDetector(), group_photo(faces=3)
    crops = crop_faces(photo, detector)

    def make_strip() -> object:
        return interpolate(editor, recognizer, crops[0], None, "happy", steps=11)

    def recognize_photo() -> None:
        found = crop_faces(photo, detector)
        answers = recognize(recognizer, found)
        heat = grad_cam(recognizer, found[0], answers[0].top)
        overlay(found[0].pixels(recognizer.config.size), heat)

    return {
        "load_models_s": round(loading, 3),
        "faces_in_photo": len(crops),
        "photo_1080p": seconds(recognize_photo),
        "detect_1080p": seconds(lambda: detector.detect(photo)),
        "strip_11_frames": seconds(make_strip, repeats=5),
    }


def group_photo(faces: int) -> np.ndarray:
    """A 1080p photo: a soft gradient with several bundled faces side by side."""
    height, width = PHOTO_SIZE
    gradient = np.linspace(90, 200, width)[None, :, None] * np.linspace(1.0, 0.7, height)[:, None, None]
    photo = np.broadcast_to(gradient, (height, width, 3)).astype(np.uint8)
    source = load_bundled()
    for place in range(faces):
        face = images.resize(source[place * len(source) // faces].image, FACE_SIZE)
        top, left = (height - FACE_SIZE) // 2, (2 * place + 1) * width // (2 * faces) - FACE_SIZE // 2
        photo[top : top + FACE_SIZE, left : left + FACE_SIZE] = face
    return photo
