"""Ways to spoil a face picture by a stated amount: blur, darkness, compression, a turn, a covered part."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from training.data.face_set import MARGIN

Crop = UInt8[np.ndarray, "stored stored"]  # grey and aligned, with MARGIN on each side

# Parts of the template square that hide: left, top, right, bottom.
PARTS = {
    "upper half": (0.0, 0.0, 1.0, 0.5),
    "lower half": (0.0, 0.5, 1.0, 1.0),
    "eyes": (0.15, 0.30, 0.85, 0.50),
    "mouth": (0.25, 0.64, 0.75, 0.86),
}


def blurred(crop: Crop, sigma: float) -> Crop:
    """A Gaussian blur whose sigma is given in fractions of the face's side."""
    pixels = sigma * len(crop) / (1 + 2 * MARGIN)
    return np.array(Image.fromarray(crop).filter(ImageFilter.GaussianBlur(pixels)))


def darkened(crop: Crop, light: float) -> Crop:
    """A share of the light, in whole grey levels as a camera would store it."""
    return (crop * light).round().astype(np.uint8)


def compressed(crop: Crop, quality: int) -> Crop:
    """Through JPEG of the given quality."""
    file = io.BytesIO()
    Image.fromarray(crop).save(file, format="JPEG", quality=quality)
    return np.array(Image.open(file))


def turned(crop: Crop, degrees: float) -> Crop:
    """Turned about the middle, as if alignment had failed; what comes in from outside is the mirrored picture."""
    side = len(crop)
    turned_image = Image.fromarray(np.pad(crop, side // 2, mode="reflect")).rotate(degrees, Image.Resampling.BICUBIC)
    return np.array(turned_image)[side // 2 : side // 2 + side, side // 2 : side // 2 + side]


def covered(crop: Crop, part: str) -> Crop:
    """One of PARTS made black."""
    start, side = MARGIN / (1 + 2 * MARGIN) * len(crop), len(crop) / (1 + 2 * MARGIN)
    left, top, right, bottom = (round(start + edge * side) for edge in PARTS[part])
    # A half reaches to the crop's own edge, so that no strip of it shows.
    left, top = (0 if edge == 0.0 else place for edge, place in zip(PARTS[part][:2], (left, top), strict=True))
    right, bottom = (
        len(crop) if edge == 1.0 else place for edge, place in zip(PARTS[part][2:], (right, bottom), strict=True)
    )
    result = crop.copy()
    result[top:bottom, left:right] = 0
    return result


# What is done to the faces, from the mildest level to the worst.
CURVES: dict[str, dict[str, Callable[[Crop], Crop]]] = {
    "blur (sigma, share of the face)": {
        f"{sigma:.0%}": partial(blurred, sigma=sigma) for sigma in (0.01, 0.02, 0.04, 0.06)
    },
    "covered": {part: partial(covered, part=part) for part in PARTS},
    "turned": {f"{degrees}°": partial(turned, degrees=degrees) for degrees in (10, 20, 30, 45)},
    "light left": {f"{light:.0%}": partial(darkened, light=light) for light in (0.5, 0.25, 0.1)},
    "JPEG quality": {str(quality): partial(compressed, quality=quality) for quality in (50, 20, 10, 5)},
}
