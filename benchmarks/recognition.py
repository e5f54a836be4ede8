"""Time of recognition: one face, a batch, a photo from pixels to overlay, and a frame of the live camera."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from benchmarks.photos import camera_frame, group_photo
from benchmarks.timing import seconds
from fer_demo.checkpoints import load_model
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.images import load_photo
from fer_demo.inference.recognize.attribution import grad_cam, overlay
from fer_demo.inference.recognize.probabilities import recognize, recognize_aligned
from fer_demo.interface.tabs.recognize.camera import live_answer
from fer_demo.interface.tabs.recognize.posted import Posted
from fer_demo.settings import AppSettings

BATCH = 32


def measure_recognition() -> dict[str, Any]:
    """Seconds on one thread, as the served app runs; "face" is the face and its mirror image through the network."""
    torch.set_num_threads(1)
    begin = time.perf_counter()
    recognizer = load_model(AppSettings.recognizer)
    loading = time.perf_counter() - begin
    detector, frame = RetinaFaceDetector(), camera_frame()
    photos = {count: group_photo(count) for count in (1, 3, 10)}
    found = {count: len(crop_faces(photo, detector)) for count, photo in photos.items()}
    side = recognizer.config.size
    faces = np.random.default_rng(0).integers(256, size=(BATCH, side, side), dtype=np.uint8)

    def photo_seconds(photo: np.ndarray) -> dict[str, float]:
        def recognize_photo() -> None:
            crops = crop_faces(photo, detector)
            answers = recognize(recognizer, crops)
            overlay(crops[0].pixels(side), grad_cam(recognizer, crops[0], answers[0].top))

        return seconds(recognize_photo)

    def answer_camera() -> None:
        crops = crop_faces(load_photo(frame), detector)
        live_answer(Posted("frame", list(zip(crops, recognize(recognizer, crops), strict=True)), ""))

    camera = seconds(answer_camera, repeats=30)
    return {
        "load_model_s": round(loading, 3),
        "face": seconds(lambda: recognize_aligned(recognizer, faces[:1]), repeats=50),
        f"batch_of_{BATCH}_faces": seconds(lambda: recognize_aligned(recognizer, faces)),
        "detect_1080p": seconds(lambda: detector.detect(photos[1])),
        "faces_found": found,
        **{f"photo_1080p_{count}_faces": photo_seconds(photo) for count, photo in photos.items()},
        "camera_frame": camera,
        "camera_frames_per_s": round(1 / camera["median_s"], 1),
    }
