"""Explanations: seconds of each method and of a verdict, and whether memory stays what it is over a hundred of them."""

from __future__ import annotations

import os
import time
from typing import Any

import psutil
import torch

from benchmarks.timing import seconds
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.explain.asking import ask, examine
from fer_demo.inference.explain.methods import METHODS
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.published.model import PublishedModel
from fer_demo.settings import AppSettings

MODEL, FACES = AppSettings.recognizer, 20  # faces in turn
EXPLANATIONS, WARM = 100, 10  # memory is first looked at when buffers and caches are filled


def measure_explanations() -> dict[str, Any]:
    """On one thread, as the served app runs; each explanation is a map by every method and a verdict on the first."""
    torch.set_num_threads(1)
    model, landmarker = load_model(MODEL), load_model("face_landmarker")
    source, detector = load_bundled(), RetinaFaceDetector()
    rows = range(0, len(source), len(source) // FACES)
    crops = [crop_or_whole(source[row].image, detector) for row in list(rows)[:FACES]]
    asked = [ask(model, crop, recognize(model, [crop])[0].top) for crop in crops]

    def landmarks() -> PublishedModel:
        return landmarker

    def draw(number: int, method: str) -> None:
        examine(asked[number % FACES], crops[number % FACES], method, landmarks).advance(0)

    def verdict(number: int) -> None:
        one = ask(model, crops[number % FACES], "happy")
        examine(one, crops[number % FACES], METHODS[0], landmarks).finished()

    def explain(number: int) -> None:
        for method in METHODS:
            draw(number, method)
        verdict(number)

    report: dict[str, Any] = {method: seconds(lambda method=method: draw(0, method)) for method in METHODS}  # type: ignore[misc]
    report["verdict"] = seconds(lambda: verdict(0), repeats=3)
    began = time.perf_counter()
    for number in range(WARM):
        explain(number)
    warm = _resident_mb()
    for number in range(EXPLANATIONS):
        explain(number)
    end = _resident_mb()
    return {
        **report,
        "explanations": EXPLANATIONS,
        "warm_mb": warm,
        "end_mb": end,
        "growth_mb": round(end - warm, 1),
        "all_s": round(time.perf_counter() - began, 1),
    }


def _resident_mb() -> float:
    return round(psutil.Process(os.getpid()).memory_info().rss / 1e6, 1)
