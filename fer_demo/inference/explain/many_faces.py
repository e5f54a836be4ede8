"""Where the answers about many faces come from: a mean map for each expression, and the share of each region."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from fer_demo.errors import CheckpointError
from fer_demo.inference.explain.regions import OUTLINES, REGIONS
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel

REGION_TABLE = "regions"  # the part of an evaluation file, and its table
MEAN_MAPS = Path(__file__).parents[2] / "assets" / "mean_maps"  # a file for each bundled recognizer
MEAN_MAPS_FILE = "mean_maps.npz"  # beside weights that are not bundled
SIDE = 56  # pixels of a mean face and of its map
VERDICT_TABLE = "explanations"


@dataclass(frozen=True, eq=False)
class MeanMaps:
    """The mean face of each expression, and the mean map of the model's evidence for it."""

    sha256: str  # of the weights
    expressions: tuple[str, ...]
    faces: UInt8[np.ndarray, "expressions side side"]
    maps: Float[np.ndarray, "expressions side side"]  # 0..1 of the greatest, what speaks for the expression

    def save(self, path: Path) -> None:
        """Write all as one small file."""
        buffer = io.BytesIO()
        levels = np.rint(np.clip(self.maps, 0, 1) * 255).astype(np.uint8)
        np.savez_compressed(buffer, sha256=self.sha256, expressions=self.expressions, faces=self.faces, maps=levels)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, buffer.getvalue())


def load_mean_maps(name: str, model: PublishedModel, folder: Path = MEAN_MAPS) -> MeanMaps | None:
    """Those of a bundled model; None if nobody made them of exactly these weights.

    Raises: CheckpointError if the file is damaged.
    """
    path = folder / f"{name}.npz"
    if model.origin is None or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = MeanMaps(
                str(stored["sha256"]),
                tuple(str(one) for one in stored["expressions"]),
                stored["faces"],
                stored["maps"].astype(np.float32) / 255,
            )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise CheckpointError(
            f"{path.name} cannot be used ({error}); run `python -m training evaluate regions`."
        ) from error
    return found if found.sha256 == model.origin.sha256 else None


@dataclass(frozen=True)
class RegionRow:
    """What each region gives to one expression, of faces that show it."""

    expression: str
    shares: tuple[float, ...]  # of REGIONS, mean over the faces; their sizes add up to at most 1, below 0: against it
    carries: str  # the region of the face that gives most


@dataclass(frozen=True)
class RegionTable:
    """The rows, and what they were measured on."""

    data: str
    each: int  # faces of every expression
    rows: tuple[RegionRow, ...]


def region_table(tables: Mapping[str, Any]) -> RegionTable | None:
    """`tables.regions` of an evaluation file; None if there is none."""
    if REGION_TABLE not in tables:
        return None
    table = tables[REGION_TABLE]
    if tuple(table["regions"]) != REGIONS:
        raise ValueError("its regions are others")
    rows = (region_row(str(name), [float(share) for share in shares]) for name, shares in table["rows"])
    return RegionTable(str(table["data"]), int(table["each"]), tuple(rows))


def region_row(expression: str, shares: list[float]) -> RegionRow:
    """The row with the region of the face, not the rest of the picture, that gives most."""
    parts = dict(zip(OUTLINES, shares, strict=False))
    return RegionRow(expression, tuple(shares), max(parts, key=lambda region: parts[region]))


def faithful_counts(tables: Mapping[str, Any]) -> tuple[int, dict[str, int]] | None:
    """Of how many faces each method's map was faithful, and on how many it was tried; None if nobody tried."""
    if VERDICT_TABLE not in tables:
        return None
    table = tables[VERDICT_TABLE]
    return int(table["faces"]), {str(row["method"]): int(row["words"]["faithful"]) for row in table["rows"]}


def faithful_sentence(faces: int, method: str, count: int) -> str:
    """How often that was."""
    return f"Of {faces} faces, {method} is faithful on {count}."
