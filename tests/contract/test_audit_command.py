"""`audit`: the files it writes, and what it says when there is nothing to look at."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
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
    assert main(["audit", str(tmp_path / "gone"), "--output", str(tmp_path / "out")]) == 2
    assert "There is nothing at" in capsys.readouterr().err


def test_labels_are_told_as_in_the_app(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    files = []
    for _ in range(4):
        Image.fromarray(rng.integers(256, size=(32, 32), dtype=np.uint8)).save(buffer := io.BytesIO(), "PNG")
        files.append(buffer.getvalue())
    table = {"image": files, "label": [0, 1, 2, 2], "second": ["joie", "sad", "angry", "joie"]}
    pq.write_table(pa.table(table), tmp_path / "set.parquet")

    def audited(*options: str) -> list[str | None]:
        out = tmp_path / "out"
        assert main(["audit", str(tmp_path / "set.parquet"), "--output", str(out), *options]) == 0
        return pq.read_table(out / "clean.parquet").column("expression").to_pylist()

    assert audited() == ["angry", "disgust", "fear", "fear"]
    assert "read in the order of FER2013" in capsys.readouterr().err
    assert audited("--label-order", "raf-db") == ["surprise", "fear", "disgust", "disgust"]
    assert audited("--label-order", "sad,happy,fear") == ["sad", "happy", "fear", "fear"]
    options = ["--label-column", "second", "--label-meaning", "joie=happy", "--label-meaning", "sad="]
    assert audited(*options) == ["happy", None, "angry", "happy"]
    wrong = ["audit", str(tmp_path / "set.parquet"), "--output", str(tmp_path / "out"), "--label-column", "third"]
    assert main(wrong) == 2
    assert "choose one of label, second" in capsys.readouterr().err


def test_a_set_in_which_every_picture_has_a_problem_gets_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "set" / "happy").mkdir(parents=True)
    for name in ("1.png", "2.png"):
        Image.fromarray(np.full((48, 48), 128, np.uint8)).save(tmp_path / "set" / "happy" / name)
    (tmp_path / "set" / "happy" / "3.png").write_bytes(b"no picture")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "clean.parquet").write_bytes(b"of an earlier audit")
    assert main(["audit", str(tmp_path / "set"), "--output", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["rows"], report["kept"], report["blank"], report["unreadable"]) == (3, 0, 2, 1)
    assert report["content_sha256"] is None
    with (tmp_path / "out" / "findings.csv").open(newline="") as file:
        assert {row["face"] for row in csv.DictReader(file)} == {"0", "1", "2"}
    assert not (tmp_path / "out" / "clean.parquet").exists()
    assert capsys.readouterr().out == ""
