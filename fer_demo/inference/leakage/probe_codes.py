"""The codes that probes read: those of a model and, of the same faces, what it has to be compared with; in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.data.vectors import vector_column, vectors
from fer_demo.errors import DataError
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel

CODES_FILE = "codes.parquet"  # beside the weights
DIMS = 64  # principal dimensions that are kept of a code
TITLES: Mapping[str, str] = {  # of every code, in the order they are shown; the model's own come first
    "identity": "identity code",
    "expression": "expression code",
    "pixels": "raw pixels",
    "classifier": "plain classifier",
    "untrained": "untrained encoder",
    "embedder": "identity embedder",
    "probabilities": "7 probabilities",
}
OWN = ("identity", "expression")
_METADATA_KEY = b"fer_demo"


@dataclass(frozen=True, eq=False)
class ProbeCodes:
    """Codes of N faces, each rotated to its principal dimensions, the widest first."""

    weights_sha256: str  # of the model whose codes they are
    compared_sha256: Mapping[str, str]  # of the other models' weights, by catalogue name
    keys: tuple[str, ...]  # of the faces
    brightness: np.ndarray  # (N,) mean grey level of the aligned face, 0..255
    codes: Mapping[str, np.ndarray]  # (N, up to DIMS) float32 by name, keys of TITLES
    seed: int = 0  # of the untrained encoder and of finding the dimensions

    @property
    def own(self) -> tuple[str, ...]:
        """The codes of the model itself."""
        return tuple(name for name in OWN if name in self.codes)

    def save(self, path: Path) -> None:
        """Write a Parquet file with the codes as fp16."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {"key": pa.array(self.keys), "brightness": pa.array(self.brightness.astype(np.float32))}
        for name, values in self.codes.items():
            columns[name] = vector_column(values, TITLES[name])
        head = {"weights_sha256": self.weights_sha256, "compared_sha256": dict(self.compared_sha256), "seed": self.seed}
        table = pa.table(columns).replace_schema_metadata({_METADATA_KEY: json.dumps(head).encode()})
        write_whole(path, lambda file: pq.write_table(table, file, compression="zstd"))


def load_probe_codes(path: Path) -> ProbeCodes:
    """Read what `save` wrote.

    Raises: DataError if there is no such file or it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError("This model has no codes to probe yet; make them with “training evaluate disentanglement”.")
    try:
        table = pq.read_table(path)
        head = json.loads((table.schema.metadata or {})[_METADATA_KEY])
        codes = {name: vectors(table.column(name)) for name in TITLES if name in table.column_names}
        return ProbeCodes(
            weights_sha256=str(head["weights_sha256"]),
            compared_sha256={str(name): str(sha256) for name, sha256 in head["compared_sha256"].items()},
            keys=tuple(table.column("key").to_pylist()),
            brightness=table.column("brightness").to_numpy(),
            codes=codes,
            seed=int(head.get("seed", 0)),
        )
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"The codes in {path.name} cannot be read; make them again with `python -m training evaluate "
            "disentanglement`, or install fer_demo again."
        ) from error


def codes_of(name: str, models: Mapping[str, PublishedModel]) -> ProbeCodes:
    """The bundled codes of exactly the weights that one of the models has, beside those of the others as loaded.

    Raises: DataError if there are none.
    """
    if name not in MODELS:
        raise DataError("Only bundled models have codes to probe; choose one of them.")
    codes = load_probe_codes(BUNDLED_FOLDER / name / CODES_FILE)
    for used, sha256 in {name: codes.weights_sha256, **codes.compared_sha256}.items():
        model = models.get(used)
        if model is not None and (model.origin is None or model.origin.sha256 != sha256):
            raise DataError(
                f"The codes in {CODES_FILE} of {MODELS[name].title} were made with other weights of {used}; make them "
                f"again with `python -m training evaluate disentanglement {name}`."
            )
    return codes
