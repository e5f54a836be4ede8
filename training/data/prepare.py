"""Training files made from what people have: FER2013 with its votes, LFW, or a set of their own (docs/data.md)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tyro
from tqdm import tqdm

from fer_demo.data.columns import split_word
from fer_demo.data.fer_plus_votes import votes_of
from fer_demo.data.label_columns import plain
from fer_demo.data.named_sets import open_named, told
from fer_demo.data.pictures import pixel_digest
from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.data.tables import with_corrected_labels
from fer_demo.errors import DataError, FerDemoError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.images import to_colour
from fer_demo.outputs import write_files

What = Literal["expressions", "people"]
FOLDERS: Mapping[What, str] = {"expressions": "fer2013", "people": "lfw"}
_TRAIN, _TEST = "train", "public_test"
_PICTURE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
_ARRAYS = {"votes": 10, "units": 52, "head_pose": 3}


@dataclass(frozen=True)
class PrepareSettings:
    """What to make training files from, and where."""

    source: tyro.conf.Positional[str]  # a folder of pictures, a ZIP, CSV or Parquet file, or one of these as SET:PATH
    out: Path  # the data folder: gets fer2013/ or lfw/, which recipes read by --data
    what: What = "expressions"  # labelled faces for fer2013/, or named people for lfw/
    votes: Path | None = None  # FER+'s table, fer2013new.csv
    label_column: str | None = None  # of a table, where it cannot be found
    label_order: str | None = None  # how its numbers count: a dataset's name, or expressions with commas between them
    test_share: float = 0.1  # becomes public_test where the source names no splits
    detect: bool = True  # find the face in pictures without landmarks; otherwise they count as crops

    def __post_init__(self) -> None:
        if not 0 < self.test_share < 1:
            raise SettingsError(f"--test-share {self.test_share} leaves nothing to learn from or to test on.")


@dataclass(frozen=True)
class _Face:
    row: int
    record: FaceRecord
    picture: bytes
    digest: bytes
    points: np.ndarray | None
    votes: Sequence[int] | None


def prepare(settings: PrepareSettings, detector: Detector | None = None, say: Callable[[str], None] = print) -> Path:
    """Write the files; return their folder.

    Raises: DataError if the source cannot be opened or has no labels of that kind, or files are there already.
    """
    opened = with_corrected_labels(open_named(settings.source), settings.label_column, settings.label_order, ())
    for sentence in told(opened):
        say(sentence)
    source = opened.source
    is_people = settings.what == "people"
    folder = settings.out / FOLDERS[settings.what]
    if any(folder.glob("*.parquet")):
        raise DataError(f"{folder} holds training files already; move them away or choose another --out.")
    labels = source.column("person" if is_people else "expression")
    wanted = [row for row, label in enumerate(labels) if label is not None and (is_people or label in BASIC)]
    if not wanted:
        raise DataError(f"{source.name} names no {'person' if is_people else 'expression'}; {_remedy(is_people)}.")
    votes = [None] * len(source) if settings.votes is None else read_votes(settings.votes, source.column("key"))
    find = None if not settings.detect else detector or RetinaFaceDetector()
    faces = _faces(source, wanted, votes, find, say)
    say(f"{len(faces):,} of {len(source):,} pictures have what is asked for and can be read.")
    parts = {_TRAIN: faces} if is_people else _split(faces, settings.test_share)
    if not all(parts.get(name) for name in ([_TRAIN] if is_people else [_TRAIN, _TEST])):
        raise DataError(f"{source.name} has no faces for {_TRAIN} or for {_TEST}; give --test-share or more faces.")
    tables = {name: _people(part) if is_people else _expressions(part, parts) for name, part in parts.items()}
    write_files({folder / f"{name}.parquet": _writer(table) for name, table in tables.items()})
    for name, table in tables.items():
        say(f"{name}.parquet: {table.num_rows:,} faces")
    return folder


def read_votes(path: Path, keys: Sequence[str]) -> list[list[int] | None]:
    """FER+ votes by the picture's file name, or row by row where the tables are of one length.

    Raises: DataError if it is not FER+'s table, or of another set.
    """
    try:
        return votes_of(str(path), path.read_bytes(), keys)
    except OSError as error:
        raise DataError(f"{path} cannot be read; give FER+'s table fer2013new.csv.") from error


def _faces(
    source: FaceSource,
    rows: Sequence[int],
    votes: Sequence[Sequence[int] | None],
    detector: Detector | None,
    say: Callable[[str], None],
) -> list[_Face]:
    """The faces of these rows; what cannot be read is named and left out."""
    faces, without = [], 0
    for row in tqdm(rows, desc=f"read {source.name}", leave=False):
        try:
            record = source[row]
            points = record.points
            if detector is not None and points is None and record.landmarks is None:
                found = detector.detect(to_colour(record.image))
                points = found[0].points if found else None
                without += not found
            own = votes[row] if votes[row] is not None or record.votes is None else record.votes.astype(int).tolist()
            faces.append(_Face(row, record, source.picture_file(row), pixel_digest(record.image), points, own))
        except FerDemoError as error:
            say(f"{source.name}, {row}: {error}")
    if without:
        say(f"In {without:,} pictures no face was found; they are used whole, as crops.")
    return faces


def _split(faces: Sequence[_Face], share: float) -> dict[str, list[_Face]]:
    """Faces by file. Of several test splits the one called public is the test; without any a share is kept apart.

    A validation split stands for the test where there is none; nobody is in two parts that are drawn here.
    """
    parts: dict[str, list[_Face]] = {}
    for face in faces:
        parts.setdefault(_part(face.record.attributes.get("split")), []).append(face)
    if _TEST not in parts:
        stand_in = next((name for name in ("test", "validation", "private_test") if name in parts), None)
        if stand_in is not None:
            parts[_TEST] = parts.pop(stand_in)
    if _TEST in parts:
        return parts
    places = [_place(face) for face in faces]
    # Of a few people perhaps none falls below the share; then the first of them is kept apart.
    edge = max(share, np.nextafter(min(places), 1)) if len(set(places)) > 1 else share
    apart = [place < edge for place in places]
    return {
        _TRAIN: [face for face, out in zip(faces, apart, strict=True) if not out],
        _TEST: [face for face, out in zip(faces, apart, strict=True) if out],
    }


def _part(split: Any) -> str:
    """The file of a split's rows; rows without one are learnt from."""
    name = plain(str(split or "")).replace("_", "")
    own = {"publictest": _TEST, "privatetest": "private_test"}
    return own.get(name) or split_word(str(split or "")) or _TRAIN


