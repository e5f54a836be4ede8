"""Cases of photos: upside down, small, covered, of odd shapes and kinds of file, and with landmarks that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fer_demo.checkpoints import load_model
from fer_demo.errors import FerDemoError, NoFaceError
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.images import load_photo
from fer_demo.inference.dataset.face_pass import Examiners, FacePass
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.settings import AppSettings
from tools.field_inputs.case import Case, Finding, make, opened, same


def sideways(field: Path) -> Iterator[Finding]:
    """Turned photos: the same answer as upright, or a word that the face lies; never a confident wrong answer."""
    model, detector = load_model(AppSettings.recognizer), RetinaFaceDetector()
    for path in sorted((field / "sideways/files").glob("*.jpg")):
        expression = path.stem.split("_")[2]
        try:
            crop = crop_faces(load_photo(path), detector)[0]
        except NoFaceError as error:
            yield path.name, True, f"SENTENCE {error}"
            continue
        answer = recognize(model, [crop])[0]
        sure, top = float(answer.probabilities.max()), answer.top
        right = top == expression or bool(crop.notes) or sure < 0.5
        yield path.name, right, f"{top} with {sure:.2f}, notes {crop.notes}"


def small_faces(field: Path) -> Iterator[Finding]:
    """Small faces beside a large one, or in a large photo, are found."""
    detector = RetinaFaceDetector()
    for name, least in (
        ("group_photo/big_and_small.jpg", 2), ("odd_shapes/panorama.png", 1), ("odd_shapes/booth_strip.png", 2),
        ("odd_shapes/long_screenshot.png", 1), ("odd_shapes/turned_30.png", 1),
    ):  # fmt: skip
        count = len(detector.detect(load_photo(field / name)))
        yield name, count >= least, f"{count} faces, wanted at least {least}"


def line(field: Path) -> Iterator[Finding]:
    """A picture of 16 x 40000 pixels ends in a sentence."""
    try:
        found = RetinaFaceDetector().detect(load_photo(field / "odd_shapes/line_16x40000.png"))
        yield "line_16x40000.png", not found, f"{len(found)} faces"
    except FerDemoError as error:
        yield "line_16x40000.png", True, f"SENTENCE {error}"


def covered(field: Path) -> Iterator[Finding]:
    """A covered face has a note, is not found, or is answered without certainty; nothing fails."""
    model, detector = load_model(AppSettings.recognizer), RetinaFaceDetector()
    for name in ("mask", "black_mask", "bar", "sunglasses", "upper_half", "half", "smiley", "even"):
        try:
            crop = crop_faces(load_photo(field / f"covered/{name}.png"), detector)[0]
        except NoFaceError:
            yield f"covered/{name}", True, "no face"
            continue
        sure = float(recognize(model, [crop])[0].probabilities.max())
        yield f"covered/{name}", bool(crop.notes) or sure < 0.9, f"{sure:.2f} sure, notes {crop.notes}"


def landmarks(field: Path) -> Iterator[Finding]:
    """Landmarks with NaN or zeros in one row cost that row at most."""
    examiners = Examiners(RetinaFaceDetector(), load_model(AppSettings.recognizer), load_model("identity_embedder"))
    for path in sorted((field / "landmarks").glob("*.parquet")):
        walk = FacePass(opened(path).source, examiners)
        walk.advance()
        found = walk.result().found
        count = int(found.sum())
        yield path.name, walk.done == len(found) and count >= len(found) - 1, f"{count} of {len(found)} faces"


def image_kinds(field: Path) -> Iterator[Finding]:
    """One face in sixty kinds of file: near to base.png in grey, or one sentence."""
    if not (field / "image_kinds/make.py").is_file():
        print("not run  image_kinds: its make.py is not in this folder")
        return
    make(field / "image_kinds")
    weights = np.array([0.299, 0.587, 0.114])
    base = load_photo(field / "image_kinds/files/base.png") @ weights
    for path in sorted((field / "image_kinds/files").iterdir()):
        try:
            photo = load_photo(path)
        except FerDemoError as error:
            broken = any(word in path.name for word in ("cut", "trunc", "empty", "text", "half"))
            yield path.name, broken, f"SENTENCE {error}"
            continue
        grey = photo if photo.ndim == 2 else photo @ weights
        apart = float(abs(grey - base).mean()) if grey.shape == base.shape else float("nan")
        yield path.name, apart < 12 or grey.shape != base.shape, f"{photo.shape}, {apart:.1f} grey levels apart"


def checkpoints(field: Path) -> Iterator[Finding]:
    """Checkpoints as people save them load, or end in one sentence."""
    make(field / "checkpoints")
    for folder in sorted((field / "checkpoints/models").iterdir()):
        try:
            load_model(str(folder))
            yield same(folder.name, "loaded", "loaded")
        except FerDemoError as error:
            yield folder.name, folder.name not in ("fp16", "bf16", "fp64"), f"SENTENCE {error}"


CASES: tuple[Case, ...] = (sideways, small_faces, line, covered, landmarks, image_kinds, checkpoints)
