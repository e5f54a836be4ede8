"""The codes, labels and small pictures of a part of a dataset, as one shard of an embedding table in the making."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from torch import Tensor

from fer_demo.capabilities import RecognizesExpression
from fer_demo.checkpoints import load_model
from fer_demo.data.sources import FaceSource
from fer_demo.data.vectors import vector_column, vectors
from fer_demo.errors import DataError, FerDemoError
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.inference.dataset.face_pass import crop_of_record
from fer_demo.inference.encoding import BASELINE_CLASSIFIER, code_spaces
from fer_demo.inference.preparation import face_tensor
from fer_demo.published.model import PublishedModel

BATCH = 32
_THUMBNAIL_SIDE, _THUMBNAIL_QUALITY = 48, 70
_ANGLES = ("yaw", "pitch", "roll")  # of the head, degrees
_LIGHT = ("light_azimuth", "light_elevation", "light_strength")  # of rendered faces; degrees, degrees, -
_NUMBERED = ("row", "instance")  # columns that only count
_CLASSIFIER_KEY = b"classifier_sha256"  # of a shard's metadata
Views = Mapping[int, np.ndarray]  # aligned faces (N, S, S, 3) uint8 by their side


class Described(NamedTuple):
    """What the networks say about N faces."""

    spaces: dict[str, np.ndarray]  # full codes (N, D) by space
    read: dict[str, list[Any]]  # labels read from the pictures
    faces: np.ndarray  # (N, S, S) uint8, as the model reads them
    rows: list[int]  # of the source


@dataclass(frozen=True, eq=False)
class Encoders:
    """The networks that describe a face: the mapped model, the baseline, and who answers for the labels."""

    model: PublishedModel
    classifier: PublishedModel
    detector: Detector

    @classmethod
    def of(cls, model: PublishedModel, device: torch.device) -> Encoders:
        return cls(model.to(device), load_model(BASELINE_CLASSIFIER).to(device), RetinaFaceDetector())

    @staticmethod
    def answering(model: PublishedModel) -> str:
        """The catalogue name of the recognizer behind the labels `answer` and `entropy`."""
        return model.method if isinstance(model, RecognizesExpression) else BASELINE_CLASSIFIER

    @property
    def recognizer(self) -> RecognizesExpression:
        """The model itself if it names expressions, else the baseline."""
        named = self.model if isinstance(self.model, RecognizesExpression) else self.classifier
        assert isinstance(named, RecognizesExpression)
        return named

    def describe(self, source: FaceSource, say: Callable[[str], None] = print) -> Described:
        """Everything the networks say about the faces of a source; `say` reports, by name, those left out."""
        rows, views = aligned_views(source, self, say)
        return Described(*(self.describe_views(views) if rows else ({}, {}, np.empty((0, 0, 0), np.uint8))), rows)

    @torch.inference_mode()
    def describe_views(self, views: Views) -> tuple[dict[str, np.ndarray], dict[str, list[Any]], np.ndarray]:
        """The first three of `Described`, for at least one face."""
        count = len(views[self.model.config.size])
        parts = [self._batch(views, slice(start, start + BATCH)) for start in range(0, count, BATCH)]
        spaces = {name: np.concatenate([part[1][name] for part in parts]) for name in parts[0][1]}
        shares = np.concatenate([part[2] for part in parts])
        faces = np.concatenate([part[0] for part in parts])
        expressions = self.recognizer.config.expressions  # type: ignore[attr-defined]
        read = {
            "answer": [expressions[index] for index in shares.argmax(axis=1)],
            "entropy": _rounded(-(shares * np.log2(shares.clip(1e-12))).sum(axis=1)),  # bits
            "brightness": _rounded((faces.mean(axis=(1, 2)) + 1) * 127.5, 1),  # of the crop, 0..255
        }
        return spaces, read, ((faces + 1) * 127.5).round().astype(np.uint8)

    def _batch(self, views: Views, rows: slice) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        """Faces in grey, codes and probabilities."""
        faces, others = (
            face_tensor(network, views[network.config.size][rows]) for network in (self.model, self.classifier)
        )
        return faces.float().mean(dim=1).cpu().numpy(), *self._encode(faces, others)

    def _encode(self, faces: Tensor, others: Tensor) -> tuple[dict[str, np.ndarray], np.ndarray]:
        spaces = code_spaces(self.model, self.classifier, faces, others)
        mine = faces if self.recognizer is self.model else others
        logits = self.recognizer.expression_logits(mine).float().cpu()
        calibration = self.recognizer.calibration  # type: ignore[attr-defined]
        shares = logits.softmax(dim=1).numpy() if calibration is None else calibration.probabilities(logits.numpy())
        return spaces, shares


def dataset_labels(source: FaceSource) -> dict[str, list[Any]]:
    """What the dataset says of its faces: one value per face and label; nested things and mere numbers are left out."""
    found = {name: source.column(name) for name in ("expression", "person")}
    poses = source.column("head_pose")
    for place, name in enumerate(_ANGLES):
        found[name] = [None if pose is None else round(float(pose[place]), 2) for pose in poses]
    for name in source.columns:
        values = source.column(name)
        if name == "light":
            for place, part in enumerate(_LIGHT):
                found[part] = [None if value is None else round(float(value[place]), 3) for value in values]
        elif name not in _NUMBERED and all(isinstance(value, str | int | float | None) for value in values):
            found[name] = [round(value, 4) if isinstance(value, float) else value for value in values]
    return {name: values for name, values in found.items() if any(value is not None for value in values)}


def shard_table(
    encoders: Encoders, source: FaceSource, prefix: str, thumbnails: bool, say: Callable[[str], None]
) -> pa.Table:
    """Keys, full codes in fp16 and everything known about the faces of `source`; `say` hears of those left out."""
    assert encoders.classifier.origin is not None  # load_model always sets it
    made_with = {_CLASSIFIER_KEY: encoders.classifier.origin.sha256.encode()}
    spaces, read, faces, rows = encoders.describe(source, say)
    if not rows:
        return pa.table({"key": pa.array([], pa.string())}).replace_schema_metadata(made_with)
    source = source.select(rows)
    columns: dict[str, Any] = {"key": pa.array([f"{prefix}{key}" for key in source.column("key")], pa.string())}
    labels = {"source": [source.name] * len(source), **dataset_labels(source), **read}
    columns |= {f"label {name}": pa.array(values) for name, values in labels.items()}
    for name, values in spaces.items():
        columns[f"code {name}"] = vector_column(values, f"{name} codes")
    if thumbnails:
        columns["thumbnail"] = pa.array([_thumbnail(face) for face in faces], pa.binary())
    return pa.table(columns).replace_schema_metadata(made_with)


def aligned_views(source: FaceSource, encoders: Encoders, say: Callable[[str], None]) -> tuple[list[int], Views]:
    """The rows whose face can be shown to the networks, and those faces, found and aligned as the app does it.

    `say` reports every other row, by name.
    """
    rows: list[int] = []
    views: dict[int, list[np.ndarray]] = {network.config.size: [] for network in (encoders.model, encoders.classifier)}
    for row, key in enumerate(source.column("key")):
        try:
            crop = crop_of_record(source[row], encoders.detector)
            rendered = {size: crop.pixels(size) for size in views}
        except Exception as error:  # whatever is wrong with one picture, the others can be encoded
            reason = str(error) if isinstance(error, FerDemoError) else f"{type(error).__name__}: {error}"
            say(f"{key} of {source.name} is left out: {reason}")
            continue
        rows.append(row)
        for size, pixels in rendered.items():
            views[size].append(pixels)
    return rows, {size: np.stack(pixels) for size, pixels in views.items() if pixels}


def classifier_of(shards: Sequence[Path]) -> str:
    """The SHA-256 of the baseline classifier's weights that all shards were made with.

    Raises: DataError if they were made with several.
    """
    found = {(pq.read_schema(path).metadata or {}).get(_CLASSIFIER_KEY, b"").decode() for path in shards}
    if len(found) > 1:
        raise DataError(f"The shards in {shards[0].parent} were made with several classifiers; delete them.")
    return found.pop()


def full_codes(path: Path, space: str) -> np.ndarray:
    """(N, D) float32 of one shard."""
    return vectors(pq.read_table(path, columns=[f"code {space}"]).column(0))


def joined_labels(tables: list[pa.Table]) -> Mapping[str, list[Any]]:
    """The labels of all shards; a label that only some datasets have is None elsewhere.

    Raises: DataError if two datasets mean different kinds of things by one name.
    """
    try:
        table = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError(f"The datasets' columns do not go together ({error}); map them one by one.") from error
    labels = {name[6:]: table[name].to_pylist() for name in table.column_names if name.startswith("label ")}
    return labels if len(set(labels["source"])) > 1 else {name: labels[name] for name in labels if name != "source"}


def _rounded(values: np.ndarray, digits: int = 3) -> list[float]:
    return [round(float(value), digits) for value in values]


def _thumbnail(face: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(face).resize((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE)).save(buffer, "WEBP", quality=_THUMBNAIL_QUALITY)
    return buffer.getvalue()
