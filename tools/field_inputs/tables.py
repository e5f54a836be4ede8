"""Cases of tables: which column holds the labels, what its values mean, and pictures in every form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fer_demo.errors import FerDemoError
from fer_demo.inference.dataset.exploration import Exploration
from tools.field_inputs.case import SEVEN, Case, Finding, counted, each, opened, same


def parquet_kinds(field: Path) -> Iterator[Finding]:
    """Two rows of each expression, whatever the columns are called and the pictures are."""
    for path in sorted((field / "parquet_kinds").glob("*.parquet")):
        if path.stem.startswith("label_"):
            continue
        try:
            yield same(f"{path.parent.name}/{path.name}", counted(opened(path)), each(SEVEN, 2))
        except FerDemoError as error:
            yield f"{path.parent.name}/{path.name}", False, f"SENTENCE {error}"


def unknown_labels(field: Path) -> Iterator[Finding]:
    """A label that names no expression is unknown for its row and empties no other."""
    wanted = {None: 3, "angry": 1, "disgust": 2, "fear": 1, "happy": 2, "sad": 2, "surprise": 1, "neutral": 2}
    for name in ("label_float_nan", "label_minus_one"):
        yield same(name, counted(opened(field / f"parquet_kinds/{name}.parquet")), wanted)


def own_classes(field: Path) -> Iterator[Finding]:
    """Each file by its own class names; types that differ open file by file."""
    for name in ("mixed_names", "mixed_names.zip", "mixed_types", "mixed_types.zip"):
        yield same(name, counted(opened(field / "parquet_kinds" / name)), each(SEVEN, 4))


def hub_clone(field: Path) -> Iterator[Finding]:
    """A clone of a Hub repository: its tables, not its logo."""
    yield same("hub_clone", counted(opened(field / "parquet_kinds/hub_clone")), each(SEVEN, 2))


def pictures_open(field: Path) -> Iterator[Finding]:
    """Every picture opens, but the one that is missing."""
    for path in sorted((field / "parquet_kinds").glob("image_*.parquet")):
        source, bad = opened(path).source, 0
        for row in range(len(source)):
            try:
                source.picture(row)
            except FerDemoError:
                bad += 1
        yield same(f"{path.name}, unreadable", bad, 3 if "missing" in path.name else 0)


def questions(field: Path) -> Iterator[Finding]:
    """SQL over columns that nobody expected."""
    for name in ("odd_types", "duplicate_columns", "capital_columns", "trailing_space_columns"):
        answer = Exploration(opened(field / f"parquet_kinds/{name}.parquet")).query.run("SELECT * FROM faces")
        yield same(f"{name}, rows of a query", len(answer.rows), 14)


def own_fer2013(field: Path) -> Iterator[Finding]:
    """FER2013-like files of one's own, and sets as they are handed out."""
    yield same("own_fer2013/DIR", counted(opened(field / "own_fer2013/DIR")), each(SEVEN, 24))
    for name in ("rafdb_basic.zip", "hf_metadata.zip"):
        source = opened(field / "own_fer2013" / name)
        labels = counted(source)
        right = None not in labels or any("label" in note for note in source.notes)
        yield f"own_fer2013/{name}", right, f"labels {labels}, notes {source.notes}"


CASES: tuple[Case, ...] = (
    parquet_kinds, unknown_labels, own_classes, hub_clone, pictures_open, questions, own_fer2013,
)  # fmt: skip
