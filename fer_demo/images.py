"""Reading and writing pictures, and the only place that changes pixel range, axis order or colour."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener
from torch import Tensor

from fer_demo.errors import ImageError

# Pillow opens these too, but they are documents, films or measurements rather than photos.
_NO_PHOTOS = {"PDF", "EPS", "MPEG", "HDF5", "GRIB", "BUFR", "WMF", "FITS", "FPX", "MIC"}
LARGEST_PIXELS = 40_000_000
# The same for what is decoded slowly: JPEG 2000, and kinds that Pillow decodes in Python: at most five seconds.
LARGEST_SLOW_PIXELS = 2_000_000
MOST_SCANS = 40  # of a JPEG, each of which goes over all its pixels; a progressive one has 10
SMALLEST_SIDE = 16
_ROWS = 256  # worked on at once where each value takes eight bytes

register_heif_opener()  # HEIC and HEIF, which phones save

_TRY_ANOTHER = "save it as JPEG or PNG and try again"
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)  # of a JPEG; the others are part of its data
_SCAN, _END, _WITHOUT_LENGTH = b"\xda", b"\xd9", (b"\xd8", b"\x01")
_SIXTEEN_BIT_MODES = ("I;16", "I;16L", "I;16B", "I;16N")


def load_photo(source: str | Path | bytes | Image.Image | np.ndarray) -> UInt8[np.ndarray, "height width 3"]:
    """Read any picture as upright RGB: its first frame, 8 bits a channel, transparency on white.

    Raises: ImageError with one sentence for a file that is missing, empty, truncated, no picture, too small or too
    large (the size is checked before the pixels are decoded).
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _decode(source, "This picture")
    if isinstance(source, bytes):
        return _decode(_open(source, "This file"), "This file")
    path = Path(source)
    return _decode(_open(_read(path), path.name), path.name)


def load_stored(content: bytes | Path) -> np.ndarray:
    """Read a dataset's picture, keeping grey as grey: (H, W) or (H, W, 3).

    Raises: ImageError as `load_photo` does.
    """
    name = content.name if isinstance(content, Path) else "This picture"
    if isinstance(content, Path):
        content = _read(content)
    image = _open(content, name)
    return _decode(image, name, keep_grey=image.mode in ("L", "1", *_SIXTEEN_BIT_MODES))


@cache
def picture_suffixes() -> frozenset[str]:
    """The endings of every kind of picture that we open, in small letters, such as .jpg."""
    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind not in _NO_PHOTOS)


def is_picture(content: bytes) -> bool:
    """Whether a file's first bytes are those of a picture that we open."""
    try:
        return _open(content, "").format not in _NO_PHOTOS
    except ImageError:
        return False


def to_grey(images: np.ndarray) -> np.ndarray:
    """Luma (ITU-R BT.601) of one or many colour pictures (..., H, W, 3); grey ones are returned as they are."""
    if not _is_colour(images):
        return images
    # 16-bit fixed point: the same rounding as PIL's own conversion.
    red, green, blue = (images[..., channel].astype(np.uint32) for channel in range(3))
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)


def to_colour(images: np.ndarray) -> np.ndarray:
    """Three equal channels for one or many grey pictures (..., H, W); colour ones are returned as they are."""
    return images if _is_colour(images) else np.repeat(images[..., None], 3, axis=-1)


def resize(image: UInt8[np.ndarray, "..."], size: int | tuple[int, int]) -> UInt8[np.ndarray, "..."]:
    """One picture (H, W) or (H, W, 3) at another size, antialiased; `size` is the side, or height and width."""
    height, width = (size, size) if isinstance(size, int) else size
    if image.shape[:2] == (height, width):
        return image
    # The gap lets PIL shrink large photos by a whole factor first; the result is the same to the eye.
    picture = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.array(picture)


def to_tensor(images: UInt8[np.ndarray, "batch ..."], channels: int) -> Float[Tensor, "batch channels height width"]:
    """Pictures (N, H, W) or (N, H, W, 3) in 0..255 to a float batch in [-1, 1] with 1 or 3 channels."""
    if channels == 1:
        stack = to_grey(images)[:, None]
    else:
        stack = np.moveaxis(to_colour(images), -1, 1)
    return torch.from_numpy(np.ascontiguousarray(stack)).float().div_(127.5).sub_(1.0)


def to_uint8(faces: Float[Tensor, "batch channels height width"]) -> UInt8[np.ndarray, "batch ..."]:
    """A float batch in [-1, 1] to pictures in 0..255: (N, H, W) for one channel, (N, H, W, 3) for three."""
    pixels = faces.detach().float().add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return pixels[:, 0] if pixels.shape[1] == 1 else np.ascontiguousarray(np.moveaxis(pixels, 1, -1))


def with_chroma_of(
    grey: UInt8[np.ndarray, "height width"], colour: UInt8[np.ndarray, "height width 3"]
) -> UInt8[np.ndarray, "height width 3"]:
    """The new luma of `grey` under the chroma (YCbCr) of `colour`."""
    _, blue_difference, red_difference = Image.fromarray(colour).convert("YCbCr").split()
    bands = (Image.fromarray(grey), blue_difference, red_difference)
    return np.asarray(Image.merge("YCbCr", bands).convert("RGB"))


