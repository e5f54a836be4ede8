"""HTML for people: pictures, thumbnails, frames and messages, escaped, described and reachable by keyboard."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image

from fer_demo.catalog import MODELS
from fer_demo.faces.detection import DetectedFace
from fer_demo.images import resize
from fer_demo.inference.study.synthetic_files import XMP
from fer_demo.interface.widgets.glossary import explained

LONGEST_SHOWN = 880  # pixels of a photo sent back to the browser
# A face's number, as large as it is beside the smallest photo that is shown: parts of the photo's longer side.
_NUMBER = 0.055
# Stands in a part of class `zoomable`, which then fills the screen (assets/style/zoom.js).
ZOOM = '<button type="button" class="zoom" data-zoom aria-label="Full screen" title="Full screen">⤢</button>'


@dataclass(frozen=True)
class Thumbnail:
    """A small picture that can be picked."""

    image: str  # data URI
    description: str  # alt text
    caption: str = ""


def data_uri(image: np.ndarray, longest: int | None = None, quality: int = 85, synthetic: bool = False) -> str:
    """A picture (H, W) or (H, W, 3) as a WebP data URI, shrunk so that its longer side has at most `longest` pixels.

    synthetic: the picture says in its metadata that it was edited, also when somebody saves it from the page.
    """
    height, width = image.shape[:2]
    if longest is not None and max(height, width) > longest:
        scale = longest / max(height, width)
        image = resize(image, (max(1, round(height * scale)), max(1, round(width * scale))))
    buffer = io.BytesIO()
    marks = {"xmp": XMP.encode("utf-8")} if synthetic else {}
    # The third of seven methods: less than half the time of the usual one, for as many bytes of the same quality.
    Image.fromarray(image).save(buffer, format="WEBP", quality=quality, method=2, **marks)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def picture(image: np.ndarray, description: str, caption: str = "", synthetic: bool = False) -> str:
    """One square picture with its caption; `synthetic` as in data_uri."""
    below = f"<figcaption>{explained(caption)}</figcaption>" if caption else ""
    source = data_uri(image, LONGEST_SHOWN, synthetic=synthetic)
    shown = f'<img src="{source}" alt="{escape(description)}">'
    return f'<figure class="picture zoomable">{shown}{below}{ZOOM}</figure>'


def blank(caption: str) -> str:
    """The place of a picture that is being made."""
    return f'<figure class="picture"><div class="blank"></div><figcaption>{escape(caption)}</figcaption></figure>'


def side_by_side(pictures: Sequence[str]) -> str:
    """Pictures in one row."""
    return f'<div class="pictures">{"".join(pictures)}</div>'


def photo_with_faces(photo: np.ndarray, faces: Sequence[DetectedFace | None], chosen: int, description: str) -> str:
    """A photo with a numbered button around every face; with one face there is nothing to choose, only an outline."""
    height, width = photo.shape[:2]
    sides = _number_sides([face.box for face in faces if face is not None], width, height)
    boxes = [
        _face_box(face, index, index == chosen, len(faces), width, height, next(sides))
        for index, face in enumerate(faces)
        if face is not None
    ]
    return (
        f'<div class="stage zoomable"><div class="photo" style="--ratio:{width / height:.4f}">'
        f'<img src="{data_uri(photo, LONGEST_SHOWN)}" alt="{escape(description)}">{"".join(boxes)}</div>{ZOOM}</div>'
    )


def _number_sides(boxes: Sequence[Sequence[float]], width: int, height: int) -> Iterator[str]:
    """On which side of each face its number covers least of all faces and stays inside the photo."""
    size = _NUMBER * max(width, height)
    taken = list(boxes)  # by faces, and by the numbers that have their places
    for left, top, right, bottom in boxes:
        corners = {
            "above": (left, top - size),
            "below": (left, bottom),
            "before": (left - size, top),
            "after": (right, top),
        }
        covered = {side: sum(_shared(corner, size, box) for box in taken) for side, corner in corners.items()}
        beyond = {side: size**2 - _shared(corner, size, (0, 0, width, height)) for side, corner in corners.items()}
        best = min(corners, key=lambda side: covered[side] + beyond[side])
        x, y = corners[best]
        taken.append((x, y, x + size, y + size))
        yield best


def _shared(corner: tuple[float, float], size: float, box: Sequence[float]) -> float:
    """The area of a square that lies in a box."""
    across = min(corner[0] + size, box[2]) - max(corner[0], box[0])
    down = min(corner[1] + size, box[3]) - max(corner[1], box[1])
    return max(across, 0.0) * max(down, 0.0)


def _face_box(face: DetectedFace, index: int, chosen: bool, count: int, width: int, height: int, side: str) -> str:
    left, right = (min(max(edge / width, 0.0), 1.0) for edge in (face.box[0], face.box[2]))
    top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in (face.box[1], face.box[3]))
    place = f"left:{left:.2%};top:{top:.2%};width:{right - left:.2%};height:{bottom - top:.2%}"
    if count == 1:
        return f'<span class="face-box only" style="{place}"></span>'
    return (
        f'<button type="button" class="face-box" data-pick="{index}" style="{place}" aria-pressed="{_flag(chosen)}" '
        f'aria-label="Face {index + 1} of {count}"><span class="{side}">{index + 1}</span></button>'
    )


def method_link(name: str, title: str) -> str:
    """A model's title that leads, if its name is in the catalogue, to its page on About (assets/style/leaders.js)."""
    if name not in MODELS:
        return escape(title)
    return f'<a href="?tab=about" data-method="{escape(name)}">{escape(title)}</a>'


def people_row(items: Sequence[Thumbnail], label: str) -> str:
    """Small pictures with their names, not to be picked."""
    figures = "".join(
        f'<figure class="thumb"><img src="{item.image}" alt="{escape(item.description)}">'
        f"<span>{escape(item.caption)}</span></figure>"
        for item in items
    )
    return f'<div class="thumbs row" role="group" aria-label="{escape(label)}">{figures}</div>'


def thumbnails(items: Sequence[Thumbnail], chosen: int | None, label: str, layout: str = "row") -> str:
    """Pickable thumbnails; layout "row" scrolls sideways, "grid" wraps."""
    buttons = "".join(
        f'<button type="button" class="thumb" data-pick="{index}" aria-pressed="{_flag(index == chosen)}">'
        f'<img src="{item.image}" alt="{escape(item.description)}">'
        + (f"<span>{escape(item.caption)}</span>" if item.caption else "")
        + "</button>"
        for index, item in enumerate(items)
    )
    return f'<div class="thumbs {layout}" role="group" aria-label="{escape(label)}">{buttons}</div>'


def message(sentence: str) -> str:
    """A sentence in place of something that is missing, or that went wrong."""
    return f'<p class="message">{explained(sentence)}</p>'


def sentences(items: Sequence[str]) -> str:
    """Short notes, one a line; nothing at all if there are none."""
    return '<ul class="notes">' + "".join(f"<li>{explained(item)}</li>" for item in items) + "</ul>" if items else ""


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names and values in two columns."""
    body = "".join(f"<dt>{explained(name)}</dt><dd>{explained(value)}</dd>" for name, value in rows)
    return f'<dl class="facts">{body}</dl>'


def heading(title: str, below: str = "") -> str:
    """The words on top of an answer."""
    return f'<h2 class="answer">{escape(title)}</h2>{lead(below)}'


def lead(sentence: str) -> str:
    """A quiet sentence under or beside what it is about."""
    return f'<p class="lead">{explained(sentence)}</p>'


def _flag(value: bool) -> str:
    return "true" if value else "false"
