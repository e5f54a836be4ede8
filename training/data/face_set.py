"""A dataset's faces, aligned once and held as tensors, so that batches are cheap to draw."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor
from tqdm import tqdm

from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, LABEL_ORDERS, WITH_CONTEMPT
from fer_demo.faces.alignment import TEMPLATE, align, five_points, given_points, make_a_face, similarity
from fer_demo.images import to_grey

UNKNOWN = -1
MARGIN = 0.125  # context kept around each crop, so that augmentation may shift and zoom out
VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class FaceSet:
    """N aligned grey faces with their labels."""

    crops: Tensor  # (N, S, S) uint8, with MARGIN on each side
    expression: Tensor  # (N,) int64 index into BASIC, UNKNOWN where there is none
    person: Tensor  # (N,) int64, UNKNOWN where nobody is named
    votes: Tensor  # (N, 8) float, share of FER+ votes per class of WITH_CONTEMPT; a row of zeros where there are none
    units: Tensor  # (N, 52) float, expression-unit weights; zeros where there are none
    landmarks: Tensor  # (N, 68, 2) float, x and y from -1 to 1 across the stored crop; zeros where there are none
    pose: Tensor  # (N, 2) float, yaw and pitch in degrees; counts only where there are landmarks
    intensity: Tensor  # (N,) float, 1 where nobody measured it

    def __len__(self) -> int:
        return len(self.crops)

    def select(self, chosen: Tensor) -> FaceSet:
        """The faces at these positions, or where this mask is true."""
        return FaceSet(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def sample(self, count: int, rng: np.random.Generator) -> FaceSet:
        """So many faces, drawn with replacement."""
        return self.select(torch.from_numpy(rng.integers(len(self), size=count)).to(self.crops.device))

    def to(self, device: torch.device) -> FaceSet:
        """The same set in another memory."""
        return FaceSet(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


def crop_side(size: int) -> int:
    """Side of the stored crop whose inner `size` pixels are the template square."""
    return round(size * (1 + 2 * MARGIN))


def build_face_set(source: FaceSource, size: int, persons: Mapping[str, int] | None = None) -> FaceSet:
    """Align every face of `source` for networks of `size` pixels; `persons` numbers the people that count."""
    rows = [_row(record, size, persons or {}) for record in tqdm(source, desc=f"align {source.name}", leave=False)]
    if not rows:
        raise DataError(f"{source.name} holds no faces; choose another dataset.")
    return FaceSet(*(torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)))


def concatenate(sets: Sequence[FaceSet]) -> FaceSet:
    """Several sets as one."""
    return FaceSet(**{field.name: torch.cat([getattr(part, field.name) for part in sets]) for field in fields(FaceSet)})


def number_persons(names: Sequence[str | None], most: int | None = None) -> dict[str, int]:
    """Numbers for the people, those with most photos first."""
    counted = Counter(name for name in names if name is not None)
    ordered = sorted(counted, key=lambda name: (-counted[name], name))
    return {name: number for number, name in enumerate(ordered[:most])}


def held_out(source: FaceSource, share: float = VALIDATION_SHARE, fold: int = 0) -> Bool[np.ndarray, " faces"]:
    """Which faces belong to the validation cut: decided by the pixels, so that equal pictures stay on one side.

    The cuts of folds 0 to 1 / share - 1 have no picture in common.
    """
    digests = (hashlib.sha256(np.ascontiguousarray(record.image).tobytes()).digest() for record in source)
    places = (int.from_bytes(digest[:8], "big") / 2**64 for digest in digests)
    return np.array([fold * share <= place < (fold + 1) * share for place in places])


def _row(record: FaceRecord, size: int, persons: Mapping[str, int]) -> tuple[np.ndarray, ...]:
    image = to_grey(record.image)
    landmarks = record.landmarks
    if landmarks is not None and not (np.isfinite(landmarks).all() and make_a_face(five_points(landmarks))):
        landmarks = None
    points = face_points(record, landmarks)
    expression = BASIC.index(record.expression) if record.expression in BASIC else UNKNOWN
    side = crop_side(size)
    return (
        align(image, points, side, MARGIN),
        np.array(expression),
        np.array(persons.get(record.person or "", UNKNOWN)),
        vote_shares(record.votes),
        np.zeros(52, np.float32) if record.units is None else np.asarray(record.units, np.float32),
        _aligned(landmarks, points, side),
        np.zeros(2, np.float32) if record.head_pose is None else np.asarray(record.head_pose[:2], np.float32),
        np.array(_intensity(record.attributes.get("intensity")), np.float32),
    )


def face_points(record: FaceRecord, landmarks: np.ndarray | None) -> np.ndarray:
    """The face's five points: the record's, else from the landmarks, else as if the middle square were a crop."""
    points = given_points(record.points, landmarks, record.image.shape)
    if points is not None:
        return points
    height, width = record.image.shape[:2]
    side = min(height, width)
    return TEMPLATE * side + [(width - side) / 2, (height - side) / 2]


def _intensity(value: object) -> float:
    """How clearly an expression is shown; 1 where nobody measured it."""
    known = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if known else 1.0  # type: ignore[arg-type]


def _aligned(landmarks: np.ndarray | None, points: np.ndarray, side: int) -> np.ndarray:
    """Landmarks of a picture where its crop shows them, from -1 to 1."""
    if landmarks is None:
        return np.zeros((68, 2), np.float32)
    forward = similarity(points, side, MARGIN)
    return ((landmarks @ forward[:, :2].T + forward[:, 2]) * (2 / side) - 1).astype(np.float32)


def vote_shares(votes: np.ndarray | None) -> np.ndarray:
    """FER+ votes (10,) as shares of the 8 expressions; zeros if nobody voted for any of them."""
    shares = np.zeros(len(WITH_CONTEMPT), np.float32)
    if votes is None:
        return shares
    for name, count in zip(LABEL_ORDERS["ferplus"], votes, strict=True):
        if name is not None:
            shares[WITH_CONTEMPT.index(name)] += count
    return shares / max(float(shares.sum()), 1.0)
