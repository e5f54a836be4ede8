"""`evaluate regions`: from where on the face a recognizer's answers come, over many rendered faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from torch import Tensor
from torch.nn.functional import interpolate
from tqdm import tqdm

from fer_demo import images
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.faces.alignment import align, given_points, similarity
from fer_demo.inference.explain.many_faces import MEAN_MAPS, MEAN_MAPS_FILE, REGION_TABLE, SIDE, MeanMaps
from fer_demo.inference.explain.pixels import occlusion
from fer_demo.inference.explain.question import about_expression
from fer_demo.inference.explain.regions import REGIONS, draw_regions
from fer_demo.inference.explain.shapley import region_values
from fer_demo.inference.preparation import as_recognizer, face_tensor
from fer_demo.published.model import PublishedModel
from training.evaluation.part import beside, open_model, place_of, write_part
from training.evaluation.record import EVALUATION_FILE, Figure

_DATA = "bundled synthetic faces"


@dataclass(frozen=True)
class RegionSettings:
    """Which recognizer to look into, and on how many faces."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    faces: int = 10  # of each expression: half a second each
    seed: int = 0  # of the draw

    def __post_init__(self) -> None:
        if self.faces < 1:
            raise SettingsError("Give --faces 1 or more.")


@dataclass(frozen=True, eq=False)
class _Seen:
    """One face: what each region gives, the map and the picture."""

    shares: np.ndarray  # (regions,), their sizes add up to 1
    heat: np.ndarray  # (SIDE, SIDE), 0..1
    picture: np.ndarray  # (SIDE, SIDE) uint8


def evaluate_regions(settings: RegionSettings) -> Path:
    """Write evaluation.json beside the weights, and the mean maps of a bundled model for the app.

    Raises: CheckpointError if the model recognizes nothing, DataError without faces.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    as_recognizer(model)
    if model.origin is None:
        raise CheckpointError(f"{run} does not say what its weights are.")
    source, generator = load_bundled(), np.random.default_rng(settings.seed)
    labels = np.array(source.column("expression"))
    expressions = tuple(name for name in model.config.expressions if name in labels)
    rows: list[list[Any]] = []
    faces, maps = [], []
    for expression in tqdm(expressions, desc="expressions", leave=False):
        drawn = generator.permutation(np.flatnonzero(labels == expression))[: settings.faces]
        seen = list(_seen(model, source.select(drawn), expression))
        if not seen:
            raise DataError(f"No face that shows {expression} has landmarks.")
        rows.append([expression, [round(float(share), 4) for share in np.mean([one.shares for one in seen], axis=0)]])
        faces.append(np.mean([one.picture for one in seen], axis=0).round().astype(np.uint8))
        maps.append(np.mean([one.heat for one in seen], axis=0))
    means = np.stack(maps) / max(float(np.max(maps)), 1e-12)
    place = beside(folder, MEAN_MAPS_FILE, MEAN_MAPS)
    MeanMaps(model.origin.sha256, expressions, np.stack(faces), means).save(place)
    table = {"data": _DATA, "each": settings.faces, "regions": list(REGIONS), "rows": rows}
    count = settings.faces * len(rows)
    figures = [
        Figure(f"share in the answer, {region}", float(np.mean([shares[index] for _, shares in rows])), _DATA, count)
        for index, region in enumerate(REGIONS)
    ]
    path = folder / EVALUATION_FILE
    options = f"--faces {settings.faces}"
    write_part(path, model, REGION_TABLE, run, settings.seed, figures, {REGION_TABLE: table}, options)
    return path


def _seen(model: PublishedModel, source: FaceSource, expression: str) -> Iterator[_Seen]:
    side = model.config.size
    asked = about_expression(model, expression)
    for record in source:
        points = given_points(record.points, record.landmarks, record.image.shape)
        if points is None or record.landmarks is None:
            continue
        matrix = similarity(points, side)
        regions = draw_regions(record.landmarks @ matrix[:, :2].T + matrix[:, 2], side)
        face = face_tensor(model, align(record.image, points, side)[None])
        values = region_values(model, face, asked, regions)
        heat = np.clip(occlusion(model, face, asked), 0, None)
        picture = images.to_grey(align(record.image, points, SIDE))
        size = float(np.abs(values).sum())
        yield _Seen(values / max(size, 1e-12), _resized(heat / max(float(heat.max()), 1e-12)), picture)


def _resized(heat: np.ndarray) -> np.ndarray:
    grid: Tensor = torch.from_numpy(heat)[None, None]
    return interpolate(grid, size=(SIDE, SIDE), mode="bilinear", align_corners=False)[0, 0].numpy()
