"""Embedding tables: the codes of a set of faces, where maps place them and how far to trust that, in one Parquet file.

Columns, for a space S (a code or a baseline such as "pixels") and a method M of making maps:

    key, and one column per label
    S_code      fp16, the codes reduced by PCA
    S_basis     fp16, by row: the mean of the full codes, then one principal axis per row, then nulls
    S_spacing   fp16, distance to the nearest other face in the reduced code
    S_M_x, S_M_y, and in fp16 S_M_trust, S_M_overlap
    thumbnail   WebP; absent where the pictures are elsewhere

The file's metadata says which labels, spaces and methods there are and whose codes they are. Columns are read when
they are asked for.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fer_demo.data.vectors import vector_column, vectors
from fer_demo.errors import DataError

MAPS = Path(__file__).parents[1] / "assets" / "maps"  # the bundled tables, by model
BUNDLED = "bundled"  # what `TableInfo.data` calls the faces that come with fer_demo
VERSION = 1  # of the format
CODES = ("identity", "expression")  # spaces of a model that keeps the two apart
BASELINES = ("pixels", "classifier")  # spaces that do not: what any such code must beat
_METADATA_KEY = b"fer_demo"


@dataclass(frozen=True)
class TableInfo:
    """What a table says of itself."""

    model: str  # whose codes: its catalogue name, folder or Hub id
    weights_sha256: str
    data: str  # which faces
    labels: tuple[str, ...]
    spaces: tuple[str, ...]
    methods: tuple[str, ...]  # in the order of preference
    dims: dict[str, int]  # of the full code, by space
    variance: dict[str, float]  # share of the full codes' variance that the reduced ones keep, by space
    kept: dict[str, float]  # share of each face's nearest neighbours that they keep, by space
    neighbours: int  # how many trust, overlap and `kept` look at
    answers_by: str = ""  # the model behind the labels `answer` and `entropy`
    classifier_sha256: str = ""  # of the weights behind the space "classifier"; empty where there is none
    seed: int = 0
    version: int = VERSION


@dataclass(frozen=True, eq=False)
class Basis:
    """The principal axes of a space; codes are reduced one at a time, so that none depends on its company."""

    mean: np.ndarray  # (dims,) float32
    components: np.ndarray  # (C, dims) float32, orthonormal but for fp16

    def reduce(self, code: np.ndarray) -> np.ndarray:
        """A full code (dims,) as (C,) float32."""
        return self.components @ (np.asarray(code, np.float32) - self.mean)

    def restore(self, reduced: np.ndarray) -> np.ndarray:
        """The full code (dims,) that a reduced one stands for; what the PCA left out is the mean's."""
        return self.mean + np.asarray(reduced, np.float32) @ self.components


@dataclass(frozen=True, eq=False)
class Placement:
    """Where one method places every face of a space."""

    xy: np.ndarray  # (N, 2) float32
    trust: np.ndarray  # (N,) float32, each face's part of the trustworthiness
    overlap: np.ndarray  # (N,) float32, share of a face's neighbours in the code that are its neighbours on the map


