"""Projection: the shipped maps of a model's two latent spaces, fitted when the model was evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fer_demo.errors import DataError

MAPS = Path(__file__).parent.parent / "assets" / "maps"
_COORDINATES = ("identity_x", "identity_y", "expression_x", "expression_y")


@dataclass(frozen=True, eq=False)
class LatentMap:
    """The same faces placed twice: by identity code and by expression code."""

    keys: tuple[str, ...]  # of the faces, in the order of the rows below
    identity_xy: np.ndarray  # (N, 2) float32
    expression_xy: np.ndarray  # (N, 2) float32
    labels: dict[str, list[Any]] = field(default_factory=dict)  # one list of N per label to colour by

    def __len__(self) -> int:
        return len(self.keys)


def load_map(model_name: str, folder: Path = MAPS) -> LatentMap:
    """The map of one catalogue model; every further column of its file is a label.

    Raises: DataError if the model has no map or its file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"{model_name}.parquet"
    if not path.is_file():
        raise DataError(f"There is no map of {model_name!r}; it is fitted by `python -m training evaluate`.")
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"The map {path.name} cannot be read; fit it again or reinstall the package.") from error
    missing = [name for name in ("key", *_COORDINATES) if name not in table.column_names]
    if missing:
        raise DataError(f"The map {path.name} lacks the columns {', '.join(missing)}; fit it again.")
    x1, y1, x2, y2 = (table[name].to_numpy().astype(np.float32) for name in _COORDINATES)
    labels = {name: table[name].to_pylist() for name in table.column_names if name not in ("key", *_COORDINATES)}
    return LatentMap(tuple(table["key"].to_pylist()), np.stack([x1, y1], 1), np.stack([x2, y2], 1), labels)


def with_labels(latent_map: LatentMap, keys: list[str], columns: dict[str, list[Any]]) -> LatentMap:
    """The map with labels looked up by key in a face source's columns; None where the source has no such face."""
    row_of = {key: row for row, key in enumerate(keys)}
    rows = [row_of.get(key) for key in latent_map.keys]
    found = {name: [None if row is None else values[row] for row in rows] for name, values in columns.items()}
    return LatentMap(latent_map.keys, latent_map.identity_xy, latent_map.expression_xy, {**latent_map.labels, **found})


def nearest(points: np.ndarray, x: float, y: float) -> int:
    """Row of the point (N, 2) nearest to where somebody clicked."""
    return int(((points - np.array([x, y])) ** 2).sum(axis=1).argmin())
