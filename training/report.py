"""The table of measured figures in README.md, written from the evaluation files of the bundled checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.errors import DataError
from fer_demo.outputs import write_whole
from training.evaluation import EVALUATION_FILE, Evaluation

HEADLINES = (  # what a reader asks first; the rest stands in the model cards
    "accuracy",
    "FER+ 8-class majority accuracy, face and its mirror image",
    "expected calibration error",
    "both at once",
    "expression reached, of the drivers' own",
    "identity kept",
    "sharpness ratio",
    "L1 to the truth",
)
BEGIN, END = "<!-- measured:begin -->", "<!-- measured:end -->"


@dataclass(frozen=True)
class ReportSettings:
    """Where the table stands."""

    readme: Path = Path("README.md")


def report(settings: ReportSettings) -> Path:
    """Replace the table between the markers of the README and return its path.

    Raises: DataError if the file or the markers are missing.
    """
    try:
        text = settings.readme.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, marker, after = rest.partition(END)
    except OSError as error:
        raise DataError(
            f"{settings.readme} cannot be read ({error.strerror}); run this in the project's root."
        ) from error
    if not marker:
        raise DataError(f"{settings.readme} has no markers {BEGIN} and {END}; put them where the table belongs.")
    write_whole(settings.readme, f"{before}{BEGIN}\n{measured_table()}\n{END}{after}")
    return settings.readme


def measured_table(folder: Path = BUNDLED_FOLDER) -> str:
    """One row for each headline figure of each bundled checkpoint that has been evaluated."""
    rows = []
    for name, entry in MODELS.items():
        path = folder / name / EVALUATION_FILE
        if path.exists():
            model = f"[{entry.title}](fer_demo/assets/checkpoints/{name}/README.md)"
            for figure in Evaluation.read(path).figures:
                if figure.name in HEADLINES:
                    rows.append(f"| {model} | {figure.name} | {figure.shown} | {figure.data} | {figure.count:,} |")
    if not rows:
        return "Nothing evaluated yet."
    return "\n".join(["| model | figure | value | measured on | samples |", "| --- | --- | --- | --- | --- |", *rows])
