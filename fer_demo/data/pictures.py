"""What the pixels of a dataset's pictures say: light, contrast, detail and fingerprints, and which cannot be read."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import numpy as np

from fer_demo.data.sources import FaceSource
from fer_demo.errors import FerDemoError
from fer_demo.images import resize, to_grey

SMALL = 32  # side of the small grey copy that fingerprints are compared by, pixels
# Standard deviation of the grey levels, of 255. In FER2013 fourteen of 32,298 pictures lie below, the next is at 9.
BLANK_CONTRAST = 6.0


@dataclass(frozen=True, eq=False)
class PictureTable:
    """Measures of the first N pictures of a set, row by row; zero where `readable` is false."""

    readable: np.ndarray  # (N,) bool
    width: np.ndarray  # (N,) int32, pixels
    height: np.ndarray
    brightness: np.ndarray  # (N,) float32, mean grey level, 0..255
    contrast: np.ndarray  # (N,) float32, standard deviation of the grey levels
    sharpness: np.ndarray  # (N,) float32, mean absolute Laplacian in grey levels
    digest: tuple[bytes, ...]  # SHA-256 of the decoded pixels; b"" where unreadable
    hashes: np.ndarray  # (N, 2) uint64, perceptual hashes of the picture and of its mirror image
    small: np.ndarray  # (N, SMALL, SMALL) uint8
    troubles: dict[int, str]  # row -> sentence, for what cannot be read

    def __len__(self) -> int:
        return len(self.readable)

    @property
    def blank(self) -> np.ndarray:
        """(N,) bool: readable pictures that show one even area."""
        return self.readable & (self.contrast < BLANK_CONTRAST)


class PictureScan:
    """Measures the pictures of a set one after another; it may pause anywhere, and what is done counts."""

    def __init__(self, source: FaceSource) -> None:
        total = len(source)
        self.total, self.done = total, 0
        self._source = source
        self._numbers = np.zeros((total, 5), np.float32)
        self._digest: list[bytes] = [b""] * total
        self._hashes = np.zeros((total, 2), np.uint64)
        self._small = np.zeros((total, SMALL, SMALL), np.uint8)
        self._troubles: dict[int, str] = {}

    def advance(self, seconds: float = np.inf) -> None:
        """Go on for so long, or to the end."""
        end = time.perf_counter() + seconds
        while self.done < self.total and time.perf_counter() < end:
            try:
                self._measure(self.done)
            except FerDemoError as error:
                self._troubles[self.done] = str(error)
            self.done += 1

    def result(self) -> PictureTable:
        """The measures so far."""
        done = self.done
        readable = np.ones(done, bool)
        readable[list(self._troubles)] = False
        width, height, brightness, contrast, sharpness = self._numbers[:done].T
        return PictureTable(
            readable=readable,
            width=width.astype(np.int32),
            height=height.astype(np.int32),
            brightness=brightness,
            contrast=contrast,
            sharpness=sharpness,
            digest=tuple(self._digest[:done]),
            hashes=self._hashes[:done],
            small=self._small[:done],
            troubles=dict(self._troubles),
        )

    def _measure(self, row: int) -> None:
        picture = self._source.picture(row)
        grey = to_grey(picture)
        small = resize(grey, SMALL)
        self._numbers[row] = (*grey.shape[::-1], grey.mean(), grey.std(), _sharpness(grey))
        self._digest[row] = pixel_digest(picture)
        self._hashes[row] = perceptual_hash(small), perceptual_hash(np.ascontiguousarray(small[:, ::-1]))
        self._small[row] = small


def pixel_digest(picture: np.ndarray) -> bytes:
    """SHA-256 of the decoded pixels; a colour picture of three equal channels counts as grey."""
    if picture.ndim == 3 and (picture == picture[..., :1]).all():
        picture = picture[..., 0]
    shape = ",".join(str(side) for side in picture.shape)
    return hashlib.sha256(shape.encode() + b":" + np.ascontiguousarray(picture).tobytes()).digest()


def perceptual_hash(small: np.ndarray) -> np.uint64:
    """64 bits: which low frequencies of the picture are above their median (pHash, Zauner 2010)."""
    # Imported here: the app need not wait for it before its first page.
    import imagehash
    from PIL import Image

    return np.packbits(imagehash.phash(Image.fromarray(small)).hash).view(">u8").astype(np.uint64)[0]


def _sharpness(grey: np.ndarray) -> float:
    values = grey.astype(np.float32)
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float(np.abs(around - 4 * values[1:-1, 1:-1]).mean())
