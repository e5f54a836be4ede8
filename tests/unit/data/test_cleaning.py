"""The clean set leaves out what it says, keeps pictures as they are, and its hash knows every change."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.cleaning import (
    BLANK,
    CONFLICT,
    COPY,
    UNREADABLE,
    Finding,
    clean,
    clean_parquet,
    content_digest,
    counts,
    picture_findings,
    reasons_csv,
)
from fer_demo.data.duplicates import find_duplicates
from fer_demo.data.opening import open_upload
from fer_demo.data.pictures import PictureScan
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError


def noise(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def source(png: Callable[..., bytes]) -> FaceSource:
    """Six pictures: 0, 1 and 3 are one picture under two labels, in both splits; 4 is blank, 5 broken."""
    table = {
        "image": [noise(0), noise(0), noise(1), noise(0), png(50), b"broken"],
        "key": ["a", "b", "c", "d", "e", "f"],
        "expression": ["sad", "sad", "happy", "fear", None, "sad"],
        "split": ["train", "train", "train", "test", "train", "test"],
        "age": [1, 2, 3, 4, 5, 6],
    }
    return FaceSource("six", pa.table(table))


def findings(source: FaceSource) -> tuple[Finding, ...]:
    scan = PictureScan(source)
    scan.advance()
    pictures = scan.result()
    return picture_findings(source, pictures, find_duplicates(pictures))


def test_of_copies_the_one_outside_training_stays(source: FaceSource) -> None:
    found = findings(source)
    assert counts(found) == {UNREADABLE: 1, BLANK: 1, COPY: 2, CONFLICT: 3}
    copies = [(one.row, one.reason) for one in found if one.problem == COPY]
    assert copies == [(0, "the same pixels as d (test)"), (1, "the same pixels as d (test)")]
    assert {one.reason for one in found if one.problem == CONFLICT} == {"its copies are labelled fear and sad"}


def test_rows_leave_for_the_chosen_reasons_only(source: FaceSource) -> None:
    found = findings(source)
    assert clean(source, found, [COPY, UNREADABLE]).kept == (2, 3, 4)
    assert clean(source, found, [CONFLICT]).kept == (2, 4, 5)
    assert clean(source, found, []).kept == (0, 1, 2, 3, 4, 5)
    with pytest.raises(DataError, match="Nothing would be left"):
        clean(source, [Finding(row, BLANK, "") for row in range(6)], [BLANK])


def test_the_file_opens_again_with_the_same_pictures_and_labels(source: FaceSource) -> None:
    cleaned = clean(source, findings(source), [COPY, UNREADABLE, BLANK])
    content = clean_parquet(source, cleaned)
    again = open_upload("clean.parquet", content).source
    assert again.column("key") == ["c", "d"]
    assert again.column("expression") == ["happy", "fear"]
    assert again.column("age") == [3, 4]
    assert again.picture_file(0) == noise(1)
    assert content_digest(again) == cleaned.digest
    about = json.loads(pq.read_schema(io.BytesIO(content)).metadata[b"fer_demo"])
    assert (about["kept"], about["rows"], about["content_sha256"]) == (2, 6, cleaned.digest)


def test_the_hash_changes_with_any_label_picture_or_order(source: FaceSource) -> None:
    digest = content_digest(source)
    assert content_digest(source.select(range(6))) == digest
    assert content_digest(source.select([1, 0, 2, 3, 4, 5])) != digest
    assert content_digest(source.with_column("expression", pa.array(["sad"] * 6))) != digest
    assert content_digest(source.with_column("image", pa.array([noise(9)] * 6))) != digest


def test_every_reason_is_one_line(source: FaceSource, tmp_path: Path) -> None:
    lines = reasons_csv(source, clean(source, findings(source), [BLANK, CONFLICT]).removed).splitlines()
    assert lines[0] == "face,key,split,expression,problem,reason"
    assert lines[1] == "0,a,train,sad,conflicting labels,its copies are labelled fear and sad"
    assert len(lines) == 1 + 3 + 1
