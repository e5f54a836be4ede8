"""What the README claims is what the evaluation files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.errors import DataError
from fer_demo.published.human_line import human_line
from training.evaluation.record import Evaluation
from training.publishing.model_card import evaluated_card
from training.publishing.readme_table import BEGIN, END, ReportSettings, cards, measured_table, pairs_tables, report

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


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return cards()


def test_the_cards_say_what_the_evaluation_files_say(made: dict[Path, str]) -> None:
    stale = [path.parent.name for path, card in made.items() if path.read_text(encoding="utf-8") != card]
    assert not stale, "run `python -m training report`"


def test_the_cards_of_recognizers_have_the_human_line_where_people_voted(made: dict[Path, str]) -> None:
    card = made[BUNDLED_FOLDER / "expression_classifier" / "README.md"]
    line = human_line(Evaluation.read(BUNDLED_FOLDER / "expression_classifier" / "evaluation.json").tables)
    assert line is not None
    assert line.explanation in card
    assert f"| one voter {line.one_against_nine:.2f}, ten new voters" in card
    assert f"| ten voters {line.label_by_majority:.2f} to {line.label_by_best:.2f} |" in measured_table()


def test_a_card_without_its_sections_is_left_alone(tmp_path: Path) -> None:
    folder = BUNDLED_FOLDER / "expression_classifier"
    model, entry = load_model(str(folder)), MODELS["expression_classifier"]
    with pytest.raises(DataError, match="has lost its sections"):
        evaluated_card("# Notes\n", model, entry, Evaluation.read(folder / "evaluation.json"))


def test_the_table_replaces_only_what_stands_between_the_markers(tmp_path: Path) -> None:
    readme, pairs = tmp_path / "README.md", tmp_path / "pairs.md"
    for path in (readme, pairs):
        path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    report(ReportSettings(readme, pairs, tmp_path))
    assert readme.read_text() == f"before\n{BEGIN}\n{measured_table()}\n{END}\nafter\n"
    assert pairs.read_text() == f"before\n{BEGIN}\n{pairs_tables()}\n{END}\nafter\n"


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no table here")
    with pytest.raises(DataError, match="no markers"):
        report(ReportSettings(readme, cards=tmp_path))
    assert readme.read_text() == "no table here"


def test_without_evaluations_the_table_says_so(tmp_path: Path) -> None:
    assert measured_table(tmp_path) == pairs_tables(tmp_path) == "Nothing evaluated yet."
