"""The project command: encode any dataset, place every face on maps, and write an embedding table."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
import tyro
from accelerate import PartialState
from tqdm import tqdm

from fer_demo.capabilities import EncodesFactors
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled, load_fer2013, load_folder, load_hub, load_lfw, load_parquet
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel
from training.data.shards import prepare_folder
from training.maps.face_codes import Encoders, shard_table
from training.maps.latent_map import BUNDLED, SMALLEST_SET, write_table

_SHARD = 512  # faces


@dataclass(frozen=True)
class ProjectSettings:
    """Whose codes of which faces to map."""

    model: tyro.conf.Positional[str]  # catalogue name, folder or Hub id of a model with two codes
    out: Path  # the table to write; finished shards wait in OUT.shards until it is whole
    data: str = BUNDLED  # bundled; a folder with fer2013/ or lfw/, or of pictures; a Parquet file; a Hub dataset id
    rows: int | None = None  # evenly spread over the faces, for a first look
    thumbnails: bool = True  # keep small pictures; the app has the bundled faces' already
    seed: int = 0

    def __post_init__(self) -> None:
        if self.out.suffix != ".parquet":
            raise SettingsError(f"{self.out} is not the name of a table; it must end in .parquet.")
        if self.rows is not None and self.rows < SMALLEST_SET:
            raise SettingsError(f"--rows {self.rows} makes no map; give at least {SMALLEST_SET}.")


@dataclass(frozen=True, eq=False)
class Part:
    """Some consecutive faces of one source, and the file they are encoded into."""

    path: Path
    source: FaceSource
    prefix: str  # of their keys


def project(settings: ProjectSettings) -> Path:
    """Encode what is not encoded yet, fit the maps and return the table.

    Run it with `accelerate launch` and every process encodes its own shards; the first one fits the maps.

    Raises: CheckpointError for a model without two codes, DataError for data that cannot be mapped.
    """
    state = PartialState()
    model = load_model(settings.model)
    check_codes(model)
    sources = spread(open_sources(settings.data), settings.rows)
    folder = settings.out.with_suffix(".shards")
    parts = _parts(folder, sources)
    if state.is_main_process:
        prepare_folder(folder, _identity(settings, model, sources), "codes")
    state.wait_for_everyone()
    _encode(model, parts[state.process_index :: state.num_processes], settings, state.device)
    state.wait_for_everyone()
    if state.is_main_process:
        write_table(model, [part.path for part in parts], settings.out, _portable(settings.data), settings.seed)
        shutil.rmtree(folder)
    state.wait_for_everyone()
    return settings.out


def check_codes(model: PublishedModel) -> None:
    """Raises: CheckpointError for a model without an identity code and an expression code."""
    if not isinstance(model, EncodesFactors):
        raise CheckpointError(f"A {type(model).__name__} has no identity and expression codes to map; name another.")


def open_sources(data: str) -> list[FaceSource]:
    """The dataset, or datasets, that a word names."""
    path = Path(data)
    if data == BUNDLED:
        return [load_bundled()]
    if path.is_dir():
        found: list[FaceSource] = []
        if (path / "fer2013").is_dir():
            for split in ("train", "public_test"):
                found.append(load_fer2013(path, split))
        if (path / "lfw").is_dir():
            found.append(load_lfw(path))
        if found:
            return found
        return [load_parquet(path) if next(path.glob("*.parquet"), None) else load_folder(path)]
    return [load_parquet(path) if path.is_file() else load_hub(data)]


def spread(sources: Sequence[FaceSource], rows: int | None) -> list[FaceSource]:
    """So many faces of all sources together, evenly spread; all of them without a number.

    Raises: DataError if there are too few for a map.
    """
    sizes = [len(source) for source in sources]
    total = sum(sizes)
    if total < SMALLEST_SET:
        raise DataError(f"{total} faces make no map; it needs at least {SMALLEST_SET}.")
    if rows is None or rows >= total:
        return list(sources)
    chosen = np.linspace(0, total - 1, rows).round().astype(int)
    starts = np.cumsum([0, *sizes[:-1]])
    inside = [
        chosen[(chosen >= start) & (chosen < start + size)] - start for start, size in zip(starts, sizes, strict=True)
    ]
    return [source.select(part) for source, part in zip(sources, inside, strict=True) if len(part)]


def _encode(model: PublishedModel, parts: Sequence[Part], settings: ProjectSettings, device: torch.device) -> None:
    missing = [part for part in parts if not part.path.exists()]
    if not missing:
        return
    encoders = Encoders.of(model, device)
    thumbnails = settings.thumbnails and settings.data != BUNDLED
    with tqdm(total=sum(len(part.source) for part in missing), unit="faces", desc="encode") as progress:
        for part in missing:
            table = shard_table(encoders, part.source, part.prefix, thumbnails, progress.write)
            write_whole(part.path, partial(pq.write_table, table))
            progress.update(len(part.source))


def _parts(folder: Path, sources: Sequence[FaceSource]) -> list[Part]:
    """The shards of all sources; with several of them the keys begin with the source's place and name."""
    parts: list[Part] = []
    for number, source in enumerate(sources):
        prefix = f"{source.name}/{number}/" if len(sources) > 1 else ""
        for start in range(0, len(source), _SHARD):
            some = source.select(range(start, min(start + _SHARD, len(source))))
            parts.append(Part(folder / f"codes-{len(parts):05d}.parquet", some, prefix))
    return parts


def _identity(settings: ProjectSettings, model: PublishedModel, sources: Sequence[FaceSource]) -> dict[str, object]:
    """What must not change between two runs that fill one folder."""
    assert model.origin is not None  # load_model always sets it
    faces = [[source.name, len(source)] for source in sources]
    return {"weights": model.origin.sha256, "faces": faces, "rows": settings.rows, "thumbnails": settings.thumbnails}


def _portable(data: str) -> str:
    """A path by its last name: its folder on this machine means nothing to others."""
    return Path(data).name if Path(data).exists() else data
