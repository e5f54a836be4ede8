"""Mouths of photographs with their landmarks, cut once around the mouth frame and held as tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.faces.mouth_frame import COLUMNS, INNER_LIPS, OUTER_LIPS, ROWS, to_mouth_frame
from fer_demo.images import to_grey

MARGIN = 12  # pixels kept around the mouth frame, so that a view may turn and shift
LIPS = slice(OUTER_LIPS.start, INNER_LIPS.stop)
_AHEAD = 25.0  # degrees of yaw or pitch beyond which a mouth is left out


@dataclass(frozen=True)
class MouthPatches:
    """N mouths."""

    pictures: UInt8[Tensor, "mouths rows columns"]  # with MARGIN on each side
    lips: Float[Tensor, "mouths 20 2"]  # landmarks 48 to 67, pixels of the picture without its margin
    detail: Float[Tensor, " mouths"]  # binary logarithm of the photo's pixels per pixel of the frame

    @classmethod
    def of(cls, cut: Sequence[tuple[np.ndarray, np.ndarray, float]]) -> MouthPatches:
        """Mouths as `cut_mouth` cuts them, one or more."""
        pictures, lips, detail = zip(*cut, strict=True)
        return cls(
            torch.from_numpy(np.stack(pictures)),
            torch.from_numpy(np.stack(lips).astype(np.float32)),
            torch.tensor(detail, dtype=torch.float32),
        )

    def __len__(self) -> int:
        return len(self.pictures)

    def select(self, chosen: Tensor) -> MouthPatches:
        return MouthPatches(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def to(self, device: torch.device) -> MouthPatches:
        return MouthPatches(*(getattr(self, field.name).to(device) for field in fields(self)))


def mouth_patches(source: FaceSource) -> MouthPatches:
    """The mouths of all faces that look ahead and whose landmarks are known.

    Raises: DataError if there are none.
    """
    found = []
    for record in tqdm(source, desc=f"mouths of {source.name}", leave=False):
        points, pose = record.landmarks, record.head_pose
        if points is None or not np.isfinite(points).all() or np.ptp(points, axis=0).min() < 8:
            continue
        if pose is not None and max(abs(float(pose[0])), abs(float(pose[1]))) > _AHEAD:
            continue
        found.append(cut_mouth(to_grey(record.image), np.asarray(points, np.float64)))
    if not found:
        raise DataError(f"{source.name} holds no faces with landmarks; add a column of landmarks.")
    return MouthPatches.of(found)


def cut_mouth(
    picture: UInt8[np.ndarray, "height width"], landmarks68: Float[np.ndarray, "68 2"]
) -> tuple[UInt8[np.ndarray, "rows columns"], Float[np.ndarray, "20 2"], float]:
    """The mouth frame with MARGIN around it, the lips' landmarks in it, and its detail."""
    matrix = to_mouth_frame(landmarks68)
    linear, shift = matrix[:, :2], matrix[:, 2] + MARGIN
    back = np.linalg.inv(linear)
    offset = -back @ shift
    pixels = 1 / math.hypot(*linear[:, 0])
    beyond = math.ceil(ROWS * pixels / 2)  # where a chin leaves the photo, its last row goes on
    image = Image.fromarray(np.pad(picture, beyond, mode="edge"))
    offset = offset + beyond
    # A finer photo is made as coarse as the frame before it is sampled, or it would show false edges.
    if pixels > 1:
        small = (max(round(image.width / pixels), 1), max(round(image.height / pixels), 1))
        scale = np.array(small) / image.size
        image = image.resize(small, Image.Resampling.BOX)
        back, offset = scale[:, None] * back, scale * offset
    cut = image.transform(
        (COLUMNS + 2 * MARGIN, ROWS + 2 * MARGIN),
        Image.Transform.AFFINE,
        (*back[0], offset[0], *back[1], offset[1]),
        Image.Resampling.BICUBIC,
    )
    lips = landmarks68[LIPS] @ linear.T + matrix[:, 2]
    return np.asarray(cut), lips, math.log2(pixels)
