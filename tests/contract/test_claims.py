"""What the README claims is what the evaluation files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_demo.errors import DataError
from training.publishing.readme_table import BEGIN, END, ReportSettings, measured_table, pairs_tables, report

README = Path(__file__).parents[2] / "README.md"
PAIRS = README.parent / "docs" / "pairs.md"


def test_the_readmes_table_is_the_one_generated_from_the_evaluation_files() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == measured_table(), "run `python -m training report`"


def test_the_document_on_true_pairs_has_the_table_of_the_evaluation_files() -> None:
    text = PAIRS.read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == pairs_tables(), "run `python -m training report`"


def test_the_table_replaces_only_what_stands_between_the_markers(tmp_path: Path) -> None:
    readme, pairs = tmp_path / "README.md", tmp_path / "pairs.md"
    for path in (readme, pairs):
        path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    report(ReportSettings(readme, pairs))
    assert readme.read_text() == f"before\n{BEGIN}\n{measured_table()}\n{END}\nafter\n"
    assert pairs.read_text() == f"before\n{BEGIN}\n{pairs_tables()}\n{END}\nafter\n"


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no table here")
    with pytest.raises(DataError, match="no markers"):
        report(ReportSettings(readme))
    assert readme.read_text() == "no table here"


def test_without_evaluations_the_table_says_so(tmp_path: Path) -> None:
    assert measured_table(tmp_path) == pairs_tables(tmp_path) == "Nothing evaluated yet."
