"""Maps of codes: reduced by PCA, placed by three methods, and held to what they claim to show."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from tqdm import tqdm

from fer_demo.data.embedding_table import (
    BASELINES,
    BUNDLED,
    CODES,
    Basis,
    Placement,
    Space,
    TableInfo,
    write_embedding_table,
)
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.metrics.nearest import nearest_neighbours
from fer_demo.metrics.neighbour_overlap import neighbour_overlap
from fer_demo.metrics.trustworthiness import trustworthiness
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel
from training.maps.face_codes import Encoders, classifier_of, full_codes, joined_labels, shard_table

COMPONENTS = 64  # kept of a code: what the bundled faces' table has room for
NEIGHBOURS = 15  # of UMAP, and of the figures on trust
METHODS = ("umap", "pca", "tsne")
SMALLEST_SET = 2 * NEIGHBOURS + 2  # faces; trustworthiness needs twice the neighbours
_SAMPLE = 4000  # faces that PCA learns from, evenly spread over the set
_TSNE_LIMIT = 10_000  # faces; beyond it t-SNE takes too long on a CPU


class FittedSpace(NamedTuple):
    """A space with its maps, and what its reduction cost."""

    space: Space
    dims: int
    variance: float  # share kept
    kept: float  # share of the nearest neighbours kept, among the sample


def write_latent_map(model: PublishedModel, path: Path, seed: int) -> None:
    """Encode the bundled faces and write their table."""
    with tempfile.TemporaryDirectory() as folder:
        shard = Path(folder) / "codes.parquet"
        encoders = Encoders.of(model, model.device)
        pq.write_table(shard_table(encoders, load_bundled(), "", False, print), shard)
        write_table(model, [shard], path, BUNDLED, seed)


def write_table(model: PublishedModel, shards: Sequence[Path], out: Path, data: str, seed: int) -> None:
    """Fit every space of encoded shards and write the table.

    Raises: DataError if too few faces could be encoded, or two have the same key.
    """
    shards = [path for path in shards if pq.read_metadata(path).num_rows]  # of another, no picture could be read
    tables = [pq.read_table(path, columns=_without_codes(path)) for path in shards]
    keys = [key for table in tables for key in table["key"].to_pylist()]
    if len(keys) < SMALLEST_SET:
        raise DataError(f"{len(keys)} faces could be encoded, too few for a map; it needs at least {SMALLEST_SET}.")
    if len(set(keys)) < len(keys):
        raise DataError("Several faces have the same key; give every row of the data a key of its own.")
    with_pictures = [table for table in tables if "thumbnail" in table.column_names]
    pictures = [picture for table in with_pictures for picture in table["thumbnail"].to_pylist()]
    labels = joined_labels(tables)
    fitted = {}
    for space in tqdm((*CODES, *BASELINES), desc="fit", unit="spaces"):
        fitted[space] = fit_space(partial(_full, shards, space), len(keys), seed)
    info = _info(model, classifier_of(shards), data, fitted, tuple(labels), seed)
    spaces = {name: part.space for name, part in fitted.items()}
    write_whole(out, lambda file: write_embedding_table(file, info, keys, labels, spaces, pictures or None))


def _without_codes(shard: Path) -> list[str]:
    """The small columns of a shard; one dataset has labels that another lacks."""
    return [name for name in pq.read_schema(shard).names if not name.startswith("code ")]


def fit_space(shards: Callable[[], Iterator[np.ndarray]], count: int, seed: int) -> FittedSpace:
    """Reduce and place the codes (N, D) that `shards` hands out part by part, as often as it is asked.

    The same codes and seed give the same places.
    """
    chosen = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).round().astype(int))
    sample = _rows(shards(), chosen)
    basis, variance = _principal_axes(sample, seed)
    codes = np.concatenate([_reduced(part, basis) for part in shards()])
    if _one_code(sample):
        codes, variance = np.zeros_like(codes), 1.0  # what is left is rounding, which is not to be drawn large
    kept = neighbour_overlap(*(nearest_neighbours(part, NEIGHBOURS)[0] for part in (sample, codes[chosen]))).mean()
    by_code, distances = nearest_neighbours(codes, NEIGHBOURS)
    maps = {method: _judged(codes, by_code, place_codes(codes, method, seed)) for method in methods_for(count)}
    spacing = distances[:, 0].astype(np.float32)
    return FittedSpace(Space(codes, basis, spacing, maps), sample.shape[1], variance, float(kept))


def methods_for(count: int) -> tuple[str, ...]:
    """The methods that such a large set can be placed with."""
    return METHODS if count <= _TSNE_LIMIT else tuple(method for method in METHODS if method != "tsne")


def place_codes(codes: np.ndarray, method: str, seed: int) -> np.ndarray:
    """Reduced codes (N, C) to (N, 2) float32: by UMAP (McInnes et al. 2018), t-SNE, or the first two components."""
    if method == "pca" or not np.ptp(codes, axis=0).any():  # t-SNE crashes where all codes are the same
        return codes[:, :2].copy()
    if method == "tsne":
        perplexity = min(30.0, (len(codes) - 1) / 3)
        places = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1).fit_transform(codes)
    else:
        import umap  # a third of this module's time to load

        neighbours = min(NEIGHBOURS, len(codes) - 1)
        settings = {"n_neighbors": neighbours, "min_dist": 0.15, "random_state": seed, "n_jobs": 1}
        places = umap.UMAP(**settings).fit_transform(codes)
    return places.astype(np.float32)


def _info(
    model: PublishedModel,
    classifier_sha256: str,
    data: str,
    fitted: dict[str, FittedSpace],
    labels: tuple[str, ...],
    seed: int,
) -> TableInfo:
    """What the table of these maps says of itself."""
    assert model.origin is not None  # load_model always sets it
    return TableInfo(
        model=model.method,
        weights_sha256=model.origin.sha256,
        data=data,
        labels=labels,
        spaces=tuple(fitted),
        methods=tuple(fitted[CODES[0]].space.maps),
        dims={name: part.dims for name, part in fitted.items()},
        variance={name: round(part.variance, 4) for name, part in fitted.items()},
        kept={name: round(part.kept, 4) for name, part in fitted.items()},
        neighbours=NEIGHBOURS,
        answers_by=Encoders.answering(model),
        classifier_sha256=classifier_sha256,
        seed=seed,
    )


def _principal_axes(sample: np.ndarray, seed: int) -> tuple[Basis, float]:
    """The axes as the table will hold them, in fp16, and the share of the variance along them."""
    components = min(COMPONENTS, len(sample) - 1, sample.shape[1])
    fitted = PCA(components, random_state=seed).fit(sample)
    mean, axes = (values.astype(np.float16).astype(np.float32) for values in (fitted.mean_, fitted.components_))
    return Basis(mean, axes), float(fitted.explained_variance_ratio_.sum())


def _one_code(sample: np.ndarray) -> bool:
    """Whether all faces have the same code, as far as fp16 can distinguish them."""
    return bool(np.ptp(sample, axis=0).max() <= 2e-3 * np.abs(sample).max())


def _reduced(part: np.ndarray, basis: Basis) -> np.ndarray:
    """(N, C) float32 as fp16 will keep them: each row by itself, as the app reduces a new face."""
    rows = np.stack([basis.reduce(row) for row in part])
    return rows.astype(np.float16).astype(np.float32)


def _judged(codes: np.ndarray, by_code: np.ndarray, xy: np.ndarray) -> Placement:
    on_map, _ = nearest_neighbours(xy, NEIGHBOURS)
    return Placement(xy, trustworthiness(codes, by_code, on_map), neighbour_overlap(by_code, on_map))


def _rows(shards: Iterator[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    found, start = [], 0
    for part in shards:
        inside = chosen[(chosen >= start) & (chosen < start + len(part))] - start
        found.append(part[inside])
        start += len(part)
    return np.concatenate(found)


def _full(shards: Sequence[Path], space: str) -> Iterator[np.ndarray]:
    return (full_codes(path, space) for path in shards)
