"""Parts of a photo as a detector sees them: cut out, scaled and turned, with the way back into the photo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from fer_demo.images import resize

Box = tuple[float, float, float, float]  # left, top, right, bottom

_LEAST_SIDE = 32  # pixels each way that the network needs


@dataclass(frozen=True, eq=False)
class View:
    """A part of a photo, and where its pixels lie there."""

    pixels: UInt8[np.ndarray, "height width 3"]
    to_photo: Float[np.ndarray, "2 3"]

    def points_in_photo(self, points: Float[np.ndarray, "count 2"]) -> Float[np.ndarray, "count 2"]:
        """Points of the view in photo pixels."""
        return points @ self.to_photo[:, :2].T + self.to_photo[:, 2]

    def box_in_photo(self, box: Box) -> Box:
        """The upright box in photo pixels around the ellipse that fills a box of the view."""
        left, top, right, bottom = box
        ((x, y),) = self.points_in_photo(np.array([[(left + right) / 2, (top + bottom) / 2]]))
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        (a, b), (c, d) = self.to_photo[:, :2]
        across = math.hypot(a * half_width, b * half_height)
        down = math.hypot(c * half_width, d * half_height)
        return float(x - across), float(y - down), float(x + across), float(y + down)


def cut(photo: UInt8[np.ndarray, "height width 3"], region: Sequence[float], side: int) -> View:
    """A region scaled to `side` on its longer side; what lies beyond the photo is its mean colour."""
    left, top, right, bottom = region
    scale = side / max(right - left, bottom - top)
    width, height = (max(_LEAST_SIDE, round((end - begin) * scale)) for begin, end in ((left, right), (top, bottom)))
    rows = slice(max(0, round(top)), min(photo.shape[0], round(bottom)))
    columns = slice(max(0, round(left)), min(photo.shape[1], round(right)))
    seen = photo[rows, columns]
    shape = (max(1, round(seen.shape[0] * scale)), max(1, round(seen.shape[1] * scale)))
    seen = resize(np.ascontiguousarray(seen), shape)
    to_photo = np.array([[1 / scale, 0.0, left], [0.0, 1 / scale, top]])
    if shape == (height, width):
        return View(seen, to_photo)
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = seen.mean(axis=(0, 1))
    y, x = max(0, round((rows.start - top) * scale)), max(0, round((columns.start - left) * scale))
    seen = seen[: height - y, : width - x]
    canvas[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
    return View(canvas, to_photo)


def turned(view: View, degrees: float) -> View:
    """The view turned anticlockwise about its middle; by other than quarter turns it loses its corners."""
    if degrees % 360 == 0:
        return view
    height, width = view.pixels.shape[:2]
    if degrees % 90 == 0:
        pixels = np.ascontiguousarray(np.rot90(view.pixels, round(degrees / 90)))
    else:
        mean = tuple(int(value) for value in view.pixels.mean(axis=(0, 1)))
        image = Image.fromarray(view.pixels).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=mean)
        pixels = np.asarray(image)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    back = np.array([[cos, -sin], [sin, cos]])
    shift = np.array([width / 2, height / 2]) - back @ (pixels.shape[1] / 2, pixels.shape[0] / 2)
    linear = view.to_photo[:, :2]
    return View(pixels, np.column_stack([linear @ back, linear @ shift + view.to_photo[:, 2]]))


def tiles(height: int, width: int, longest: float, overlap: float) -> list[Box]:
    """Regions no longer than `longest` that cover a photo; what is smaller than the overlap lies whole in one."""
    rows, columns = (_spans(length, longest, overlap) for length in (height, width))
    return [(left, top, right, bottom) for top, bottom in rows for left, right in columns]


def grown(box: Sequence[float], border: float) -> Box:
    """A box with a border on each side, in parts of its longer side."""
    left, top, right, bottom = box
    extra = border * max(right - left, bottom - top)
    return left - extra, top - extra, right + extra, bottom + extra


def squared(box: Sequence[float]) -> Box:
    """The square about the middle of a box that holds it."""
    x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, max(box[2] - box[0], box[3] - box[1]) / 2
    return x - half, y - half, x + half, y + half


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    common = _intersection(one, other)
    return common / (_area(one) + _area(other) - common) if common > 0 else 0.0


def covered(one: Sequence[float], other: Sequence[float]) -> float:
    """Which part of the smaller of two boxes the other covers."""
    common = _intersection(one, other)
    return common / min(_area(one), _area(other)) if common > 0 else 0.0


def _intersection(one: Sequence[float], other: Sequence[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _spans(length: int, longest: float, overlap: float) -> list[tuple[float, float]]:
    count = max(1, math.ceil((length - overlap) / (longest - overlap)))
    span = (length + (count - 1) * overlap) / count
    return [(number * (span - overlap), number * (span - overlap) + span) for number in range(count)]
