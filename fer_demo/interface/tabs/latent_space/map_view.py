"""What a visitor has set up on the linked maps, and the figures that show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from fer_demo.data.embedding_table import BASELINES, CODES, EmbeddingTable
from fer_demo.errors import DataError
from fer_demo.figures.latent_map import latent_map
from fer_demo.inference.latent_space.projection import PlacedFace
from fer_demo.interface.tabs.latent_space.label_titles import label_title

PAIRS = {"codes": CODES, "baselines": BASELINES}  # which two spaces are shown side by side
PAIR_TITLES = {"codes": "Identity and expression", "baselines": "Pixels and plain classifier"}
METHOD_TITLES = {"umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}
MAP_TITLES = {
    "identity": "Identity code",
    "expression": "Expression code",
    "pixels": "Raw pixels",
    "classifier": "Plain classifier",
}
TRUST = "trust in this spot"  # a colour that each map has of its own
_USUAL = ("expression", "person")  # the labels that tell the two maps apart, offered first


@dataclass(frozen=True)
class MapView:
    """Which maps are shown, and how."""

    name: str  # of the table
    pair: str
    method: str
    label: str  # to colour by

    @property
    def spaces(self) -> tuple[str, ...]:
        """Left and right."""
        return PAIRS[self.pair]


# Compared by identity: the same face may be chosen again.
@dataclass(frozen=True, eq=False)
class Rows:
    """Faces of a table that are meant: the chosen one, or the selected ones."""

    name: str  # of the table
    rows: tuple[int, ...]

    def of(self, view: MapView) -> tuple[int, ...]:
        """Those of the maps that are shown; none if these are of another table by now."""
        return self.rows if self.name == view.name else ()


def colour_labels(table: EmbeddingTable) -> list[tuple[str, str]]:
    """What the faces can be coloured by, as title and name."""
    labels = table.info.labels
    names = [*(name for name in _USUAL if name in labels), *(name for name in labels if name not in _USUAL), TRUST]
    return [(label_title(name), name) for name in names]


def methods(table: EmbeddingTable) -> list[tuple[str, str]]:
    """The ways its maps were made, as title and name."""
    return [(METHOD_TITLES.get(method, method), method) for method in table.info.methods]


def people(table: EmbeddingTable) -> list[tuple[str, str]]:
    """Everyone with how many faces they have, in the order of their names."""
    counts = Counter(name for name in table.labels.get("person", []) if name is not None)
    return [(f"{name} ({count})", name) for name, count in sorted(counts.items())]


def faces_of(table: EmbeddingTable, person: str | None) -> tuple[int, ...]:
    """The rows of a person's faces; none for nobody."""
    names = table.labels.get("person", []) if person is not None else []
    return tuple(row for row, name in enumerate(names) if name == person)


def first_view(name: str, table: EmbeddingTable) -> MapView:
    """The maps as they are on arrival."""
    return MapView(name, "codes", table.info.methods[0], colour_labels(table)[0][1])


def usable(asked: str, choices: Sequence[tuple[str, str]]) -> str:
    """What was asked for if it is among the choices (title and name), else the first of them."""
    names = [name for _, name in choices]
    return asked if asked in names else names[0]


def check_view(view: MapView, table: EmbeddingTable) -> MapView:
    """The same view.

    Raises: DataError if the table has no such map or label: what the browser sent is never trusted.
    """
    if view.pair not in PAIRS or view.method not in table.info.methods:
        raise DataError("This map is no longer there; reload the page and choose again.")
    if view.label != TRUST and view.label not in table.info.labels:
        raise DataError("These faces have no such label; choose another in “Colour by”.")
    return view


def figures(view: MapView, table: EmbeddingTable) -> list[go.Figure]:
    """Both maps."""
    shown = []
    for name in view.spaces:
        placement = table.space(name).maps[view.method]
        values: Any = placement.overlap if view.label == TRUST else table.labels[view.label]
        shown.append(latent_map(placement.xy, values, MAP_TITLES[name], f"{view.name} {view.method}"))
    return shown


def stars(view: MapView, placed_faces: dict[str, PlacedFace] | None) -> list[tuple[float, float]] | None:
    """Where the visitor's face was placed on the two maps."""
    return None if placed_faces is None else [placed_faces[name].places[view.method].xy for name in view.spaces]


def posted_rows(event: gr.EventData, count: int) -> tuple[int, ...]:
    """The rows that the browser says are selected, each once and in order.

    Raises: DataError if it sent anything else.
    """
    rows = getattr(event, "rows", None)
    if not isinstance(rows, list) or len(rows) > count or not all(type(row) is int for row in rows):
        raise DataError("That selection could not be read; draw it again.")
    chosen = sorted(set(rows))
    if chosen and not 0 <= chosen[0] <= chosen[-1] < count:
        raise DataError("That selection is no longer there; reload the page and draw it again.")
    return tuple(chosen)


def posted_place(event: gr.EventData) -> tuple[int, float, float]:
    """The panel, x and y of a click on an empty place.

    Raises: DataError if the browser sent anything else.
    """
    panel, x, y = (getattr(event, name, None) for name in ("panel", "x", "y"))
    numbers = all(isinstance(value, int | float) and math.isfinite(value) for value in (x, y))
    if panel not in (0, 1) or isinstance(panel, bool) or not numbers:
        raise DataError("That place could not be read; click again.")
    return panel, float(x), float(y)  # type: ignore[arg-type]
