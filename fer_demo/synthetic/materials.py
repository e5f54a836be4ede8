"""Colour and gloss of every material at a point of its surface, compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from fer_demo.synthetic.kernels import smooth
from fer_demo.synthetic.parts import (
    FRAME,
    HAIR_SHELL,
    LASHES,
    LEFT_EYE,
    LOWER_TEETH,
    RIGHT_EYE,
    SKIN,
    TONGUE,
    UPPER_TEETH,
    Segment,
)

_BACKGROUND, _SKIN, _EYE, _MOUTH = (int(Segment[name]) for name in ("BACKGROUND", "SKIN", "EYE", "MOUTH_INSIDE"))
_LASHES, _HAIR, _CLOTHING, _GLASSES = (int(Segment[name]) for name in ("LASHES", "HAIR", "CLOTHING", "GLASSES"))


class Paint(NamedTuple):
    """What the materials of one face look like (linear RGB)."""

    skin: np.ndarray  # (side, side, 3) albedo
    scalp: np.ndarray  # (side, side, 1) 0..1, where hair stains the skin
    stain: np.ndarray  # (3,) its colour there
    hair_shade: np.ndarray  # (2, side, side) brightness of the shell's and the sheets' strands
    hair: np.ndarray  # (3,)
    iris: np.ndarray  # (3,)
    clothing: np.ndarray  # (3,)
    trim: np.ndarray  # (3,)
    frame: np.ndarray  # (3,)
    iris_radius: float
    pupil: float
    shine: float
    stain_cover: float  # 0..1
    collar: float
    neckline: float


class Material(NamedTuple):
    """Shading inputs at one point."""

    red: np.float32
    green: np.float32
    blue: np.float32
    occlusion: np.float32
    shine: np.float32
    hardness: np.float32  # exponent of the highlight
    softness: np.float32  # 0..1, how far light wraps around
    segment: int


@numba.njit(fastmath=True, nogil=True, cache=True)
def _material(
    red: float,
    green: float,
    blue: float,
    occlusion: float,
    shine: float,
    hardness: float,
    softness: float,
    segment: int,
) -> Material:
    """A Material of one machine type, which compiled code needs whatever the arguments were."""
    f = np.float32
    return Material(f(red), f(green), f(blue), f(occlusion), f(shine), f(hardness), f(softness), segment)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _texel(image: np.ndarray, u: float, v: float, channel: int) -> float:
    """Bilinear look-up; v points up."""
    height, width = image.shape[0], image.shape[1]
    x, y = u * width - 0.5, (1.0 - v) * height - 0.5
    left, top = int(math.floor(x)), int(math.floor(y))
    dx, dy = x - left, y - top
    x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
    y0, y1 = min(max(top, 0), height - 1), min(max(top + 1, 0), height - 1)
    upper = image[y0, x0, channel] * (1 - dx) + image[y0, x1, channel] * dx
    lower = image[y1, x0, channel] * (1 - dx) + image[y1, x1, channel] * dx
    return upper * (1 - dy) + lower * dy


@numba.njit(fastmath=True, nogil=True, cache=True)
def _skin(paint: Paint, u: float, v: float, x: float, y: float, z: float, crease: float, light: float) -> Material:
    # the garment is painted below a plane through the neck that rises towards the back
    height = y + 0.35 * z - paint.collar + paint.neckline * math.exp(-((x / 0.22) ** 2)) * smooth(0.0, 0.3, z)
    if height < 0.0:
        c = paint.trim if height > -0.05 else paint.clothing
        return _material(c[0], c[1], c[2], light, 0.0, 18.0, 1.0, _CLOTHING)
    stained = _texel(paint.scalp, u, v, 0) * paint.stain_cover
    red = (_texel(paint.skin, u, v, 0) * (1 - stained) + paint.stain[0] * stained) * (1 - 0.50 * crease)
    green = (_texel(paint.skin, u, v, 1) * (1 - stained) + paint.stain[1] * stained) * (1 - 0.66 * crease)
    blue = (_texel(paint.skin, u, v, 2) * (1 - stained) + paint.stain[2] * stained) * (1 - 0.66 * crease)
    return _material(red, green, blue, light, paint.shine, 18.0, 1.0, _SKIN)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _eye(paint: Paint, x: float, y: float, z: float) -> Material:
    length = math.sqrt(x * x + y * y + z * z) + 1e-9
    x, y, z = x / length, y / length, z / length
    radius, angle = math.acos(min(max(z, -1.0), 1.0)), math.atan2(y, x)
    iris = smooth(paint.iris_radius + 0.035, paint.iris_radius - 0.035, radius)
    pupil = smooth(paint.pupil + 0.03, paint.pupil - 0.03, radius)
    rays = 0.85 + 0.15 * math.sin(angle * 23 + 3 * math.sin(angle * 7))
    rays *= 1 - 0.65 * smooth(paint.iris_radius * 0.62, paint.iris_radius, radius)
    pink = 1 - 0.25 * smooth(0.5, 1.1, radius)
    red = (0.80 * (1 - iris) + paint.iris[0] * rays * iris) * (1 - pupil) + 0.012 * pupil
    green = (0.76 * pink * (1 - iris) + paint.iris[1] * rays * iris) * (1 - pupil) + 0.012 * pupil
    blue = (0.73 * pink * (1 - iris) + paint.iris[2] * rays * iris) * (1 - pupil) + 0.012 * pupil
    under_lid = 0.48 + 0.50 * smooth(0.75, -0.20, y)
    return _material(red, green, blue, under_lid, 0.55, 90.0, 0.5, _EYE)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _teeth(x: float, z: float) -> Material:
    place = math.atan2(x, z + 0.15) * 13.0
    gap = abs(place - math.floor(place) - 0.5) * 2
    grey = 0.86 * (0.22 + 0.78 * smooth(0.25, 0.58, z)) * (1 - 0.35 * smooth(0.8, 1.0, gap))
    return _material(grey, grey * 0.93, grey * 0.80, 0.9, 0.12, 30.0, 0.6, _MOUTH)


@numba.njit(fastmath=True, nogil=True, cache=True)
def _hair(paint: Paint, layer: int, u: float, v: float, up: float, inner: bool) -> Material:
    side = paint.hair_shade.shape[1]
    row = min(max(int((1.0 - v) * side), 0), side - 1)
    column = min(max(int(u * side), 0), side - 1)
    strand = paint.hair_shade[layer, row, column]
    light = 0.18 if inner else 0.45 + 0.55 * max(0.0, up * 0.5 + 0.5)
    return _material(
        paint.hair[0] * strand, paint.hair[1] * strand, paint.hair[2] * strand, light, 0.10, 14.0, 0.8, _HAIR
    )


@numba.njit(fastmath=True, nogil=True, cache=True)
def material_at(
    paint: Paint,
    material: int,
    uv: tuple[float, float],
    space: tuple[float, float, float],
    crease: float,
    light: float,
    up: float,
    inner: bool,
) -> Material:
    """Shading inputs of `material` at texture coordinates `uv` and painting coordinates `space`.

    light: baked occlusion, up: the normal's vertical part, inner: the viewer sees the back of a sheet.
    """
    u, v = uv
    x, y, z = space
    if material == SKIN:
        return _skin(paint, u, v, x, y, z, crease, light)
    if material == LEFT_EYE or material == RIGHT_EYE:
        return _eye(paint, x, y, z)
    if material == UPPER_TEETH or material == LOWER_TEETH:
        return _teeth(x, z)
    if material == TONGUE:
        return _material(0.42, 0.13, 0.13, 0.55, 0.08, 18.0, 1.0, _MOUTH)
    if material == LASHES:
        return _material(0.015, 0.012, 0.010, 1.0, 0.0, 18.0, 1.0, _LASHES)
    if material == FRAME:
        return _material(paint.frame[0], paint.frame[1], paint.frame[2], 0.9, 0.35, 40.0, 0.5, _GLASSES)
    return _hair(paint, 0 if material == HAIR_SHELL else 1, u, v, up, inner)