def _place(face: _Face) -> float:
    """Where in 0..1 a face falls: by its person if one is named, else by its pixels, so that copies stay together."""
    digest = face.digest if face.record.person is None else hashlib.sha256(face.record.person.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _expressions(faces: Sequence[_Face], parts: Mapping[str, Sequence[_Face]]) -> pa.Table:
    others = {face.digest for part in parts.values() if part is not faces for face in part}
    return pa.table(
        {
            **_common(faces),
            "expression": pa.array([face.record.expression for face in faces], pa.string()),
            "person": pa.array([face.record.person for face in faces], pa.string()),
            "row": pa.array([face.row for face in faces], pa.int32()),
            "exact_row": pa.array([True] * len(faces), pa.bool_()),
            "in_other_split": pa.array([face.digest in others for face in faces], pa.bool_()),
        }
    )


def _people(faces: Sequence[_Face]) -> pa.Table:
    seen: Counter[str] = Counter()
    photos = []
    for face in faces:
        seen[face.record.person or ""] += 1
        photos.append(seen[face.record.person or ""])
    people = pa.array([face.record.person for face in faces], pa.string())
    return pa.table({**_common(faces), "person": people, "photo": pa.array(photos, pa.int32())})


def _common(faces: Sequence[_Face]) -> dict[str, pa.Array]:
    """The columns of both kinds of file; those that no face fills are left out."""
    columns = {"image": pa.array([{"bytes": face.picture, "path": None} for face in faces], _PICTURE)}
    values: dict[str, list[Any]] = {
        "votes": [face.votes for face in faces],
        **{name: [getattr(face.record, name) for face in faces] for name in ("units", "head_pose")},
    }
    for name, cells in values.items():
        if any(cell is not None for cell in cells):
            kind = pa.list_(pa.uint8() if name == "votes" else pa.float32(), _ARRAYS[name])
            columns[name] = pa.array([None if cell is None else list(cell) for cell in cells], kind)
    for name, cells in (
        ("landmarks", [face.record.landmarks for face in faces]),
        ("points", [face.points for face in faces]),
    ):
        if any(cell is not None for cell in cells):
            nested = [None if cell is None else np.asarray(cell, np.float32).tolist() for cell in cells]
            columns[name] = pa.array(nested, pa.list_(pa.list_(pa.float32())))
    return columns


def _writer(table: pa.Table) -> Callable[[Any], object]:
    return lambda file: pq.write_table(table, file)


def _remedy(is_people: bool) -> str:
    if is_people:
        return "give a folder with one folder for each person, or a table with a column “person”"
    return "name its labels by --label-column and --label-order, or see docs/data.md"
