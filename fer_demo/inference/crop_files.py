"""Crop files: an array of face crops on disk in, aligned face crops out."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from fer_demo import images
from fer_demo.errors import DataError
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import Detector

_CHANNELS = (1, 3, 4)  # grey, colour, colour with transparency


def read_crops(path: Path) -> np.ndarray:
    """uint8 (N, H, W) or (N, H, W, 3) from a .npy file, N >= 1.

    Arrays that people save otherwise are brought into this form where their meaning is clear: floats, channels first,
    one grey or transparent channel, a single crop, rows of pixels.

    Raises: DataError for a file that is missing or is anything else.
    """
    try:
        found = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path} is not an array of numbers; bring all crops to one size and save them with numpy.save."
        ) from error
    if not isinstance(found, np.ndarray):
        raise DataError(f"{path} holds several arrays; save the crops alone with numpy.save.")
    crops = _stacked(found)
    if crops is None or len(crops) == 0 or min(crops.shape[1:3]) < images.SMALLEST_SIDE:
        raise DataError(
            f"{path} has shape {found.shape}; crops are N x H x W or N x H x W x 3, at least one of at least "
            f"{images.SMALLEST_SIDE} pixels a side."
        )
    levels = _levels(crops)
    if levels is None:
        raise DataError(
            f"{path} holds {found.dtype} of shape {found.shape} whose values are not grey levels; save uint8, or "
            "numbers from 0 to 255, 0 to 1, or -1 to 1."
        )
    return _without_transparency(levels)


def face_crop(crop: np.ndarray, detector: Detector) -> FaceCrop:
    """A crop aligned again where a face is found in it, and used whole where not."""
    return crop_or_whole(images.to_colour(crop) if crop.ndim == 2 else crop, detector)


def _stacked(found: np.ndarray) -> np.ndarray | None:
    """The crops as (N, H, W) or (N, H, W, 3 or 4); None if that is not what such a shape means."""
    if found.ndim in (1, 2) and (side := _side_of_row(found)):
        return found.reshape(-1, side, side)
    if found.ndim == 2 or (found.ndim == 3 and found.shape[2] in _CHANNELS):
        found = found[None]  # one crop
    if found.ndim == 4 and found.shape[1] in _CHANNELS and found.shape[3] not in _CHANNELS:
        found = np.moveaxis(found, 1, -1)
    if found.ndim == 4 and found.shape[3] == 1:
        found = found[..., 0]
    return found if found.ndim == 3 or (found.ndim == 4 and found.shape[3] in _CHANNELS) else None


def _side_of_row(found: np.ndarray) -> int:
    """The side of square grey crops whose pixels lie in rows; 0 if this is a picture or nothing of the kind."""
    length = found.shape[-1]
    side = math.isqrt(length)
    one_picture = found.shape == (length, length)
    return side if side >= images.SMALLEST_SIDE and side * side == length and not one_picture else 0


def _levels(crops: np.ndarray) -> np.ndarray | None:
    """The same in grey levels 0..255; None if the values are of another kind."""
    if crops.dtype == np.uint8:
        return crops
    if crops.dtype == np.bool_:
        return crops.astype(np.uint8) * 255
    if crops.dtype.kind not in "iuf" or not np.isfinite(crops).all():
        return None
    low, high = float(crops.min()), float(crops.max())
    if crops.dtype.kind == "f" and max(-low, high) <= 1:
        crops = crops * 255.0 if low >= 0 else (crops + 1) * 127.5
    elif low < 0 or high > 255:
        return None
    return np.rint(crops).astype(np.uint8)


def _without_transparency(crops: np.ndarray) -> np.ndarray:
    """On white, as photos are read."""
    if crops.ndim == 3 or crops.shape[3] == 3:
        return crops
    alpha = crops[..., 3:] / np.float32(255)
    return np.rint(crops[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
