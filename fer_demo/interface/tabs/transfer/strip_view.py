"""The strip of an interpolation: as HTML, every frame with what was measured on it, and as files to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.figures.strips import looped, marked, strip_picture
from fer_demo.inference.recognize.probabilities import LABEL
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.inference.study.run import FRAME_COLUMNS, Measured, frame_rows
from fer_demo.inference.study.synthetic_files import gif_bytes, mp4_bytes, png_bytes
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.interface.tabs.transfer.edited_view import ANOTHER
from fer_demo.interface.widgets.downloads import Made
from fer_demo.interface.widgets.markup import ZOOM, data_uri
from fer_demo.outputs import csv_lines
from fer_demo.published.model import PublishedModel

GIF_SIDE = 192  # pixels


@dataclass(frozen=True, eq=False)
class Measure:
    """What was measured on every frame, shown as a small bar and a number."""

    name: str
    values: np.ndarray  # (T,); bars are full at 1
    reference: float | None = None  # where on the bar a tick is drawn


def frames(
    pictures: np.ndarray, amounts: np.ndarray, measures: Sequence[Measure], outside: np.ndarray | None = None
) -> str:
    """Frames (T, S, S, 3) as pickable pictures, each above its measures.

    outside: (T,) bool, the frames that left the same-person band; they are marked.
    """
    count = len(pictures)
    marked = np.zeros(count, bool) if outside is None else outside
    items = []
    for index, (picture, alpha) in enumerate(zip(pictures, amounts, strict=True)):
        rows = "".join(_measured(measure, float(measure.values[index])) for measure in measures)
        mark = f'<p class="mark">{ANOTHER}</p>' if marked[index] else ""
        items.append(
            f"<li{' class=outside' if mark else ''}>"
            f'<button type="button" class="thumb" data-pick="{index}" aria-pressed="false">'
            f'<img src="{data_uri(picture, synthetic=True)}" alt="Frame {index + 1} of {count}">'
            f"<span>{alpha:.1f}</span></button>"
            f"{rows}{mark}</li>"
        )
    return f'<div class="zoomable">{ZOOM}<ol class="strip">{"".join(items)}</ol></div>'


def frames_awaited(count: int) -> str:
    """The places of as many frames that are being made."""
    return f'<div class="strip" aria-hidden="true">{"<div class=frame><div class=blank></div></div>" * count}</div>'


def _measured(measure: Measure, value: float) -> str:
    tick = "" if measure.reference is None else f'<u style="left:{_share(measure.reference)}"></u>'
    return (
        f'<div class="measure"><span>{escape(measure.name)}</span><b>{value:.2f}</b>'
        f'<i class="track"><i style="width:{_share(value)}"></i>{tick}</i></div>'
    )


def _share(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.0%}"


def kept(strip: Strip) -> tuple[Measure, ...]:
    """How the person is kept, by the best measure there is; between two people, how far each of them is."""
    first, second = strip.identity, strip.identity_to_target
    if first is not None and second is not None:
        return (
            Measure("to first", first.distances, first.band.limit),
            Measure("to second", second.distances, second.band.limit),
        )
    if first is not None:
        return (Measure("distance", first.distances, first.band.limit),)
    return () if strip.identity_similarity is None else (Measure("identity", strip.identity_similarity),)


def level_of_judge(name: str, judge: PublishedModel, expression: str) -> float | None:
    """The share of real faces with a basic expression that the judge names so; None if it was not measured."""
    try:
        tables = measured_tables(name, judge, LABEL)
    except CheckpointError:
        return None
    place = BASIC.index(expression)
    row = () if tables is None else tables.confusion.rows[place]
    return row[place] / sum(row) if sum(row) else None


def explained(strip: Strip, expression: str, level: float | None, judge: str, editor: str) -> str:
    """Who measured what, by the models' titles, and what the ticks mean."""
    seen = f"Under each frame: how likely it shows {expression}, by {judge}."
    if level is not None:
        seen += f" The tick: it names {level:.0%} of real {expression} faces {expression}."
    if strip.along == "expression":
        first = "the photo"
    else:
        first = "the first person" if strip.identity_to_target is None else "each of the two people"
    if strip.identity is not None:
        band = strip.identity.band
        count = "" if strip.outside is None else f" {strip.outside.sum()} of {len(strip.outside)} frames are beyond it."
        return (
            f"{seen} Distance: the identity distance to {first}. The tick at {band.limit:.2f}: two photos no "
            f"farther apart are taken to show one person, which is right for {band.accuracy:.0%} of pairs.{count}"
        )
    missing = "The identity embedder, which would measure the person independently, is not loaded."
    if strip.identity_similarity is None:
        return f"{seen} {missing}"
    return f"{seen} Identity: how like {first} it is, by {editor} itself (1: the same). {missing}"


def as_file(kind: str, measured: Measured, name: str, visible_mark: bool) -> Made:
    """The strip as a file to take away: GIF, MP4, PNG or CSV; all pictures say in their metadata what they are.

    visible_mark: writes it on the pictures too.
    """
    strip = measured.strip
    shown = marked(strip.frames) if visible_mark else strip.frames
    if kind == "GIF":
        return f"{name}.gif", "image/gif", gif_bytes(looped(shown), GIF_SIDE)
    if kind == "MP4":
        return f"{name}.mp4", "video/mp4", mp4_bytes(looped(shown))
    if kind == "PNG":
        return f"{name}.png", "image/png", png_bytes(strip_picture(shown, strip.alphas, strip.outside))
    return f"{name}.csv", "text/csv", csv_lines([FRAME_COLUMNS, *frame_rows(measured)]).encode()
