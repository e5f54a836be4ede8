"""A selection as a file to take away."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from fer_demo.data.embedding_table import MAPS, open_embedding_table
from fer_demo.errors import DataError
from fer_demo.inference.latent_space.map_files import selection_file


@pytest.mark.parametrize(("kind", "name"), [("CSV", "faces.csv"), ("Parquet", "faces.parquet")])
def test_a_selection_keeps_keys_labels_and_places(kind: str, name: str) -> None:
    table = open_embedding_table(MAPS / "tdgan.parquet")
    file, _, content = selection_file(table, [4, 2], ("identity", "expression"), "umap", kind)
    read = (csv.read_csv if kind == "CSV" else pq.read_table)(io.BytesIO(content))
    assert file == name
    assert read["key"].to_pylist() == [table.keys[4], table.keys[2]]
    assert read["expression"].to_pylist() == [table.labels["expression"][4], table.labels["expression"][2]]
    x = table.space("identity").maps["umap"].xy[[4, 2], 0]
    assert read["identity_umap_x"].to_pylist() == pytest.approx(x.tolist(), rel=1e-5)


def test_nothing_selected_is_said() -> None:
    with pytest.raises(DataError, match="draw around"):
        selection_file(open_embedding_table(MAPS / "tdgan.parquet"), [], ("identity", "expression"), "umap", "CSV")
