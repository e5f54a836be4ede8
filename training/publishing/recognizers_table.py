"""Every bundled recognizer on the same faces, beside people, for the README; from the bundled evaluation files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.published.human_line import human_line
from training.evaluation.record import EVALUATION_FILE, Evaluation
from training.publishing.card_tables import text_table

_TEST, _FRESH = "FER2013 PublicTest, exact rows", "FER2013 PublicTest, exact rows that Training lacks"
_OF_FIVE = f"{_FRESH}; against the votes of five of the ten people"


@dataclass(frozen=True)
class _Row:
    title: str
    figure: str  # its name in an evaluation file
    data: str
    better: str

    def of(self, evaluation: Evaluation) -> float | None:
        """Its value in an evaluation file; None where it was not measured."""
        return next((one.value for one in evaluation.figures if (one.name, one.data) == (self.figure, self.data)), None)


_MAJORITY = _Row(
    "the majority of ten people (8 classes)",
    "FER+ 8-class majority accuracy, face and its mirror image",
    f"{_TEST} where most of at least two votes agree",
    "high",
)
_DISTANCE = _Row(
    "Jensen-Shannon divergence to the votes of five", "Jensen-Shannon divergence of the model", _OF_FIVE, "low"
)
_OTHER_FIVE = _Row("", "Jensen-Shannon divergence of the other five people", _OF_FIVE, "low")
_LABELS = (
    _Row("FER2013's label (7 classes)", "accuracy", _TEST, "high"),
    _Row("the same, rows that Training lacks", "accuracy", _FRESH, "high"),
)
_POSED = tuple(
    _Row(
        f"posed by strangers of {title} (7 classes)",
        "accuracy, seven expressions: FER2013's label",
        f"posed faces of {name}, people who never teach",
        "high",
    )
    for name, title in (("ckplus", "CK+"), ("london", "London"))
)
_ROWS = (
    _MAJORITY,
    _DISTANCE,
    *_LABELS,
    _Row("calibration error of the label's probability", "expected calibration error", _FRESH, "low"),
    *_POSED,
    _Row("rendered faces", "accuracy", "bundled synthetic faces, clear expressions", "high"),
)


def recognizers_table(folder: Path = BUNDLED_FOLDER) -> str:
    """A measure to a row and a recognizer to a column; a dash where it was not measured."""
    found = {name: folder / name / EVALUATION_FILE for name in MODELS}
    evaluations = {name: Evaluation.read(path) for name, path in found.items() if path.exists()}
    recognizers = {name: one for name, one in evaluations.items() if human_line(one.tables) is not None}
    if not recognizers:
        return "Nothing evaluated yet."
    head = ["", *(f"[{MODELS[name].title}](docs/methods/{name}.md)" for name in recognizers), "people", "better"]
    first = next(iter(recognizers.values()))  # people are the same for all
    rows = [
        [f"**{row.title}**", *(_shown(row.of(one)) for one in recognizers.values()), _people(first, row), row.better]
        for row in _ROWS
    ]
    equalled = ["**as good as so many of ten people**", *map(_equalled, recognizers.values()), "10", "high"]
    return text_table(head, [rows[0], equalled, *rows[1:]])


def _people(evaluation: Evaluation, row: _Row) -> str:
    """What people reach on the same pictures; an empty cell where nobody was asked."""
    if row is _DISTANCE:
        return _shown(_OTHER_FIVE.of(evaluation))
    line = human_line(evaluation.tables)
    assert line is not None
    if row is _MAJORITY:
        return f"one {line.one_against_nine:.3g}, ten {_range(line.ten_against_ten)}"
    return f"ten {_range((line.label_by_majority, line.label_by_best))}" if row in _LABELS else ""


def _equalled(evaluation: Evaluation) -> str:
    """How many people's majority is right as often as a recognizer."""
    line, reached = human_line(evaluation.tables), _MAJORITY.of(evaluation)
    return _shown(None if line is None or reached is None else line.as_good_as(reached))


def _range(between: tuple[float, float]) -> str:
    return "{:.3g} to {:.3g}".format(*between)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
