"""Shipped maps: loading, labelling and finding the clicked point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.errors import DataError
from fer_demo.inference.projection import LatentMap, load_map, nearest, with_labels

COLUMNS = {
    "key": ["a", "b"],
    "identity_x": [0.0, 1.0],
    "identity_y": [2.0, 3.0],
    "expression_x": [4.0, 5.0],
    "expression_y": [6.0, 7.0],
}


def write(folder: Path, columns: dict[str, list]) -> None:
    pq.write_table(pa.table(columns), folder / "method.parquet")


def test_a_map_is_read_as_written(tmp_path):
    write(tmp_path, {**COLUMNS, "expression": ["happy", "sad"]})
    latent_map = load_map("method", tmp_path)
    assert len(latent_map) == 2
    assert latent_map.keys == ("a", "b")
    np.testing.assert_array_equal(latent_map.identity_xy, [[0, 2], [1, 3]])
    np.testing.assert_array_equal(latent_map.expression_xy, [[4, 6], [5, 7]])
    assert latent_map.identity_xy.dtype == np.float32
    assert latent_map.labels == {"expression": ["happy", "sad"]}


def test_a_model_without_map_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="training evaluate"):
        load_map("method", tmp_path)


def test_a_damaged_map_is_refused(tmp_path):
    (tmp_path / "method.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="cannot be read"):
        load_map("method", tmp_path)


def test_a_map_without_a_column_is_refused(tmp_path):
    write(tmp_path, {name: values for name, values in COLUMNS.items() if name != "expression_y"})
    with pytest.raises(DataError, match="expression_y"):
        load_map("method", tmp_path)


def test_labels_are_found_by_key():
    latent_map = LatentMap(("b", "z", "a"), np.zeros((3, 2)), np.zeros((3, 2)), {"old": [1, 2, 3]})
    labelled = with_labels(latent_map, ["a", "b"], {"person": ["anna", "ben"]})
    assert labelled.labels == {"old": [1, 2, 3], "person": ["ben", None, "anna"]}
    assert latent_map.labels == {"old": [1, 2, 3]}


def test_the_nearest_point_is_the_one_clicked():
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    assert nearest(points, 9.0, 6.0) == 2
