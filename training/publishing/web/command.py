"""The page without a server as a folder for any host of files: its own files, the networks and the runtime."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.hidden_mouth import WEIGHTS as HIDDEN_MOUTH
from fer_demo.faces.retina import WEIGHTS as DETECTOR
from fer_demo.figures.palette import EXPRESSION_COLOURS
from fer_demo.images import save_png
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.published.model import PublishedModel
from fer_demo.settings import AppSettings
from training.publishing.web.graphs import editor_graph, reader_graph, votes_graph

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "spaces" / "page"
RUNTIME = PAGE / "node_modules" / "onnxruntime-web"
_SCRIPT, _WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"  # the smallest build: no WebGPU, no WebGL
_NOT_SHOWN = shutil.ignore_patterns("node_modules", "package*.json", ".*")
EDITOR = "landmark_editor"
LIMIT = 25_000_000  # bytes of the whole folder
LIST = "files.js"  # what the page loads and keeps for when it is offline
# Of the bundled faces, those that are the app's examples.
EXAMPLES = (
    *("00005-angry-1", "00056-disgust-0", "00057-fear-3", "00001-happy-3", "00007-sad-0", "00040-surprise-1"),
    "00018-neutral-2",
)


@dataclass(frozen=True)
class ExportWebSettings:
    """Where the page is written, where npm put onnxruntime-web, and who answers."""

    out: Path  # folder to write it in, empty or new
    runtime: Path = RUNTIME  # folder of the package onnxruntime-web; `make page` puts it there
    recognizer: str = AppSettings.recognizer  # any one with a head for votes: catalogue name, folder or Hub id


def export_web(settings: ExportWebSettings) -> Path:
    """Write the folder and return it.

    Raises: DataError if the page's sources or the runtime are missing, the folder holds something, or all is too large;
    CheckpointError if the recognizer cannot be had, or knows no votes.
    """
    out, dist = settings.out, settings.runtime / "dist"
    if not PAGE.is_dir():
        raise DataError(f"There is no {PAGE}. Run this in a clone of the project.")
    if not all((dist / name).is_file() for name in (_SCRIPT, _WASM)):
        raise DataError(f"There is no onnxruntime-web in {settings.runtime}. Fetch it with `make page`.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} is not an empty folder. Give another --out.")
    shutil.copytree(PAGE, out, ignore=_NOT_SHOWN, dirs_exist_ok=True)
    shutil.copyfile(ROOT / "LICENSE", out / "LICENSE")
    _save_examples(out / "examples")
    for name, content in {**_models(settings.recognizer), **_runtime(dist)}.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    _list_files(out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    if size > LIMIT:
        raise DataError(f"The page has {size:,} bytes, and {LIMIT:,} is the most. Take a smaller network.")
    return out


def _models(name: str) -> Mapping[str, bytes]:
    recognizer, editor = load_model(name), load_model(EDITOR)
    assert isinstance(editor, LandmarkEditor)
    return {
        "models/detector.onnx": DETECTOR.read_bytes(),
        "models/votes.onnx": votes_graph(recognizer).SerializeToString(),
        "models/reader.onnx": reader_graph(editor).SerializeToString(),
        "models/editor.onnx": editor_graph(editor).SerializeToString(),
        "models/settings.json": json.dumps(_settings(recognizer, name, editor)).encode(),
    }


def _settings(recognizer: PublishedModel, name: str, editor: LandmarkEditor) -> dict[str, Any]:
    """Numbers that the scripts need beside the networks."""
    calibration = recognizer.calibration.votes if recognizer.calibration else None
    if calibration is None:
        raise DataError(f"{name} has no calibration of its votes. Run `python -m training evaluate votes {name}`.")
    with np.load(HIDDEN_MOUTH) as stored:
        hidden_mouth = {"weights": stored["weights"].astype(float).tolist(), "bias": float(stored["bias"])}
    return {
        "votes": {
            "size": recognizer.config.size,
            "expressions": calibration.expressions,
            "temperature": calibration.temperature,
            "thresholds": {f"{coverage:g}": value for coverage, value in calibration.thresholds.items()},
            "habit": calibration.habit,
        },
        "editor": {
            "size": editor.config.size,
            "prototypes": dict(zip(BASIC, editor.prototypes().tolist(), strict=True)),
        },
        "hiddenMouth": hidden_mouth,
        "colours": EXPRESSION_COLOURS,
    }


def _runtime(dist: Path) -> Mapping[str, bytes]:
    """The script, and its WebAssembly packed to a quarter: not every host of files packs what it sends."""
    packed = gzip.compress((dist / _WASM).read_bytes(), compresslevel=9, mtime=0)
    script = Path(_SCRIPT).with_suffix(".js")  # some hosts of files do not know .mjs
    return {f"runtime/{script}": (dist / _SCRIPT).read_bytes(), f"runtime/{_WASM}.gz": packed}


def _save_examples(folder: Path) -> None:
    faces = load_bundled()
    rows = {str(key): row for row, key in enumerate(faces.column("key"))}
    folder.mkdir()
    for key in EXAMPLES:
        face = faces[rows[key]]
        save_png(face.image, folder / f"{face.expression}.png")


def _list_files(out: Path) -> None:
    """The names and sizes of all files, under a version that changes with any of them."""
    contents = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    whole = hashlib.sha256()
    for name, content in sorted(contents.items()):
        whole.update(name.encode() + hashlib.sha256(content).digest())
    shown = {name: len(content) for name, content in sorted(contents.items()) if name not in ("README.md", "LICENSE")}
    lines = [f"self.VERSION = {json.dumps(whole.hexdigest()[:16])};", f"self.FILES = {json.dumps(shown, indent=2)};"]
    (out / LIST).write_text("\n".join(["// Made by export_web.", *lines, ""]), encoding="utf-8")
