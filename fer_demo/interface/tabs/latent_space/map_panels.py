"""Everything beside the linked maps: the chosen face, its neighbours, the selection and a visitor's placed face."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr
import numpy as np
import plotly.graph_objects as go

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.data.sources import FaceSource
from fer_demo.faces.crops import FaceCrop
from fer_demo.images import load_stored
from fer_demo.inference.latent_space.projection import PlacedFace
from fer_demo.interface.tabs.latent_space.chosen_faces import (
    MOST_SHOWN,
    SPACE_TITLES,
    face_facts,
    faces_row,
    placed_facts,
    selection_summary,
    trust_sentence,
)
from fer_demo.interface.tabs.latent_space.map_view import METHOD_TITLES, MapView, figures
from fer_demo.interface.widgets.markup import data_uri, message, picture
from fer_demo.interface.widgets.pick import Pick

NEIGHBOURS = 7  # shown of a face
_CROP_SIDE, _THUMBNAIL_SIDE = 128, 96  # pixels


class Chosen(NamedTuple):
    """What is shown of the chosen face; the same names hold components and values, as in the other tuples here."""

    face: str
    left_title: str
    left: str
    right_title: str
    right: str


class Selected(NamedTuple):
    """What is shown of the selected faces."""

    summary: str
    gallery: str


class Placed(NamedTuple):
    """What is shown of the visitor's own face."""

    about: str
    left_title: str
    left: str
    right_title: str
    right: str


NOTHING_PLACED = Placed(message("There is no face of yours yet; choose a photo or an example."), "", "", "", "")


@dataclass(frozen=True, eq=False)
class MapFaces:
    """A table and the pictures of its faces: its own thumbnails, or those of the bundled set it was made from."""

    table: EmbeddingTable
    bundled: FaceSource | None  # None where the table is of other faces
    row_of_key: dict[str, int]  # in the bundled set

    def picture(self, row: int) -> np.ndarray | None:
        """The picture of a row of the table, if there is one."""
        place = self.row_of_key.get(self.table.keys[row])
        if self.bundled is not None and place is not None:
            return self.bundled[place].image
        content = self.table.thumbnail(row)
        return None if content is None else load_stored(content)

    def uri(self, row: int) -> str:
        """The picture as a small data URI; empty if there is none, or no such row (the browser asks for rows)."""
        if not 0 <= row < len(self.table):
            return ""
        place = self.row_of_key.get(self.table.keys[row])
        if self.bundled is not None and place is not None:
            return data_uri(self.bundled[place].image, _THUMBNAIL_SIDE)
        content = self.table.thumbnail(row)
        return "" if content is None else "data:image/webp;base64," + base64.b64encode(content).decode("ascii")

    def near(self, space: str, row: int) -> list[int]:
        """The nearest faces by code, not by the map."""
        known = self.table.space(space)
        return known.nearest(known.codes[row], NEIGHBOURS, without=row)[0].tolist()


def maps_and_trust(faces: MapFaces, view: MapView) -> tuple[list[go.Figure], str]:
    """Both figures, and how far to trust them."""
    words = trust_sentence(faces.table, view.spaces, METHOD_TITLES.get(view.method, view.method), view.method)
    return figures(view, faces.table), words


def chosen(faces: MapFaces, view: MapView, row: int) -> Chosen:
    """The chosen face and its neighbours in both codes."""
    rows = [faces.near(space, row) for space in view.spaces]
    shown = face_facts(faces.table, row, faces.picture(row))
    return Chosen(shown, *_neighbours(faces, view, rows, "Nearest by"))


def selected(faces: MapFaces, rows: Sequence[int]) -> Selected:
    """The selection in words and pictures."""
    shown = faces_row(faces.table, rows[:MOST_SHOWN], faces.uri, "Selected faces", "grid")
    return Selected(selection_summary(faces.table, rows), shown if rows else "")


def placed(faces: MapFaces, view: MapView, placed_faces: dict[str, PlacedFace], crop: FaceCrop) -> Placed:
    """The visitor's face and its neighbours in both codes."""
    rows = [placed_faces[space].rows.tolist() for space in view.spaces]
    shown = picture(crop.pixels(_CROP_SIDE), "Your face as the model sees it")
    about = placed_facts(faces.table, placed_faces, view.spaces, view.method)
    html = f'<div class="pictures chosen">{shown}<div>{about}</div></div>'
    return Placed(html, *_neighbours(faces, view, rows, "Nearest to your face by"))


def neighbour_rows(values: tuple[str, ...], name: str) -> list[gr.HTML]:
    """The components of two rows of neighbours with their headings, in the order of the tuples above."""
    parts: list[gr.HTML] = []
    for side, heading, thumbnails in (("left", *values[:2]), ("right", *values[2:])):
        parts.append(gr.HTML(heading, apply_default_css=False))
        parts.append(Pick(thumbnails, elem_id=f"{name}-{side}", min_height=80))
    return parts


def _neighbours(faces: MapFaces, view: MapView, rows: Sequence[Sequence[int]], words: str) -> list[str]:
    parts = []
    for space, near in zip(view.spaces, rows, strict=True):
        heading = f"{words} {SPACE_TITLES[space]}"
        parts += [f"<h3>{heading}</h3>", faces_row(faces.table, near, faces.uri, heading)]
    return parts
