"""Projection: where a new face lands on the maps of an embedding table, and what face an empty place stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from fer_demo import images
from fer_demo.capabilities import FactorCodes
from fer_demo.data.embedding_table import BUNDLED, CODES, EmbeddingTable, Placement, Space
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import BASELINE_CLASSIFIER, codes_of_crop
from fer_demo.inference.preparation import as_editor
from fer_demo.published.model import PublishedModel

PLACED_BY = 5  # nearest faces that decide where a new one is placed
FAR = 0.99  # a face is far from the data if it is lonelier than this share of the faces in it
_TOGETHER = 0.25  # of the size of a map: neighbours that are closer lie together


@dataclass(frozen=True, eq=False)
class Place:
    """Where a face lands on one map."""

    xy: tuple[float, float]
    overlap: float  # mean over its nearest faces: how far to trust the map here
    scatter: float  # their mean distance from their middle, as a share of the map's size


@dataclass(frozen=True, eq=False)
class PlacedFace:
    """A face among the faces of one space."""

    rows: np.ndarray  # nearest faces by code, nearest first
    distances: np.ndarray  # theirs
    lonelier_than: float  # share of the table's faces that are closer to their own nearest face
    places: Mapping[str, Place]  # by method

    @property
    def far(self) -> bool:
        """Whether the face is unlike anything in the data, so that its neighbours say little."""
        return self.lonelier_than >= FAR

    def together(self, method: str) -> bool:
        """Whether its nearest faces lie together on the map, so that its place means something."""
        return self.places[method].scatter <= _TOGETHER


@dataclass(frozen=True, eq=False)
class DecodedFace:
    """A face that nobody has: decoded from the mean code of the faces around a place of a map."""

    face: np.ndarray  # (S, S) or (S, S, 3) uint8
    rows: np.ndarray  # the faces around
    distance: float  # from the mean code to the nearest face's
    lonelier_than: float  # share of the table's faces that are closer to their own nearest face


def check_model(model: PublishedModel, table: EmbeddingTable) -> None:
    """Raises: CheckpointError if the table holds the codes of other weights, so that new codes do not compare."""
    _check_weights(model, table.info.weights_sha256, table.info.model, table)


def check_classifier(classifier: PublishedModel, table: EmbeddingTable) -> None:
    """Raises: CheckpointError if the table's baseline is the features of other weights of the classifier."""
    if "classifier" in table.info.spaces:
        _check_weights(classifier, table.info.classifier_sha256, BASELINE_CLASSIFIER, table)


def place_face(
    model: PublishedModel, classifier: PublishedModel, table: EmbeddingTable, crop: FaceCrop, neighbours: int
) -> dict[str, PlacedFace]:
    """A face among the table's faces, by every space; the same face always has the same place, bit for bit.

    Raises: CheckpointError if the table is of other weights of either.
    """
    check_model(model, table)
    check_classifier(classifier, table)
    full = codes_of_crop(model, classifier, crop)
    return {name: _placed_in(table.space(name), full[name], neighbours) for name in table.info.spaces}


def decode_place(
    model: PublishedModel, table: EmbeddingTable, space: str, method: str, xy: tuple[float, float], row: int
) -> DecodedFace:
    """The face of a place on the map of one code; the other code is that of the face in `row`.

    Codes are restored from their principal components, so that what the table left out is the mean face's.

    Raises: CheckpointError if the model cannot paint or the table is of other weights; DataError for a baseline.
    """
    check_model(model, table)
    editor = as_editor(model)
    if space not in CODES:
        raise DataError("Only the model's own codes can be turned into a face; choose “Identity and expression”.")
    mine = table.space(space)
    rows = _around(mine.maps[method], xy)
    mean = mine.codes[rows].mean(axis=0)
    reduced = {name: mean if name == space else table.space(name).codes[row] for name in CODES}
    full = {name: table.space(name).basis.restore(code) for name, code in reduced.items()}
    with torch.inference_mode():
        codes = FactorCodes(*(torch.from_numpy(full[name])[None].to(model.device) for name in CODES))
        face = images.to_uint8(editor.decode(codes))[0]
    distance = float(mine.nearest(mean, 1)[1][0])
    return DecodedFace(face, rows, distance, _lonelier_than(mine, distance))


def _check_weights(model: PublishedModel, sha256: str, name: str, table: EmbeddingTable) -> None:
    if model.origin is None or model.origin.sha256 != sha256:
        data = "" if table.info.data == BUNDLED else f" --data {table.info.data}"
        command = f"python -m training project {table.info.model} --out {table.path.name}{data}"
        raise CheckpointError(
            f"The map {table.path.name} was made with other weights of {name} than those loaded, so new faces cannot "
            f"be placed on it. Whoever runs this app can make it again with “{command}”."
        )


def _placed_in(space: Space, full: np.ndarray, neighbours: int) -> PlacedFace:
    code = space.basis.reduce(full)
    rows, distances = space.nearest(code, max(neighbours, PLACED_BY))
    places = {}
    for method, placement in space.maps.items():
        # The first two components are a map of their own, which needs no neighbours.
        xy = code[:2] if method == "pca" else _weighted(placement.xy[rows[:PLACED_BY]], distances[:PLACED_BY])
        near = placement.xy[rows[:PLACED_BY]].astype(np.float64)
        scatter = float(np.linalg.norm(near - near.mean(axis=0), axis=1).mean() / _size(placement))
        places[method] = Place((float(xy[0]), float(xy[1])), float(placement.overlap[rows].mean()), scatter)
    nearest = float(distances[0])
    return PlacedFace(rows[:neighbours], distances[:neighbours], _lonelier_than(space, nearest), places)


def _weighted(places: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The mean of places (K, 2), each weighing 1 / d^2; a face of the table itself lands on its own place."""
    weights = 1 / np.maximum(distances.astype(np.float64), 1e-6) ** 2
    return (places * (weights / weights.sum())[:, None]).sum(axis=0)


def _size(placement: Placement) -> float:
    """Root mean square distance of the faces from the map's middle."""
    return float(np.sqrt(placement.xy.astype(np.float64).var(axis=0).sum())) or 1.0


def _lonelier_than(space: Space, distance: float) -> float:
    return float((space.spacing < distance).mean())


def _around(placement: Placement, xy: tuple[float, float]) -> np.ndarray:
    distances = ((placement.xy.astype(np.float64) - np.array(xy)) ** 2).sum(axis=1)
    return np.argsort(distances, kind="stable")[:PLACED_BY]
