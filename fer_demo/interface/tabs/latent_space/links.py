"""The tab's settings in the page's address: which maps, coloured by what, and which face and person are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fer_demo.errors import DataError
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.latent_space.map_view import MapView, check_view, faces_of, first_view
from fer_demo.interface.tabs.latent_space.tables import first_row, map_faces

_SETTINGS = {"pair": "pair", "method": "method", "label": "colour"}  # of a view -> their names in the address


def settings_of(context: AppContext, view: MapView, row: int, person: str | None) -> dict[str, str | None]:
    """Settings for the page's address that show the same maps; faces outlined by hand are too many to name."""
    face = map_faces(context, view.name).table.keys[row]
    shown = {"map": view.name, "pair": view.pair, "method": view.method, "colour": view.label, "face": face}
    return {**shown, "person": person}


def read_link(context: AppContext, query: Mapping[str, str]) -> tuple[MapView, int, str | None] | None:
    """The maps that a link asks for, the chosen face and the person; None if the maps are not there any more."""
    name = query.get("map", next(iter(context.maps), ""))
    if name not in context.maps:
        return None
    table = context.maps[name]
    usual = first_view(name, table)
    wanted = {field: query.get(setting, getattr(usual, field)) for field, setting in _SETTINGS.items()}
    row = table.row_of_key.get(query.get("face", ""), first_row(context, table))
    person = query.get("person")
    try:
        return check_view(replace(usual, **wanted), table), row, person if faces_of(table, person) else None
    except DataError:
        return None
