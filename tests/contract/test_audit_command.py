"""`audit`: the files it writes, and what it says when there is nothing to look at."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.__main__ import main


def test_a_folder_with_a_copy_gives_a_report_the_reasons_and_a_clean_set(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = tmp_path / "set"
    for name in ("happy/1.png", "happy/2.png", "sad/3.png"):
        (pictures / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(256, size=(48, 48), dtype=np.uint8)).save(pictures / name)
    (pictures / "sad" / "copy.png").write_bytes((pictures / "happy" / "1.png").read_bytes())
    assert main(["audit", str(pictures), "--output", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["rows"], report["groups_of_exact_copies"], report["kept"]) == (4, 1, 2)
    with (tmp_path / "out" / "findings.csv").open(newline="") as file:
        problems = [row["problem"] for row in csv.DictReader(file)]
    assert sorted(problems) == ["conflicting labels", "conflicting labels", "copy"]
    assert pq.read_table(tmp_path / "out" / "clean.parquet").num_rows == 2


def test_a_place_where_nothing_is_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path / "gone"), "--output", str(tmp_path / "out")]) == 1
    assert "There is nothing at" in capsys.readouterr().err
