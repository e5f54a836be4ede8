"""The tables behind the maps as the tab asks for them: their pictures, their names and the face chosen on arrival."""

from __future__ import annotations

from fer_demo.data.embedding_table import BUNDLED, EmbeddingTable
from fer_demo.errors import DataError
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.tabs.latent_space.map_panels import MapFaces
from fer_demo.interface.tabs.latent_space.map_view import MapView, Rows


def map_faces(context: AppContext, name: str) -> MapFaces:
    """A table and the pictures of its faces.

    Raises: DataError if there is no such table: what the browser sent is never trusted.
    """
    if name not in context.maps:
        raise DataError("This map is no longer there; choose another.")
    table = context.maps[name]
    bundled = context.faces if table.info.data == BUNDLED else None
    return MapFaces(table, bundled, context.row_of_key)


def first_row(context: AppContext, table: EmbeddingTable) -> int:
    """The row of the first example, or simply the first row."""
    keys = {context.bundled.column("key")[row] for row in context.example_rows[3:4]} if context.faces else set()
    return next((row for row, key in enumerate(table.keys) if key in keys), 0)


def chosen_row(context: AppContext, view: MapView, chosen: Rows) -> int:
    """The chosen face; as on arrival if it is of another table by now."""
    rows = chosen.of(view)
    return rows[0] if rows else first_row(context, context.maps[view.name])


def table_title(context: AppContext, name: str) -> str:
    """Whose codes of which faces."""
    model = title(context.model_of_map(name))
    return model if name == context.maps[name].info.model else f"{model}: {context.maps[name].info.data} ({name})"
