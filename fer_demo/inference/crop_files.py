"""Crop files: an array of face crops on disk in, aligned face crops out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_demo import images
from fer_demo.errors import DataError
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import Detector


def read_crops(path: Path) -> np.ndarray:
    """uint8 (N, H, W) or (N, H, W, 3) from a .npy file, N >= 1.

    Raises: DataError for a file that is missing or is anything else.
    """
    try:
        crops = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not a NumPy array; save the crops with numpy.save.") from error
    if not isinstance(crops, np.ndarray):
        raise DataError(f"{path} holds several arrays; save the crops alone with numpy.save.")
    stacked = crops.ndim == 3 or (crops.ndim == 4 and crops.shape[3] == 3)
    if crops.dtype != np.uint8 or not stacked:
        raise DataError(
            f"{path} holds {crops.dtype} of shape {crops.shape}; crops must be uint8, N x H x W or N x H x W x 3."
        )
    if len(crops) == 0 or min(crops.shape[1:3]) < images.SMALLEST_SIDE:
        raise DataError(
            f"{path} has shape {crops.shape}; give at least one crop of at least {images.SMALLEST_SIDE} pixels a side."
        )
    return crops


def face_crop(crop: np.ndarray, detector: Detector) -> FaceCrop:
    """A crop aligned again where a face is found in it, and used whole where not."""
    return crop_or_whole(images.to_colour(crop) if crop.ndim == 2 else crop, detector)
