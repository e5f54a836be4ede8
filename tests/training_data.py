"""A small data folder in the layout of the training data: noise for photographs."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.expressions import BASIC
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from training.two_codes import validation

SIZE = 32  # of the faces that an editor of photos learns from
FACES = 140
POSED = 28  # a picture without a face takes the detector longest


def validate_on_few(patched: pytest.MonkeyPatch) -> None:
    """Two codes are judged by few faces: the encoders take most of a minute for all of them."""
    patched.setattr(validation, "RENDERED_PAIRS", 8)
    patched.setattr(validation, "PROTOTYPE_FACES", 2)


def write_training_data(root: Path) -> Path:
    """FER2013, LFW, posed sets, and both synthetic sets."""
    rng = np.random.default_rng(0)
    scores = rng.random((FACES, 52)).round(3).tolist()
    names = [f"person {index // 2}" for index in range(FACES)]
    mesh = {"blendshapes": scores, "head_pose": [[0.0, 0.0, 0.0]] * FACES}
    fer = {
        "image": [png(rng, 48) for _ in range(FACES)],
        "expression": [index % 7 for index in range(FACES)],
        "votes": [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * FACES,
        "row": list(range(FACES)),
        "exact_row": [True] * FACES,
        "in_other_split": [False] * FACES,
        "landmarks": [landmarks(False, 48).tolist()] * FACES,
        **mesh,
    }
    lfw = {
        "image": [png(rng, 40) for _ in names],
        "person": names,
        "photo": [index % 2 for index in range(FACES)],
        "landmarks": [landmarks(index % 2 == 0, 40).tolist() for index in range(FACES)],
        **mesh,
    }
    posed = {
        "image": [png(rng, 48)["bytes"] for _ in range(POSED)],
        "person": names[:POSED],
        "expression": ["neutral", "contempt", "neutral", "happy"] * (POSED // 4),
    }
    people, instances = 10, 7
    shown = [divmod(index, instances) for index in range(people * instances)]
    rendered = {
        "image": [png(rng, 64) for _ in shown],
        "person": [f"{person:05d}" for person, _ in shown],
        "instance": [instance for _, instance in shown],
        "expression": [BASIC[instance] for _, instance in shown],
        "intensity": [1.0] * len(shown),
    }
    for path, columns in (
        ("fer2013/train.parquet", fer),
        ("lfw/train.parquet", lfw),
        ("pairs/ckplus.parquet", posed),
        ("pairs/london.parquet", posed),
        ("synthetic/faces.parquet", rendered),
        ("synthetic_factorial/faces.parquet", rendered),
    ):
        (root / path).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), root / path)
    return root


def png(rng: np.random.Generator, side: int) -> dict[str, object]:
    """A square of noise as datasets hold pictures."""
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(256, size=(side, side), dtype=np.uint8)).save(buffer, format="PNG")
    return {"bytes": buffer.getvalue(), "path": None}


def landmarks(open_: bool, side: int) -> np.ndarray:
    """(68, 2) pixels of the resting head in a square picture, with the lower lip's inner edge down if it is open."""
    points = load_head_model().rest[LANDMARK_VERTICES][:, :2] * [1, -1]
    points = ((points - points.min(axis=0)) / np.ptp(points, axis=0).max() * 24 + 8) * side / 40
    points[65:68, 1] += side / 8 * open_
    return points
