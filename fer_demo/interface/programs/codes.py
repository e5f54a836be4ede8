"""`encode`, `project` and `leakage`: the codes of faces, where they lie on the maps, and what they give away."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.capabilities import EncodesFactors
from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.errors import SettingsError
from fer_demo.inference.encoding import encode
from fer_demo.inference.latent_space.projection import PlacedFace
from fer_demo.inference.leakage.disentanglement import measured_disentanglement
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.programs.answers import (
    Answer,
    EncodedFace,
    ModelLeakage,
    Neighbour,
    PlacedInSpace,
    ProjectedFace,
    Spot,
    box_of,
)
from fer_demo.interface.tabs.latent_space.placed_face import place_on_map
from fer_demo.interface.widgets.photo_input import PhotoInput

_MOST_NEIGHBOURS = 50


def publish_codes(context: AppContext) -> None:
    """Offer `/encode`, `/project` and `/leakage`, as far as there are models and maps for them."""
    described = context.models.described
    encoders = [name for name, model in described.items() if isinstance(model, EncodesFactors)]
    if encoders:
        _publish_encode(context, encoders)
        _publish_leakage(context, encoders)
    if context.maps:
        _publish_project(context)


def _publish_encode(context: AppContext, names: list[str]) -> None:
    def encode_photo(photo: bytes | None, model: str) -> list[EncodedFace]:
        """Compute the identity code and the expression code of every face in a photo, the largest face first.

        The identity code says who a face is, the expression code what it shows.
        """
        crops = context.crops_of_photo(photo or b"")
        codes = encode(context.models[model], crops)
        pairs = zip(crops, codes.identity.tolist(), codes.expression.tolist(), strict=True)
        return [EncodedFace(box_of(crop), *both) for crop, *both in pairs]

    photo, model = PhotoInput(label="Photo"), gr.Dropdown(names, value=names[0], label="Model")
    result = Answer(list[EncodedFace], "Codes")
    listen([gr.Button().click], encode_photo, [photo, model], [result], heavy=True, api_name="encode")


def _publish_leakage(context: AppContext, names: list[str]) -> None:
    def leakage(model: str) -> ModelLeakage:
        """Say what can be read from which code of a model, as it was measured on the bundled faces.

        `measured` holds the accuracy of linear probes with 95 % intervals, chance and a shuffled control, the metrics
        of disentanglement (0 to 1), and how far codes differ. Codes that are kept apart would give the person away
        from the identity code alone, and the expression from the expression code alone.
        """
        found = measured_disentanglement(model, context.models.described[model])
        if found is None:
            raise SettingsError(f"The codes of {model} have not been measured yet.")
        return ModelLeakage(model, [one.finding for one in found.differences], found)

    model, result = gr.Dropdown(names, value=names[0], label="Model"), Answer(ModelLeakage, "Leakage")
    listen([gr.Button().click], leakage, [model], [result], api_name="leakage")


def _publish_project(context: AppContext) -> None:
    names = list(context.maps)

    def project(photo: bytes | None, map_name: str, neighbours: float) -> ProjectedFace:
        """Place the largest face of a photo on the maps of a model's codes, and name the faces with the nearest codes.

        Every kind of code has its own neighbours and a spot on each of its maps. The same photo always gets the same
        spot. Distances are between codes, not on the map.
        """
        if not 1 <= neighbours <= _MOST_NEIGHBOURS:
            most = _MOST_NEIGHBOURS
            raise SettingsError(f"The number of neighbours must lie between 1 and {most}, not {neighbours}.")
        crop, table = context.crops_of_photo(photo or b"")[0], context.maps[map_name]
        found = place_on_map(context, map_name, crop, int(neighbours))
        spaces = {name: _placed(table, face) for name, face in found.items()}
        return ProjectedFace(map_name, context.model_of_map(map_name), box_of(crop), spaces)

    photo, result = PhotoInput(label="Photo"), Answer(ProjectedFace, "Places")
    known = gr.Dropdown(names, value=names[0], label="Map")
    neighbours = gr.Number(7, precision=0, label=f"How many of the nearest faces to name, 1 to {_MOST_NEIGHBOURS}")
    listen([gr.Button().click], project, [photo, known, neighbours], [result], heavy=True, api_name="project")


def _placed(table: EmbeddingTable, face: PlacedFace) -> PlacedInSpace:
    def label(name: str, row: int) -> str | None:
        value: Any = table.labels[name][row] if name in table.labels else None
        return None if value is None else str(value)

    nearest = [
        Neighbour(table.keys[row], round(float(distance), 4), label("expression", row), label("person", row))
        for row, distance in zip(face.rows.tolist(), face.distances, strict=True)
    ]
    spots = {
        method: Spot(round(place.xy[0], 4), round(place.xy[1], 4), round(place.overlap, 4), face.together(method))
        for method, place in face.places.items()
    }
    return PlacedInSpace(spots, nearest, round(face.lonelier_than, 4), face.far)