def save_png(image: np.ndarray, file: str | Path | BinaryIO) -> None:
    """Write one picture (H, W) or (H, W, 3)."""
    Image.fromarray(image).save(file, format="PNG")


def encode_gif(
    frames: np.ndarray | Sequence[np.ndarray], file: str | Path | io.BytesIO, seconds_per_frame: float = 0.12
) -> None:
    """Write frames (H, W) or (H, W, 3) as an animation that repeats for ever."""
    pictures = [Image.fromarray(to_colour(frame)).quantize(colors=256) for frame in frames]
    if not pictures:
        raise ImageError("An animation needs at least one frame.")
    pictures[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=round(seconds_per_frame * 1000),
        loop=0,
        optimize=False,
    )


def _is_colour(images: np.ndarray) -> bool:
    return images.ndim >= 3 and images.shape[-1] == 3


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    slow = any(tile[0] == "jpeg2k" or tile[0] in Image.DECODERS for tile in getattr(image, "tile", ()))
    most = LARGEST_SLOW_PIXELS if slow else LARGEST_PIXELS
    if width * height > most:
        raise ImageError(
            f"{name} has {width * height / 1e6:.0f} megapixels, and {most / 1e6:.0f} is the most we take"
            f"{f' of this kind ({image.format})' if slow else ''}; make it smaller{', or a JPEG,' if slow else ''} and "
            "try again."
        )
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(
            f"{name} is only {width} x {height} pixels; use one of at least {SMALLEST_SIDE} pixels each way."
        )


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(f"An array of shape {array.shape} is not a picture; use (H, W) or (H, W, 3).")
    if array.dtype == np.uint16:
        array = (array // 257).astype(np.uint8)
    if array.dtype != np.uint8:
        raise ImageError(f"An array of {array.dtype} is not a picture; convert it to whole numbers 0 to 255 (uint8).")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    return _decode(Image.fromarray(array), "This picture")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageError(f"There is no file at {path}; check the name.") from None
    except OSError as error:
        raise ImageError(f"{path.name} cannot be opened ({error.strerror}); choose another file.") from error


def _open(content: bytes, name: str) -> Image.Image:
    if not content:
        raise ImageError(f"{name} is empty (0 bytes); choose another file.")
    try:
        image = Image.open(io.BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(
            f"{name} has more than {LARGEST_PIXELS / 1e6:.0f} megapixels; make it smaller and try again."
        ) from None
    except Image.UnidentifiedImageError:
        raise ImageError(f"{name} is not a picture that we can read; {_TRY_ANOTHER}.") from None
    # PIL's readers raise nearly anything on damaged headers: OSError, ValueError, SyntaxError, struct.error ...
    except Exception as error:
        raise ImageError(f"{name} is damaged and cannot be read; {_TRY_ANOTHER}.") from error
    if image.format in ("JPEG", "MPO") and (scans := _scans(content)) > MOST_SCANS:
        raise ImageError(
            f"{name} is a JPEG of {scans:,} scans, which takes too long to read; save it again as an ordinary JPEG."
        )
    return image


def _scans(jpeg: bytes) -> int:
    """How many times a JPEG goes over its pixels, up to its end: what phones append, such as a film, is not read."""
    scans, place = 0, 0
    while (marker := _MARKER.search(jpeg, place)) is not None and marker[1] != _END:
        scans += marker[1] == _SCAN
        place = marker.end() + (
            0 if marker[1] in _WITHOUT_LENGTH else max(2, int.from_bytes(jpeg[marker.end() : marker.end() + 2]))
        )
    return scans


def _decode(image: Image.Image, name: str, keep_grey: bool = False) -> np.ndarray:
    _check_size(image, name)
    try:
        image.seek(0)
        image.load()
        picture = _to_rgb(_upright(image))
        return np.array(picture.convert("L") if keep_grey else picture)
    except Exception as error:  # see _open
        raise ImageError(f"{name} is damaged or incomplete and cannot be read; {_TRY_ANOTHER}.") from error


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # unreadable EXIF data must not cost us a readable picture
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F", *_SIXTEEN_BIT_MODES):
        image = _to_eight_bits(image)
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(grey: Image.Image) -> Image.Image:
    """A grey picture of more than 8 bits, or of floats, in 0..255."""
    values = np.asarray(grey)
    largest = np.nan_to_num(values).max()
    # Whole numbers of 16 bits have one full scale; the wider modes do not say theirs, so take the next usual one.
    usual = {"I": (255.0, 65535.0), "F": (1.0, 255.0, 65535.0)}.get(grey.mode, (65535.0,))
    full_scale = next((scale for scale in usual if largest <= scale), float(largest))
    pixels = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _ROWS):  # all rows at once would take a gigabyte
        rows = np.nan_to_num(values[start : start + _ROWS].astype(np.float64)).clip(0, None)
        pixels[start : start + _ROWS] = (rows * (255.0 / full_scale)).round()
    return Image.fromarray(pixels)
