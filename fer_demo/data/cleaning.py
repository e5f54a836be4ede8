"""What is wrong with which rows of a dataset, and the set without them: a file with a content hash, and the reasons."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_demo.data.columns import split_word
from fer_demo.data.duplicates import EXACT, DuplicateGroup
from fer_demo.data.pictures import PictureTable
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError, FerDemoError
from fer_demo.outputs import csv_lines

UNREADABLE, BLANK, COPY, CONFLICT = "unreadable", "blank", "copy", "conflicting labels"
NO_FACE, POINTS, LEAK, LABEL = "no face found", "unusable points", "same person in two splits", "label in doubt"
# What each problem means, in the order they are shown.
PROBLEMS: Mapping[str, str] = {
    UNREADABLE: "the picture is missing or damaged",
    BLANK: "the picture is one even area",
    COPY: "the picture is a copy of one that is kept",
    CONFLICT: "the picture occurs several times with different labels",
    NO_FACE: "no face was found in the picture",
    POINTS: "the points that come with the picture do not form a face",
    LEAK: "the person of a training face seems to be in another split, too",
    LABEL: "the recognizer clearly sees another expression than the label says",
}
STAYING = (POINTS, LEAK, LABEL)  # the picture itself is sound, or the finding is a guess: reported, and left in
REASON_COLUMNS = ("face", "key", "split", "expression", "problem", "reason")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one row."""

    row: int
    problem: str  # a key of PROBLEMS
    reason: str  # one phrase


@dataclass(frozen=True)
class Cleaned:
    """A set without the rows that have chosen problems."""

    kept: tuple[int, ...]
    removed: tuple[Finding, ...]  # every reason of every removed row
    digest: str  # SHA-256 over the kept rows, in hexadecimal


def split_of(source: FaceSource) -> list[str | None]:
    """The split of each row; None throughout if the set does not say."""
    return list(source.column("split")) if "split" in source.columns else [None] * len(source)


def picture_findings(
    source: FaceSource, pictures: PictureTable, groups: Sequence[DuplicateGroup]
) -> tuple[Finding, ...]:
    """What the pixels show: unreadable and blank pictures, copies, and copies whose labels differ.

    Of a group of copies one stays: one that has a label, outside the training split if it can be, so that a test set
    remains what it was, and the first of these.
    """
    keys, splits, labels = source.column("key"), split_of(source), source.column("expression")
    found = [Finding(row, UNREADABLE, sentence) for row, sentence in pictures.troubles.items()]
    found += [Finding(int(row), BLANK, "one even area") for row in np.flatnonzero(pictures.blank)]
    for group in groups:
        stays = min(group.rows, key=lambda row: (labels[row] is None, split_word(splits[row] or "") == "train", row))
        same = "the same pixels as" if group.kind == EXACT else "nearly the same picture as"
        where = {row: f" ({splits[row]})" if splits[row] else "" for row in group.rows}
        found += [Finding(row, COPY, f"{same} {keys[stays]}{where[stays]}") for row in group.rows if row != stays]
        said = sorted({label for row in group.rows if (label := labels[row]) is not None})
        if len(said) > 1:
            found += [Finding(row, CONFLICT, f"its copies are labelled {' and '.join(said)}") for row in group.rows]
    return tuple(found)


def clean(source: FaceSource, findings: Sequence[Finding], problems: Collection[str]) -> Cleaned:
    """Leave out every row with one of these problems.

    Raises: DataError if nothing would be left.
    """
    removed = tuple(sorted((one for one in findings if one.problem in problems), key=lambda one: one.row))
    out = {finding.row for finding in removed}
    kept = tuple(row for row in range(len(source)) if row not in out)
    if not kept:
        raise DataError("Nothing would be left; choose fewer problems to leave out.")
    return Cleaned(kept, removed, content_digest(source.select(kept)))


def content_digest(source: FaceSource) -> str:
    """SHA-256 over every row's key, split, expression, person and stored picture, in the order of the rows."""
    digest = hashlib.sha256()
    words = zip(*(source.column(name) for name in ("key", "expression", "person")), split_of(source), strict=True)
    for row, said in enumerate(words):
        digest.update(json.dumps(said).encode() + hashlib.sha256(_stored(source, row)).digest())
    return digest.hexdigest()


def clean_parquet(source: FaceSource, cleaned: Cleaned) -> bytes:
    """The kept rows with all their columns and their pictures as they are stored; hash and counts in the metadata."""
    kept = source.select(cleaned.kept)
    labels = kept.labels()
    keys = pa.array(kept.column("key"), pa.string())
    pictures = pa.array([{"bytes": _stored(kept, row), "path": None} for row in range(len(kept))])
    rest = {name: labels.column(name) for name in labels.column_names if name != "key"}
    table = pa.table({"image": pictures, "key": keys, **rest})
    about = {
        "source": source.name,
        "rows": len(source),
        "kept": len(cleaned.kept),
        "content_sha256": cleaned.digest,
        "removed": counts(cleaned.removed),
    }
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"fer_demo": json.dumps(about)}), buffer)
    return buffer.getvalue()


def reasons_csv(source: FaceSource, findings: Sequence[Finding]) -> str:
    """One line for every reason: the row, who it is, and why."""
    keys, splits, labels = source.column("key"), split_of(source), source.column("expression")
    lines = ([one.row, keys[one.row], splits[one.row], labels[one.row], one.problem, one.reason] for one in findings)
    return csv_lines([REASON_COLUMNS, *lines])


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many rows have each problem, in the order of PROBLEMS."""
    rows = {problem: {one.row for one in findings if one.problem == problem} for problem in PROBLEMS}
    return {problem: len(found) for problem, found in rows.items() if found}


def _stored(source: FaceSource, row: int) -> bytes:
    """The picture's bytes; none for one that is missing and was kept all the same."""
    try:
        return source.picture_file(row)
    except FerDemoError:
        return b""
