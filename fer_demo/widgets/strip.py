"""The strip of an interpolation: as HTML, every frame with what was measured on it, and as files to take away."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from fer_demo.images import encode_gif, resize, save_png
from fer_demo.widgets.markup import data_uri

GIF_SIDE = 192  # pixels


def frames(
    pictures: np.ndarray, alphas: np.ndarray, measured: Sequence[tuple[str, np.ndarray]], chosen: int | None
) -> str:
    """Frames (T, S, S, 3) as pickable pictures, each above a small bar and number for every measure (T,) in 0..1."""
    count = len(pictures)
    items = []
    for index, (picture, alpha) in enumerate(zip(pictures, alphas, strict=True)):
        rows = "".join(_measure(name, float(values[index])) for name, values in measured)
        items.append(
            f'<li><button type="button" class="thumb" data-pick="{index}" '
            f'aria-pressed="{"true" if index == chosen else "false"}">'
            f'<img src="{data_uri(picture)}" alt="Frame {index + 1} of {count}"><span>α {alpha:.1f}</span></button>'
            f"{rows}</li>"
        )
    return f'<ol class="strip">{"".join(items)}</ol>'


def _measure(name: str, value: float) -> str:
    width = f"{min(max(value, 0.0), 1.0):.0%}"
    return (
        f'<div class="measure"><span>{escape(name)}</span><b>{value:.2f}</b>'
        f'<i class="track"><i style="width:{width}"></i></i></div>'
    )


def as_gif(pictures: np.ndarray) -> bytes:
    """Frames (T, S, S, 3) as an animation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "strip.gif"
        encode_gif([resize(picture, GIF_SIDE) for picture in pictures], path)
        return path.read_bytes()


def as_png(sheet: np.ndarray) -> bytes:
    """One picture (H, W, 3) as a PNG file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "strip.png"
        save_png(sheet, path)
        return path.read_bytes()


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    """Rows, the first with the columns' names, as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode()
