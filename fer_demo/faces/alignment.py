"""Alignment of a face to the one template that every model shares, and the way back into the photo.

Coordinates are continuous: the photo spans 0..width and 0..height, and a pixel's centre lies at a half.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from fer_demo.errors import ImageError
from fer_demo.images import to_colour, to_grey

TEMPLATE_NAME = "five-point-v1"
# Picture-left eye, picture-right eye, nose tip, picture-left and picture-right mouth corner; fractions of the side.
TEMPLATE = np.array([(0.33, 0.40), (0.67, 0.40), (0.50, 0.577), (0.36, 0.749), (0.64, 0.749)])

# Beyond the photo's edge the mirrored picture fades into its mean between these distances, in fractions of the crop.
_FADE_FROM, _FADE_TO = 0.08, 0.30


def five_points(landmarks68: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "5 2"]:
    """The template's five points from the 68 iBUG landmarks; an eye is the mean of its six."""
    return np.stack(
        [
            landmarks68[36:42].mean(axis=0),
            landmarks68[42:48].mean(axis=0),
            landmarks68[30],
            landmarks68[48],
            landmarks68[54],
        ]
    )


def make_a_face(points: Float[np.ndarray, "5 2"]) -> bool:
    """Whether five points can be a face's, whichever way up: the mouth below the eyes, the nose between, no mirror."""
    if not np.isfinite(points).all():
        return False
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    across = points[1] - points[0]
    apart, long = math.hypot(*across), math.hypot(*(mouth - eyes))
    if not 0.1 < apart / max(long, 1e-9) < 4.0 or apart < 1.0:  # a profile's eyes are close; numbers below 1 are shares
        return False
    across = across / apart
    down = np.array([-across[1], across[0]])
    nose = float((points[2] - eyes) @ down) / long
    return bool((mouth - eyes) @ down > 0.6 * long and -0.2 < nose < 1.2 and (points[4] - points[3]) @ across > 0)


def given_points(
    points: Float[np.ndarray, "5 2"] | None, landmarks68: Float[np.ndarray, "68 2"] | None, shape: tuple[int, ...]
) -> Float[np.ndarray, "5 2"] | None:
    """The five points that come with a picture of this shape, or those of its landmarks; None if neither are a face's.

    Points about a place outside the picture belong to another one, such as the photo that it was cut from.
    """
    height, width = shape[:2]
    for five in (points, None if landmarks68 is None else five_points(landmarks68)):
        if five is not None and make_a_face(five):
            x, y = five.mean(axis=0)
            if 0 <= x <= width and 0 <= y <= height:
                return np.asarray(five, np.float64)
    return None


def similarity(points: Float[np.ndarray, "5 2"], size: int, margin: float = 0.0) -> Float[np.ndarray, "2 3"]:
    """The rotation, scale and shift from photo pixels to crop pixels.

    `margin` adds context on each side, in fractions of the template square; the crop stays `size` pixels wide.

    Raises: ImageError if the points coincide.
    """
    return fit_similarity(points, (TEMPLATE + margin) * (size / (1.0 + 2.0 * margin)))


def fit_similarity(points: Float[np.ndarray, "n 2"], places: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "2 3"]:
    """The least-squares rotation, scale and shift from points to their places (Umeyama 1991).

    Raises: ImageError if the points coincide.
    """
    source = np.asarray(points, dtype=np.float64)
    source_mean, target_mean = source.mean(axis=0), places.mean(axis=0)
    source, target = source - source_mean, places - target_mean
    spread = (source**2).sum()
    if not np.isfinite(spread) or spread < 1e-6:
        raise ImageError("The face's points lie on one spot, so it cannot be aligned; choose another face.")
    # In two dimensions the optimum has a closed form: the mean of target times conjugate source, as complex numbers.
    along = (source * target).sum() / spread
    across = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / spread
    linear = np.array([[along, -across], [across, along]])
    return np.column_stack([linear, target_mean - linear @ source_mean])


def align(
    photo: UInt8[np.ndarray, "..."],
    points: Float[np.ndarray, "5 2"],
    size: int,
    margin: float = 0.0,
    in_grey: bool = False,
) -> UInt8[np.ndarray, "..."]:
    """The face as a square crop on the template, antialiased; colour stays colour unless `in_grey`.

    Where the crop reaches beyond the photo, it shows the mirrored photo fading into its mean.
    """
    forward = similarity(points, size, margin)
    backward = _inverse(forward)
    scale = math.hypot(*forward[:, 0])
    left, top, right, bottom = _bounds(backward, size)
    region = _mirrored(photo, left, top, right, bottom)
    if in_grey:  # before sampling, which then has one channel to sample
        region = to_grey(region)
    # Shrink by a whole factor first (exact box filter), then sample no coarser than the pixels left, and average.
    shrink = max(1, math.floor(0.5 / scale))
    image = Image.fromarray(region)
    if shrink > 1:
        image = image.reduce(shrink)
    oversample = math.ceil(1.0 / (scale * shrink) - 1e-9)
    to_region = (backward - [[0, 0, left], [0, 0, top]]) / shrink
    to_region[:, :2] /= oversample
    crop = _transform(image, to_region, size * oversample, size * oversample)
    if oversample > 1:
        crop = crop.reduce(oversample)
    pixels = np.array(crop)
    height, width = photo.shape[:2]
    if left < 0 or top < 0 or right > width or bottom > height:
        return _fade(pixels, backward, height, width)
    return pixels


