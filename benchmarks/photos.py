"""Photos to time things on: bundled faces pasted on a soft gradient."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from fer_demo import images
from fer_demo.data.loading import load_bundled

PHOTO_SIZE = (1080, 1920)  # height, width
CAMERA_SIZE = (288, 384)  # what the page sends of a 4:3 camera
COLUMNS = 5  # faces in a row


def group_photo(faces: int) -> np.ndarray:
    """A 1080p photo of several bundled people."""
    height, width = PHOTO_SIZE
    photo = _backdrop(height, width)
    source = load_bundled()
    columns, rows = min(faces, COLUMNS), -(-faces // COLUMNS)
    side = min(640 // rows, width // columns - 20)
    for place in range(faces):
        row, column = divmod(place, COLUMNS)
        face = images.resize(source[place * len(source) // faces].image, side)
        top = (2 * row + 1) * height // (2 * rows) - side // 2
        left = (2 * column + 1) * width // (2 * columns) - side // 2
        photo[top : top + side, left : left + side] = face
    return photo


def camera_frame() -> bytes:
    """One JPEG frame with one face, as the live camera sends it."""
    height, width = CAMERA_SIZE
    frame, side = _backdrop(height, width), 200
    top, left = (height - side) // 2, (width - side) // 2
    frame[top : top + side, left : left + side] = images.resize(load_bundled()[0].image, side)
    file = io.BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=90)
    return file.getvalue()


def _backdrop(height: int, width: int) -> np.ndarray:
    gradient = np.linspace(90, 200, width)[None, :, None] * np.linspace(1.0, 0.7, height)[:, None, None]
    return np.broadcast_to(gradient, (height, width, 3)).astype(np.uint8)
