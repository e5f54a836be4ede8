"""Embedding tables: what is written is read, lazily, and anything else is refused in a sentence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.data.embedding_table import (
    MAPS,
    Basis,
    Placement,
    Space,
    TableInfo,
    open_embedding_table,
    tables_in,
    write_embedding_table,
)
from fer_demo.errors import DataError

COUNT, DIMS, COMPONENTS = 30, 12, 3
INFO = TableInfo(
    model="tdgan",
    weights_sha256="0" * 64,
    data="test",
    labels=("person", "yaw"),
    spaces=("identity",),
    methods=("umap",),
    dims={"identity": DIMS},
    variance={"identity": 0.9},
    kept={"identity": 0.8},
    neighbours=5,
)
LABELS = {"person": [f"p{row % 3}" for row in range(COUNT)], "yaw": [None, *(float(row) for row in range(1, COUNT))]}
KEYS = [f"face {row}" for row in range(COUNT)]


def space(scale: float = 1.0) -> Space:
    rng = np.random.default_rng(0)
    components = np.linalg.qr(rng.normal(size=(DIMS, COMPONENTS)))[0].T
    basis = Basis(rng.normal(size=DIMS).astype(np.float32), components.astype(np.float32))
    codes = (scale * rng.normal(size=(COUNT, COMPONENTS))).astype(np.float32)
    placed = Placement(rng.normal(size=(COUNT, 2)).astype(np.float32), np.ones(COUNT), np.linspace(0, 1, COUNT))
    return Space(codes, basis, np.ones(COUNT), {"umap": placed})


def write(folder: Path, name: str = "tdgan", thumbnails: list[bytes] | None = None, **parts: Space) -> None:
    spaces = {"identity": space()} | parts
    write_embedding_table(folder / f"{name}.parquet", INFO, KEYS, LABELS, spaces, thumbnails)


def test_a_table_is_read_as_written(tmp_path: Path) -> None:
    write(tmp_path)
    table = open_embedding_table(tmp_path / "tdgan.parquet")
    assert (len(table), table.info) == (COUNT, INFO)
    assert table.keys == tuple(KEYS)
    assert table.labels == LABELS
    read, written = table.space("identity"), space()
    np.testing.assert_allclose(read.codes, written.codes, atol=2e-3)
    np.testing.assert_allclose(read.basis.components, written.basis.components, atol=1e-3)
    np.testing.assert_array_equal(read.maps["umap"].xy, written.maps["umap"].xy)
    assert table.codes["identity"].dtype == np.float32


def test_nobody_can_change_what_all_visitors_share(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        open_embedding_table(tmp_path / "tdgan.parquet").codes["identity"][0] = 0


def test_opening_a_table_reads_only_its_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setattr(pq, "read_table", lambda *arguments, **options: pytest.fail("read more than the head"))
    assert len(open_embedding_table(tmp_path / "tdgan.parquet")) == COUNT


def test_reducing_and_restoring_are_each_others_opposite() -> None:
    basis, code = space().basis, np.array([1.0, -2.0, 0.5], np.float32)
    np.testing.assert_allclose(basis.reduce(basis.restore(code)), code, atol=1e-5)


def test_the_nearest_faces_by_code_leave_the_face_itself_out(tmp_path: Path) -> None:
    codes = np.arange(COUNT, dtype=np.float32)[:, None] * np.ones((1, COMPONENTS), np.float32)
    line = replace(space(), codes=codes)
    rows, distances = line.nearest(codes[4], 2, without=4)
    assert rows.tolist() == [3, 5]
    np.testing.assert_allclose(distances, np.sqrt(3))
    assert line.nearest(codes[4], 1)[0].tolist() == [4]


def test_thumbnails_are_kept_if_there_are_any(tmp_path: Path) -> None:
    write(tmp_path, thumbnails=[bytes([row]) for row in range(COUNT)])
    write(tmp_path, "without")
    assert open_embedding_table(tmp_path / "tdgan.parquet").thumbnail(7) == bytes([7])
    assert open_embedding_table(tmp_path / "without.parquet").thumbnail(7) is None


def test_codes_beyond_fp16_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fp16"):
        write(tmp_path, identity=space(scale=1e6))


def test_a_damaged_table_is_refused_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "tdgan.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="cannot be read"):
        open_embedding_table(tmp_path / "tdgan.parquet")
    write(tmp_path, "good")
    tables, faults = tables_in(tmp_path)
    assert list(tables) == ["good"]
    assert faults == ["The map tdgan.parquet cannot be read; make it again or reinstall."]


def with_head(folder: Path, words: object) -> None:
    """The same table with other words about it."""
    path = folder / "tdgan.parquet"
    head = {} if words is None else {b"fer_demo": json.dumps(words).encode()}
    pq.write_table(pq.read_table(path).replace_schema_metadata(head), path)


def test_a_table_from_before_the_move_still_opens(tmp_path: Path) -> None:
    """What its head held then, word for word."""
    write(tmp_path)
    head = {
        **{"model": "tdgan", "weights_sha256": "07", "data": "bundled", "labels": ["person", "yaw"]},
        **{"spaces": ["identity"], "methods": ["umap"], "dims": {"identity": 8192}, "variance": {"identity": 0.8173}},
        **{"kept": {"identity": 0.8805}, "neighbours": 15, "answers_by": "tdgan", "classifier_sha256": "5f", "seed": 0},
        "version": 1,
    }
    with_head(tmp_path, head)
    table = open_embedding_table(tmp_path / "tdgan.parquet")
    assert (table.info.weights_sha256, table.info.kept, table.labels) == ("07", {"identity": 0.8805}, LABELS)
    np.testing.assert_array_equal(table.space("identity").maps["umap"].xy, space().maps["umap"].xy)


@pytest.mark.parametrize(
    ("head", "maker"),
    [
        ({"version": 2}, "Another version of fer_demo made"),
        (None, "Something other than fer_demo, or its first version,"),
    ],
)
def test_a_table_of_another_version_says_what_made_it_and_what_to_do(tmp_path: Path, head: object, maker: str) -> None:
    write(tmp_path)
    with_head(tmp_path, head)
    with pytest.raises(DataError, match=rf"^{maker} .*tdgan.parquet; make it again with “training project”\.$"):
        open_embedding_table(tmp_path / "tdgan.parquet")


def test_a_space_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(DataError, match="identity"):
        open_embedding_table(tmp_path / "tdgan.parquet").space("pose")


def test_the_bundled_table_is_small_and_holds_both_codes_and_the_baselines() -> None:
    table = open_embedding_table(MAPS / "tdgan.parquet")
    assert table.info.spaces == ("identity", "expression", "pixels", "classifier")
    assert {"expression", "person", "yaw", "answer", "entropy"} <= set(table.info.labels)
    assert (MAPS / "tdgan.parquet").stat().st_size < 4_500_000
    assert table.codes["identity"].shape[0] == len(table)


def test_the_bundled_tables_baseline_is_the_bundled_classifier() -> None:
    weights = BUNDLED_FOLDER / "expression_classifier" / "model.safetensors"
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert open_embedding_table(MAPS / "tdgan.parquet").info.classifier_sha256 == sha256
