"""A visitor's own face on the maps: the field, where the face was placed, and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import gradio as gr

from fer_demo.errors import DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import BASELINE_CLASSIFIER
from fer_demo.inference.latent_space.projection import PlacedFace, place_face
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import PHOTOS_QUEUE, listen, picked
from fer_demo.interface.example_faces import face_of_example, face_thumbnails
from fer_demo.interface.tabs.latent_space.linked_maps import LinkedMaps
from fer_demo.interface.tabs.latent_space.map_panels import NEIGHBOURS, NOTHING_PLACED, Placed, neighbour_rows, placed
from fer_demo.interface.tabs.latent_space.map_view import MapView, stars
from fer_demo.interface.tabs.latent_space.tables import map_faces
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import lead

_PLACED = (
    "A star marks your face on both maps, near the faces with the most similar codes. "
    "The same photo always gets the same spot."
)


@dataclass(frozen=True, eq=False)
class Visitor:
    """A visitor's own face and where it was placed among the faces of a table, by space."""

    name: str  # of the table
    crop: FaceCrop
    placed_faces: dict[str, PlacedFace]


def placed_on(view: MapView, visitor: Visitor | None) -> dict[str, PlacedFace] | None:
    """Where the visitor's face was placed on these maps; None if there is none, or it was placed on others."""
    return None if visitor is None or visitor.name != view.name else visitor.placed_faces


def place_on_map(context: AppContext, name: str, crop: FaceCrop, neighbours: int) -> dict[str, PlacedFace]:
    """A face among those of a map, by every space.

    Raises: DataError if there is no such map or no baseline, and what `place_face` raises.
    """
    table, classifier = map_faces(context, name).table, context.models.get(BASELINE_CLASSIFIER)
    if classifier is None:
        raise DataError(
            "Faces cannot be placed on the maps here, because the expression classifier is not loaded; see About."
        )
    return place_face(context.editor(context.model_of_map(name)), classifier, table, crop, neighbours)


def lay_out_placed_face(context: AppContext) -> tuple[FaceField, Any]:
    """The field beside what will be said of the face."""
    gr.HTML(f'<h2 class="section">Put your own face on the maps</h2>{lead(_PLACED)}', apply_default_css=False)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            field = _field(context)
        with gr.Column(scale=7, min_width=320):
            about = gr.HTML(NOTHING_PLACED.about, apply_default_css=False, elem_id="placed", min_height=180)
            return field, components(Placed, about, *neighbour_rows(NOTHING_PLACED[1:], "placed"))


def connect_placed_face(
    context: AppContext, field: FaceField, view: gr.State, visitor: gr.State, maps: LinkedMaps, about: Any
) -> None:
    """Place whatever face is chosen, and show it on whichever maps; `about` are the components of `Placed`."""

    def place(view: MapView, face: ChosenFace | None) -> Visitor | None:
        if face is None:
            return None
        return Visitor(view.name, face.crop, place_on_map(context, view.name, face.crop, NEIGHBOURS))

    def show_placed(view: MapView, visitor: Visitor | None) -> tuple[Update, Unpack[Placed]]:
        found = placed_on(view, visitor)
        if visitor is None or found is None:
            return (gr.update(placed=None), *NOTHING_PLACED)
        about = placed(map_faces(context, view.name), view, found, visitor.crop)
        return (gr.update(placed=stars(view, found)), *about)

    field.connect(listen, picked, PHOTOS_QUEUE)
    listen([field.state.change], place, [view, field.state], [visitor], notice=field.notice, heavy=True, latest=True)
    listen([visitor.change, view.change], show_placed, [view, visitor], [maps, *about], latest=True)


def _field(context: AppContext) -> FaceField:
    items, load = face_thumbnails(context), partial(face_of_example, context)
    return FaceField("Your photo", items, load, context.crops_to_keep, None, "own-face")
