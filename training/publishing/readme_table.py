"""What README.md, the documents and the model cards say was measured, from the bundled evaluation files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.errors import DataError
from fer_demo.inference.transfer.leaderboard import Line
from fer_demo.outputs import write_whole
from training.evaluation.pairs.text import pairs_text
from training.evaluation.record import EVALUATION_FILE, Evaluation
from training.publishing.card_tables import text_table
from training.publishing.explanation_table import explanation_tables
from training.publishing.leaderboard_table import brief_table, bundled_lines, line_table, whole_table
from training.publishing.model_card import CARD_FILE, evaluated_card
from training.publishing.recognizers_table import recognizers_table

HEADLINES = (  # what the page of a recognizer shows; the rest stands in its card
    "accuracy",
    "FER+ 8-class majority accuracy, face and its mirror image",
    "expected calibration error",
)
PAIRS = "pairs"  # the part and the table of true pairs in an evaluation file
# The names of what stands between markers.
MEASURED, RECOGNIZERS, LEADERBOARD, EXPLANATIONS = "measured", "recognizers", "leaderboard", "explanations"


@dataclass(frozen=True)
class ReportSettings:
    """Where the tables stand."""

    readme: Path = Path("README.md")
    pairs: Path = Path("docs/pairs.md")
    leaderboard: Path = Path("docs/leaderboard.md")
    explanations: Path = Path("docs/explanations.md")
    methods: Path = Path("docs/methods")  # the page of each bundled model
    cards: Path = BUNDLED_FOLDER  # checkpoints whose cards are brought up to date as well


def report(settings: ReportSettings) -> Path:
    """Replace what stands between the markers of all files and return the README's path.

    Raises: DataError if a file or its markers are missing.
    """
    for (path, name), table in blocks(settings).items():
        _replace(path, table, name)
    for path, text in cards(settings.cards).items():
        write_whole(path, text)
    return settings.readme


def blocks(settings: ReportSettings) -> dict[tuple[Path, str], str]:
    """What belongs between the markers of each file, by the file and the markers' name."""
    lines = bundled_lines()
    return {
        (settings.readme, RECOGNIZERS): recognizers_table(),
        (settings.readme, LEADERBOARD): brief_table(lines),
        (settings.pairs, MEASURED): pairs_tables(),
        (settings.leaderboard, LEADERBOARD): whole_table(lines),
        (settings.explanations, EXPLANATIONS): explanation_tables(),
        **{(settings.methods / f"{name}.md", MEASURED): table for name, table in method_tables(lines).items()},
    }


def cards(folder: Path = BUNDLED_FOLDER) -> dict[Path, str]:
    """The cards of the bundled checkpoints as their evaluation files have them."""
    found = {}
    for name, entry in MODELS.items():
        card, evaluation = folder / name / CARD_FILE, folder / name / EVALUATION_FILE
        if card.is_file() and evaluation.is_file():
            model = load_model(str(folder / name))
            found[card] = evaluated_card(card.read_text(encoding="utf-8"), model, entry, Evaluation.read(evaluation))
    return found


def _replace(path: Path, table: str, name: str) -> None:
    begin, end = (f"<!-- {name}:{place} -->" for place in ("begin", "end"))
    try:
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition(begin)
        _, marker, after = rest.partition(end)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); run this in the project's root.") from error
    if not marker:
        raise DataError(f"{path} has no markers {begin} and {end}; put them where the table belongs.")
    write_whole(path, f"{before}{begin}\n{table}\n{end}{after}")


def method_tables(lines: Sequence[Line], folder: Path = BUNDLED_FOLDER) -> dict[str, str]:
    """The figures on the page of each bundled method: an editor's line of the leaderboard, or a model's headlines."""
    tables = {line.name: line_table(line) for line in lines if line.name}
    for name in MODELS:
        path = folder / name / EVALUATION_FILE
        if name not in tables and path.exists():
            found = [one for one in Evaluation.read(path).figures if one.name in HEADLINES]
            rows = [(one.name, one.shown, one.data, f"{one.count:,}") for one in found]
            tables[name] = text_table(("figure", "value", "measured on", "samples"), rows)
    return tables


def pairs_tables(folder: Path = BUNDLED_FOLDER) -> str:
    """Every bundled editor beside the true pictures of people, with the command that measured it."""
    parts = []
    for name, entry in MODELS.items():
        path = folder / name / EVALUATION_FILE
        evaluation = Evaluation.read(path) if path.exists() else None
        if evaluation is not None and PAIRS in evaluation.tables:
            how = evaluation.measured[PAIRS]
            command = f"Measured with `{how.command}`, seed {how.seed}, on {how.date}, {how.machine}."
            parts.append(f"## {entry.title}\n\n{command}\n\n{pairs_text(evaluation.tables[PAIRS])}")
    return "\n\n".join(parts) or "Nothing evaluated yet."
