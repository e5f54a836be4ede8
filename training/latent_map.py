"""The two maps of a model with codes: fitted once, on the bundled faces, and shipped as coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import umap
from sklearn.decomposition import PCA

from fer_demo.capabilities import EncodesFactors, FactorCodes
from fer_demo.data.loading import load_bundled
from fer_demo.published_model import PublishedModel
from training.augmentation import plain_views
from training.face_set import build_face_set

PRINCIPAL_COMPONENTS = 50  # keep UMAP's neighbour search quick and its noise low


def write_latent_map(model: PublishedModel, path: Path, seed: int) -> None:
    """Encode the bundled faces, place both codes with PCA and UMAP (McInnes et al. 2018), write one row per face."""
    assert isinstance(model, EncodesFactors)
    source = load_bundled()
    faces = plain_views(build_face_set(source, model.config.size).crops, model.config.size)
    parts = [model.encode(part) for part in faces.split(128)]
    codes = FactorCodes(*(np.concatenate([part[i].numpy() for part in parts]) for i in range(2)))  # type: ignore[arg-type]
    columns: dict[str, object] = {"key": source.column("key")}
    for name, values in codes._asdict().items():
        place = place_codes(values, seed)
        columns |= {f"{name}_x": place[:, 0], f"{name}_y": place[:, 1]}
    pq.write_table(pa.table(columns), path, compression="zstd")


def place_codes(codes: np.ndarray, seed: int) -> np.ndarray:
    """(N, D) codes to (N, 2) float32 coordinates; the same codes and seed give the same places."""
    components = min(PRINCIPAL_COMPONENTS, *codes.shape)
    reduced = PCA(components, random_state=seed).fit_transform(codes.astype(np.float32))
    neighbours = min(15, len(codes) - 1)
    return (
        umap.UMAP(n_neighbors=neighbours, min_dist=0.15, random_state=seed, n_jobs=1)
        .fit_transform(reduced)
        .astype(np.float32)
    )