def paste_back(
    photo: UInt8[np.ndarray, "..."], crop: UInt8[np.ndarray, "..."], points: Float[np.ndarray, "5 2"]
) -> UInt8[np.ndarray, "..."]:
    """A copy of the photo with an edited crop (made without margin) blended in under a soft ellipse."""
    size = crop.shape[0]
    crop = to_grey(crop) if photo.ndim == 2 else to_colour(crop)
    forward = similarity(points, size)
    scale = math.hypot(*forward[:, 0])
    height, width = photo.shape[:2]
    left, top, right, bottom = _bounds(_inverse(forward), size)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    result = photo.copy()
    if left >= right or top >= bottom:
        return result
    image, mask = Image.fromarray(crop), Image.fromarray(_soft_ellipse(size))
    if scale > 1.0:  # the crop is finer than the photo: bring it to the photo's resolution first
        side = max(1, round(size / scale))
        image, mask = (picture.resize((side, side), Image.Resampling.BICUBIC) for picture in (image, mask))
        forward = forward * (side / size)
    from_patch = forward.copy()
    from_patch[:, 2] += forward[:, :2] @ (left, top)
    shape = (right - left, bottom - top)
    patch = np.asarray(_transform(image, from_patch, *shape), dtype=np.float32)
    weight = np.asarray(_transform(mask, from_patch, *shape), dtype=np.float32) / 255.0
    weight = weight if photo.ndim == 2 else weight[..., None]
    below = result[top:bottom, left:right]
    result[top:bottom, left:right] = (patch * weight + below * (1.0 - weight)).round().astype(np.uint8)
    return result


def _inverse(matrix: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def _bounds(backward: np.ndarray, size: int) -> tuple[int, int, int, int]:
    """The photo pixels under the crop, with two to spare for the cubic filter."""
    corners = backward[:, :2] @ np.array([[0, size, 0, size], [0, 0, size, size]]) + backward[:, 2:]
    left, top = np.floor(corners.min(axis=1)).astype(int) - 2
    right, bottom = np.ceil(corners.max(axis=1)).astype(int) + 2
    return int(left), int(top), int(right), int(bottom)


def _mirrored(photo: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """A rectangle of the photo that may reach beyond it; there the photo is mirrored, again and again if need be."""
    height, width = photo.shape[:2]
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return np.ascontiguousarray(photo[top:bottom, left:right])
    rows, columns = np.arange(top, bottom) % (2 * height), np.arange(left, right) % (2 * width)
    rows, columns = np.minimum(rows, 2 * height - 1 - rows), np.minimum(columns, 2 * width - 1 - columns)
    return photo[rows[:, None], columns]


def _transform(image: Image.Image, matrix: np.ndarray, width: int, height: int) -> Image.Image:
    """Sample `image` where `matrix` sends the output's pixels; PIL too puts pixel centres at a half."""
    coefficients = tuple(float(value) for value in matrix.ravel())
    return image.transform((width, height), Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC)


def _fade(crop: np.ndarray, backward: np.ndarray, height: int, width: int) -> np.ndarray:
    size = crop.shape[0]
    centres = np.arange(size, dtype=np.float32) + 0.5
    x = backward[0, 0] * centres + backward[0, 1] * centres[:, None] + backward[0, 2]
    y = backward[1, 0] * centres + backward[1, 1] * centres[:, None] + backward[1, 2]
    beyond = np.maximum(np.maximum(-x, x - width), np.maximum(-y, y - height))
    inside = beyond <= 0
    if not inside.any():
        return crop
    side = math.hypot(*backward[:, 0]) * size
    kept = np.clip((_FADE_TO - beyond / side) / (_FADE_TO - _FADE_FROM), 0.0, 1.0).astype(np.float32)
    kept = kept if crop.ndim == 2 else kept[..., None]
    mean = crop[inside].mean(axis=0, dtype=np.float32)
    return (mean + (crop - mean) * kept + 0.5).astype(np.uint8)


def _soft_ellipse(size: int) -> np.ndarray:
    """A mask that is full over the features and falls to nothing before the crop's edge."""
    centres = (np.arange(size) + 0.5) / size
    radius = np.hypot((centres - 0.50) / 0.48, (centres[:, None] - 0.52) / 0.48)
    falling = np.clip((1.0 - radius) / 0.30, 0.0, 1.0)
    return (255 * falling**2 * (3 - 2 * falling)).round().astype(np.uint8)
