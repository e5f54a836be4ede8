"""Strips: the frames of an interpolation side by side or as an animation, and the chart of what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont

from fer_demo.expressions import BASIC
from fer_demo.figures.palette import EXPRESSION_COLOURS, TEXT_COLOUR, axis, layout

CELL = 128  # side of a frame in the strip, pixels
_GAP, _CAPTION = 6, 26
_DASHES = ("dot", "dashdot")  # of the lines that do not stand for expressions
_PAPER, _INK, _WARNING = (255, 255, 255), (64, 64, 64), (163, 38, 27)


def strip_picture(frames: np.ndarray, alphas: np.ndarray, outside: np.ndarray | None = None) -> np.ndarray:
    """Frames (T, S, S, 3) uint8 in one row, each with its alpha below, on white: (H, W, 3) uint8.

    outside: (T,) bool, the frames that left the same-person band; they are marked.
    """
    marked = np.zeros(len(frames), bool) if outside is None else outside
    width, captions = len(frames) * (CELL + _GAP) + _GAP, _CAPTION * (2 if marked.any() else 1)
    sheet = Image.new("RGB", (width, CELL + captions + 2 * _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    for place, (frame, alpha) in enumerate(zip(frames, alphas, strict=True)):
        left = _GAP + place * (CELL + _GAP)
        sheet.paste(Image.fromarray(frame).resize((CELL, CELL), Image.Resampling.LANCZOS), (left, _GAP))
        middle = (left + CELL // 2, CELL + _GAP + _CAPTION // 2)
        draw.text(middle, f"alpha {alpha:.2f}", fill=_INK, font=font, anchor="mm")
        if marked[place]:
            draw.rectangle((left, _GAP, left + CELL - 1, _GAP + CELL - 1), outline=_WARNING, width=3)
            below = (middle[0], middle[1] + _CAPTION)
            draw.text(below, "outside band", fill=_WARNING, font=font, anchor="mm")
    return np.asarray(sheet)


def sheet(
    rows: Sequence[Sequence[np.ndarray]],
    columns: Sequence[str],
    captions: Sequence[Sequence[str]] | None = None,
    cell: int = CELL,
) -> np.ndarray:
    """Pictures (S, S, 3) in rows below the names of their columns, each with its caption, on white: (H, W, 3) uint8.

    cell: the side of each, pixels.
    """
    high = cell + _GAP + (_CAPTION if captions else 0)
    paper = Image.new("RGB", (len(columns) * (cell + _GAP) + _GAP, _CAPTION + len(rows) * high + _GAP), _PAPER)
    draw, font, small = ImageDraw.Draw(paper), ImageFont.load_default(15), ImageFont.load_default(12)
    for column, name in enumerate(columns):
        middle = _GAP + column * (cell + _GAP) + cell // 2
        draw.text((middle, _CAPTION // 2 + 2), name, fill=_INK, font=font, anchor="mm")
        for row, pictures in enumerate(rows):
            top = _CAPTION + row * high
            picture = Image.fromarray(pictures[column]).resize((cell, cell), Image.Resampling.LANCZOS)
            paper.paste(picture, (middle - cell // 2, top))
            if captions:
                draw.text(
                    (middle, top + cell + _CAPTION // 2), captions[row][column], fill=_INK, font=small, anchor="mm"
                )
    return np.asarray(paper)


def stacked(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Two sheets one above the other, on white: (H, W, 3) uint8."""
    width = max(above.shape[1], below.shape[1])
    sides = [((0, 0), (0, width - one.shape[1]), (0, 0)) for one in (above, below)]
    padded = [np.pad(one, side, constant_values=255) for one, side in zip((above, below), sides, strict=True)]
    return np.concatenate(padded)


def marked(frames: np.ndarray) -> np.ndarray:
    """The frames (T, S, S, 3), each with the word “synthetic” in its lower left corner."""
    side = frames.shape[1]
    font = ImageFont.load_default(max(8, side // 14))
    shown = []
    for frame in frames:
        picture = Image.fromarray(frame)
        place = (side // 32, side - side // 32)
        ImageDraw.Draw(picture).text(
            place, "synthetic", fill=_PAPER, font=font, anchor="lb", stroke_width=1, stroke_fill=(0, 0, 0)
        )
        shown.append(np.asarray(picture))
    return np.stack(shown)


def looped(frames: np.ndarray) -> np.ndarray:
    """The frames there and back again, so that a repeating animation does not jump."""
    return np.concatenate([frames, frames[-2:0:-1]])


def strip_chart(
    alphas: np.ndarray,
    probabilities: np.ndarray,
    identity: Sequence[tuple[str, np.ndarray]] = (),
    limit: float | None = None,
) -> go.Figure:
    """What the judge sees along a strip, (T, 7) in the order of BASIC, and how the person is kept: names and (T,).

    limit: of the same-person band, if the second is a distance.
    """
    positions = [float(alpha) for alpha in alphas]
    lines = [
        go.Scatter(
            x=positions,
            y=[float(value) for value in probabilities[:, row]],
            name=name,
            mode="lines+markers",
            line={"color": EXPRESSION_COLOURS[name], "width": 2},
            marker={"size": 5},
            hovertemplate=f"{name}: %{{y:.1%}}<extra></extra>",
        )
        for row, name in enumerate(BASIC)
    ]
    scales, low, high = ["probability"], 0.0, 1.0
    for (name, values), dash in zip(identity, _DASHES, strict=False):
        scales.append(name)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        lines.append(
            go.Scatter(
                x=positions,
                y=[float(value) for value in values],
                name=name,
                mode="lines",
                line={"color": TEXT_COLOUR, "width": 2, "dash": dash},
                hovertemplate=f"{name}: %{{y:.2f}}<extra></extra>",
            )
        )
    figure = go.Figure(
        lines,
        layout(
            xaxis=axis(title={"text": "alpha"}),
            yaxis=axis(title={"text": " · ".join(scales)}, range=[low - 0.02, high + 0.04]),
            height=380,
            hovermode="x unified",
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        ),
    )
    if limit is not None:
        words = {"annotation_text": "same-person limit", "annotation_font": {"color": TEXT_COLOUR, "size": 11}}
        figure.add_hline(limit, line={"color": TEXT_COLOUR, "width": 1, "dash": "dash"}, **words)
    return figure
