"""Strips: the frames of an interpolation side by side, and in the order of an animation."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CELL = 128  # side of a frame in the strip, pixels
_GAP, _CAPTION = 6, 26
_PAPER, _INK = (255, 255, 255), (64, 64, 64)


def strip_picture(frames: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """Frames (T, S, S, 3) uint8 in one row, each with its alpha below, on white: (H, W, 3) uint8."""
    width = len(frames) * (CELL + _GAP) + _GAP
    sheet = Image.new("RGB", (width, CELL + _CAPTION + 2 * _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    for place, (frame, alpha) in enumerate(zip(frames, alphas, strict=True)):
        left = _GAP + place * (CELL + _GAP)
        sheet.paste(Image.fromarray(frame).resize((CELL, CELL), Image.Resampling.LANCZOS), (left, _GAP))
        middle = (left + CELL // 2, CELL + _GAP + _CAPTION // 2)
        draw.text(middle, f"alpha {alpha:.2f}", fill=_INK, font=font, anchor="mm")
    return np.asarray(sheet)


def looped(frames: np.ndarray) -> np.ndarray:
    """The frames there and back again, so that a repeating animation does not jump."""
    return np.concatenate([frames, frames[-2:0:-1]])
