"""What the benchmarks make up has the faults it claims to have, and nothing found is worth nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.alone import peak_memory_mb
from benchmarks.explorer import agreement, first_right, planted_labels, planted_leaks
from benchmarks.made_up import WAYS, descriptors, label_rows, pictures_with_copies, write_map
from fer_demo.data.embedding_table import open_embedding_table
from fer_demo.data.pictures import pixel_digest
from fer_demo.expressions import BASIC


def test_copies_lie_in_the_other_split_and_only_exact_ones_have_the_same_pixels() -> None:
    copies = pictures_with_copies(200)
    assert len(copies.source) == 200
    assert set(copies.ways.values()) == set(WAYS)
    splits = copies.source.column("split")
    for (original, copy), way in copies.ways.items():
        assert (splits[original], splits[copy]) == ("test", "train")
        same = pixel_digest(copies.source.picture(original)) == pixel_digest(copies.source.picture(copy))
        assert same == (way == "same pixels, other file")


def test_leaks_and_wrong_labels_are_where_they_are_said_to_be() -> None:
    persons = [f"person {row // 8}" for row in range(96)]
    splits, planted = planted_leaks(persons, seed=0)
    test = {person for person, split in zip(persons, splits, strict=True) if split == "test"}
    assert len(test) == 6
    assert {row for row, person in enumerate(persons) if person in test and splits[row] == "train"} == planted
    assert len(planted) == 2 * 2  # a quarter of the faces of a third of the people
    truth = list(BASIC) * 20
    labels, wrong = planted_labels(truth)
    assert {row for row in range(140) if labels[row] != truth[row]} == wrong
    assert len(wrong) == 7


def test_recall_and_precision_are_those_of_the_book() -> None:
    assert agreement([1, 2, 3, 4], {2, 4, 6}) == {"true": 3, "found": 4, "recall": 0.6667, "precision": 0.5}
    assert agreement([], {1})["precision"] is None
    assert first_right([2, 1, 4, 3], {2, 4}) == {"half": 1.0, "as many as planted": 0.5}


def test_made_up_rows_people_and_maps_have_the_size_asked_for(tmp_path: Path) -> None:
    rows = label_rows(50)
    assert rows.num_rows == 50
    assert set(rows["expression"].to_pylist()) <= set(BASIC)
    known = descriptors(12, each=6)
    apart = np.linalg.norm(known[:, None] - known[None], axis=2)
    assert apart[:6, :6].max() < apart[:6, 6:].min()
    write_map(tmp_path / "map.parquet", 40, "0" * 64, components=8)
    table = open_embedding_table(tmp_path / "map.parquet")
    assert len(table) == 40
    assert table.space("expression").maps["pca"].xy.shape == (40, 2)
    assert table.thumbnail(39) is not None


def test_the_most_memory_of_a_process_is_known_where_the_system_says_so() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("this system keeps no /proc")
    assert (peak_memory_mb() or 0) > 50
    assert peak_memory_mb(0) is None
