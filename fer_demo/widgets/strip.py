"""The strip of an interpolation as HTML: every frame with what was measured on it, and files to take away."""

from __future__ import annotations

import base64
import csv
import io
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from fer_demo.images import encode_gif, resize, save_png
from fer_demo.widgets.markup import data_uri

GIF_SIDE = 128  # pixels


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


def downloads(animation: np.ndarray, sheet: np.ndarray, table: Sequence[Sequence[str]], name: str) -> str:
    """Links to the strip as GIF, PNG and CSV; the files are inside the page, so none is left on the server.

    animation: (T, S, S, 3) uint8, sheet: (H, W, 3) uint8, table: rows, the first with the columns' names.
    """
    large = [resize(frame, GIF_SIDE) for frame in animation]
    with tempfile.TemporaryDirectory() as folder:
        gif, png = Path(folder) / "strip.gif", Path(folder) / "strip.png"
        encode_gif(large, gif)
        save_png(sheet, png)
        files = [("GIF", "image/gif", gif.read_bytes()), ("PNG", "image/png", png.read_bytes())]
    text = io.StringIO()
    csv.writer(text).writerows(table)
    files.append(("CSV", "text/csv", text.getvalue().encode()))
    links = "".join(
        f'<a class="download" download="{escape(name)}.{kind.lower()}" '
        f'href="data:{mime};base64,{base64.b64encode(content).decode("ascii")}">Download {kind}</a>'
        for kind, mime, content in files
    )
    return f'<div class="downloads">{links}</div>'
