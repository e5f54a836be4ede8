"""What the README claims is what the evaluation files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_demo.capabilities import RecognizesVotes
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, describe_model, load_model
from fer_demo.errors import DataError
from fer_demo.published.calibration import Calibration
from fer_demo.published.human_line import human_line
from fer_demo.settings import AppSettings
from training.evaluation.record import Evaluation
from training.publishing.model_card import evaluated_card
from training.publishing.readme_table import ReportSettings, blocks, cards, pairs_tables, report
from training.publishing.recognizers_table import recognizers_table

ROOT = Path(__file__).parents[2]
STATED = ReportSettings()


@pytest.mark.parametrize(("path", "name"), blocks(STATED), ids=str)
def test_a_documents_table_is_the_one_generated_from_the_evaluation_files(path: Path, name: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    shown = text.partition(f"<!-- {name}:begin -->")[2].partition(f"<!-- {name}:end -->")[0].strip()
    assert shown == blocks(STATED)[path, name], "run `python -m training report`"


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return cards()


def test_the_cards_say_what_the_evaluation_files_say(made: dict[Path, str]) -> None:
    stale = [path.parent.name for path, card in made.items() if path.read_text(encoding="utf-8") != card]
    assert not stale, "run `python -m training report`"


def test_the_cards_of_recognizers_have_the_human_line_where_people_voted(made: dict[Path, str]) -> None:
    folder = BUNDLED_FOLDER / AppSettings.recognizer
    card, line = made[folder / "README.md"], human_line(Evaluation.read(folder / "evaluation.json").tables)
    assert line is not None
    assert line.explanation in card
    assert f"| one voter {line.one_against_nine:.2f}, ten new voters" in card
    assert f"| one {line.one_against_nine:.3g}, ten " in recognizers_table()


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in BUNDLED_FOLDER.glob("*/calibration.json")), ids=lambda path: path.name
)
def test_every_recognizer_is_measured_beside_people(folder: Path, made: dict[Path, str]) -> None:
    evaluation = Evaluation.read(folder / "evaluation.json")
    assert human_line(evaluation.tables) is not None
    if not isinstance(describe_model(str(folder)), RecognizesVotes):
        return
    of_model, of_five = (
        [one.value for one in evaluation.figures if one.name == f"Jensen-Shannon divergence of the {who}"]
        for who in ("model", "other five people")
    )
    assert len(of_model) == len(of_five) == 2  # of the test rows that Training lacks, and of the validation cut
    errors = [one.value for one in evaluation.figures if one.name == "expected calibration error of shares"]
    assert len(errors) == 2
    assert max(errors) <= 0.02
    assert "the votes of five of the ten people" in made[folder / "README.md"]
    calibration = Calibration.load(folder)
    assert calibration is not None
    assert calibration.votes is not None


def test_a_card_without_its_sections_is_left_alone(tmp_path: Path) -> None:
    folder = BUNDLED_FOLDER / "expression_classifier"
    model, entry = load_model(str(folder)), MODELS["expression_classifier"]
    with pytest.raises(DataError, match="has lost its sections"):
        evaluated_card("# Notes\n", model, entry, Evaluation.read(folder / "evaluation.json"))


def test_a_table_replaces_only_what_stands_between_its_markers(tmp_path: Path) -> None:
    pages = ("README.md", "pairs.md", "leaderboard.md", "explanations.md")
    settings = ReportSettings(*(tmp_path / name for name in pages), tmp_path, tmp_path)
    made = blocks(settings)
    for path in {path for path, _ in made}:
        names = [name for of, name in made if of == path]
        path.write_text("before\n" + "".join(f"<!-- {name}:begin -->\nold\n<!-- {name}:end -->\n" for name in names))
    report(settings)
    for path in {path for path, _ in made}:
        tables = {name: table for (of, name), table in made.items() if of == path}
        parts = (f"<!-- {name}:begin -->\n{table}\n<!-- {name}:end -->\n" for name, table in tables.items())
        assert path.read_text() == "before\n" + "".join(parts)


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no table here")
    with pytest.raises(DataError, match="no markers"):
        report(ReportSettings(readme, cards=tmp_path))
    assert readme.read_text() == "no table here"


def test_without_evaluations_the_table_says_so(tmp_path: Path) -> None:
    assert recognizers_table(tmp_path) == pairs_tables(tmp_path) == "Nothing evaluated yet."