@dataclass(frozen=True, eq=False)
class Space:
    """One kind of code of every face, reduced, and its maps."""

    codes: np.ndarray  # (N, C) float32
    basis: Basis
    spacing: np.ndarray  # (N,) float32
    maps: Mapping[str, Placement]  # by method

    def nearest(self, code: np.ndarray, count: int, without: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the faces nearest to a reduced code, and their distances; equal ones in the order of the rows."""
        distances = np.sqrt(((self.codes - np.asarray(code, np.float32)) ** 2).sum(axis=1))
        if without is not None:
            distances[without] = np.inf
        rows = np.argsort(distances, kind="stable")[: min(count, len(distances) - (without is not None))]
        return rows, distances[rows]


@dataclass(frozen=True, eq=False)
class EmbeddingTable:
    """A table on disk, read column by column."""

    path: Path
    info: TableInfo
    count: int
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _spaces: dict[str, Space] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return self.count

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Of the faces, in the order of the rows."""
        return tuple(self._read(["key"])["key"].to_pylist())

    @cached_property
    def labels(self) -> dict[str, list[Any]]:
        """One list of N for each label; None where a face has none."""
        table = self._read(list(self.info.labels))
        return {name: table[name].to_pylist() for name in self.info.labels}

    @cached_property
    def codes(self) -> dict[str, np.ndarray]:
        """(N, C) float32 of every space, reduced."""
        return {name: self.space(name).codes for name in self.info.spaces}

    @cached_property
    def row_of_key(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.keys)}

    def space(self, name: str) -> Space:
        """One space, kept in memory once it was asked for.

        Raises: DataError if the table has no such space.
        """
        if name not in self.info.spaces:
            raise DataError(f"The map has no codes called “{name}”; it has {', '.join(self.info.spaces)}.")
        with self._lock:
            if name not in self._spaces:
                self._spaces[name] = self._read_space(name)
            return self._spaces[name]

    def thumbnail(self, row: int) -> bytes | None:
        """The picture of one face as WebP; None where the table has no pictures."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(self.path)
        if "thumbnail" not in file.schema_arrow.names:
            return None
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if row < rows:
                return file.read_row_group(group, columns=["thumbnail"])["thumbnail"][row].as_py()
            row -= rows
        return None

    def _read_space(self, name: str) -> Space:
        placed = {method: _columns_of(name, method) for method in self.info.methods}
        wanted = [f"{name}_{part}" for part in ("code", "basis", "spacing")]
        table = self._read([*wanted, *(column for columns in placed.values() for column in columns)])
        basis = vectors(table[f"{name}_basis"].drop_null())
        maps = {}
        for method, (x, y, trust, overlap) in placed.items():
            xy = np.stack([_floats(table[x]), _floats(table[y])], axis=1)
            maps[method] = Placement(_fixed(xy), _floats(table[trust]), _floats(table[overlap]))
        return Space(
            codes=vectors(table[f"{name}_code"]),
            basis=Basis(basis[0], basis[1:]),
            spacing=_floats(table[f"{name}_spacing"]),
            maps=maps,
        )

    def _read(self, columns: Sequence[str]) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self.path, columns=list(columns))
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"The map {self.path.name} cannot be read; make it again or reinstall.") from error
        missing = [name for name in columns if name not in table.column_names]
        if missing:
            raise DataError(f"The map {self.path.name} lacks the columns {', '.join(missing)}; make it again.")
        return table


def tables_in(folder: Path = MAPS) -> tuple[dict[str, EmbeddingTable], list[str]]:
    """All tables of a folder by the names of their files, and a sentence about each file that cannot be read."""
    tables, faults = {}, []
    for path in sorted(folder.glob("*.parquet")):
        try:
            tables[path.stem] = open_embedding_table(path)
        except DataError as error:
            faults.append(str(error))
    return tables, faults


def open_embedding_table(path: Path) -> EmbeddingTable:
    """The table in a file; only its head is read now.

    Raises: DataError if it cannot be read or is of another version.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        head = pq.read_metadata(path)
        words = json.loads((head.metadata or {}).get(_METADATA_KEY, b"{}"))
        if words.get("version") != VERSION:
            maker = "Another version of fer_demo" if words else "Something other than fer_demo, or its first version,"
            raise DataError(f"{maker} made the map {path.name}; make it again with “training project”.")
        lists = {name: tuple(words[name]) for name in ("labels", "spaces", "methods")}
        info = TableInfo(**{**words, **lists})
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"The map {path.name} cannot be read; make it again or reinstall.") from error
    return EmbeddingTable(path, info, head.num_rows)


def write_embedding_table(
    file: Path | BinaryIO,
    info: TableInfo,
    keys: Sequence[str],
    labels: Mapping[str, Sequence[Any]],
    spaces: Mapping[str, Space],
    thumbnails: Sequence[bytes] | None = None,
) -> None:
    """Write a table; `labels` and `spaces` hold what `info` names.

    Raises: DataError if a code does not fit into fp16.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {"key": pa.array(keys, pa.string())}
    columns |= {name: pa.array(labels[name]) for name in info.labels}
    for name in info.spaces:
        space = spaces[name]
        axes = np.concatenate([space.basis.mean[None], space.basis.components])
        columns[f"{name}_code"] = vector_column(space.codes, f"{name} codes")
        # Lists of any length, because a null of fixed length takes as much memory as a full code.
        basis = vector_column(axes, f"axes of the {name} codes").cast(pa.list_(pa.float16()))
        columns[f"{name}_basis"] = pa.concat_arrays([basis, pa.nulls(len(keys) - len(axes), basis.type)])
        columns[f"{name}_spacing"] = pa.array(space.spacing.astype(np.float16))
        for method in info.methods:
            placed = space.maps[method]
            x, y, trust, overlap = _columns_of(name, method)
            columns |= {column: pa.array(placed.xy[:, axis].astype(np.float32)) for axis, column in enumerate((x, y))}
            columns |= {trust: pa.array(placed.trust.astype(np.float16))}
            columns |= {overlap: pa.array(placed.overlap.astype(np.float16))}
    if thumbnails is not None:
        columns["thumbnail"] = pa.array(thumbnails, pa.binary())
    table = pa.table(columns).replace_schema_metadata({_METADATA_KEY: json.dumps(asdict(info)).encode()})
    pq.write_table(table, file, compression="zstd", row_group_size=10_000)


def _columns_of(space: str, method: str) -> tuple[str, ...]:
    return tuple(f"{space}_{method}_{part}" for part in ("x", "y", "trust", "overlap"))


def _floats(column: Any) -> np.ndarray:
    return _fixed(column.to_numpy().astype(np.float32))


def _fixed(values: np.ndarray) -> np.ndarray:
    """The same values, shared by all visitors and therefore read-only."""
    values.setflags(write=False)
    return values
