"""The leaderboard: editors and baselines by the same measures, from the evaluation files beside the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_demo.capabilities import EditsByLabel, EncodesFactors, RecognizesExpression
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.inference.transfer.true_pairs import ALL, AT_1, PAIRS_TABLE
from fer_demo.published.evaluation_file import Score, whole_evaluation
from fer_demo.published.model import PublishedModel

GAIN, TRANSFER, LEAK, RECOGNITION, COST = "pairs", "transfer", "disentanglement", "recognition", "cost"  # parts
PARAMETERS, TIME, MINUTES = "trainable values", "time of one edit", "minutes of training"  # figures of COST
FLOP = "floating-point operations of training"  # also a figure of COST, of runs that counted them
GAINS_OF = "CK+"  # the people of the gains: photographs, and every expression is asked for
FIRST = "mouth gain, by name"  # the column that a leaderboard is sorted by on arrival
_EDITORS = tuple(name for name, entry in MODELS.items() if entry.task == "transfer")
_EXACT = "FER2013 PublicTest, exact rows"
_CONTROLS = {"pixels": "raw pixels", "probabilities": "seven probabilities"}  # by their codes in the file
# Baselines by title: their names in the table of true pairs and in that of transfer.
BASELINES = {
    "Copying the input": ("doing nothing", "input copied"),
    "50/50 pixel blend": ("50/50 pixel blend", "50/50 pixel blend"),
    "Mean displacement": ("mean displacement", None),
}


@dataclass(frozen=True)
class Column:
    """One measure."""

    name: str
    part: str  # of the evaluation that measures it
    better: str  # high, low, or what it should be near to; empty where neither is better
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Cell:
    """One measured number and how it came about, or why there is none."""

    value: float | None
    why: str = ""  # there is no value
    interval: tuple[float, float] | None = None  # 95 %
    beside: str = ""  # controls, measured at the same time
    how: str = ""  # data and count


@dataclass(frozen=True)
class Line:
    """One method or baseline."""

    title: str
    name: str  # in the catalogue; empty for a baseline
    cells: Mapping[str, Cell]  # by column
    measured: Mapping[str, str]  # command and date, by part


def _by_driver(name: str) -> str:
    return f"{name}, by driver"


_GAINS = {
    "mouth gain": "how much nearer to the true picture the mouth's points come: 1 - error / error of the untouched "
    "photo",
    "brows gain": "the same of the brows' points",
    "L1 gain": "the same of the grey levels of the inner face",
}
_READ = {
    "read by the judge": "share of results that the expression judge, who taught no editor, reads as what was asked",
    "read by shape": "the same by a judge who sees only how landmarks differ from those at rest",
}
_SHOWN = {  # scores of the transfer table: what is better, and what they mean
    "expression reached": ("high", "share of results that the judge reads as what the driver shows"),
    "identity kept": ("high", "share of results inside the same-person band of the identity embedder"),
    "both at once": ("high", "expression reached and identity kept"),
    "sharpness ratio": ("near 1", "median contrast of fine detail, result over source"),
}
_LEAKS = {  # target and code
    "person in the expression code": ("person", "expression"),
    "expression in the identity code": ("expression", "identity"),
}
COLUMNS: tuple[Column, ...] = (
    *(Column(f"{name}, by name", GAIN, "high", meaning) for name, meaning in _GAINS.items()),
    *(Column(_by_driver(name), GAIN, "high", "the same, asked for by another person's face") for name in _GAINS),
    *(Column(name, GAIN, "high", f"{meaning}; by name") for name, meaning in _READ.items()),
    *(Column(name, TRANSFER, better, meaning) for name, (better, meaning) in _SHOWN.items()),
    *(
        Column(name, LEAK, "low", f"how often a probe tells the {target} from the {code} code")
        for name, (target, code) in _LEAKS.items()
    ),
    Column("recognition accuracy", RECOGNITION, "high", "labels told rightly by the same model"),
    Column("parameters", COST, "", "trainable values of the published networks"),
    Column("ms per edit", COST, "low", "one edit by name of an aligned face, on one core", "ms"),
    Column("training minutes", COST, "low", "all stages of its run", "minutes"),
    Column("training FLOP", COST, "low", "floating-point operations of all stages"),
)


def leaderboard(models: Mapping[str, PublishedModel]) -> tuple[Line, ...]:
    """A line for each editor by its catalogue name or folder, described or loaded, and the baselines below.

    Raises: CheckpointError if an evaluation file is damaged.
    """
    files = {name: _evaluation(model) for name, model in models.items()}
    editors = [_editor_line(name, model, files[name]) for name, model in models.items()]
    return (*editors, *(_baseline_line(title, names, files) for title, names in BASELINES.items()))


def bundled_editors() -> tuple[str, ...]:
    """Catalogue names of the editors whose weights come with the app."""
    return tuple(name for name in _EDITORS if (BUNDLED_FOLDER / name).is_dir())


def without_weights() -> tuple[str, ...]:
    """Titles of the catalogue's editors that no evaluation can be about, since they have no weights here."""
    bundled = bundled_editors()
    return tuple(MODELS[name].title for name in _EDITORS if name not in bundled)


def _evaluation(model: PublishedModel) -> Mapping[str, Any]:
    """The evaluation of exactly these weights; empty if there was none."""
    if model.origin is None:
        return {}
    source = model.origin.source
    folder = BUNDLED_FOLDER / source if source in MODELS else Path(source)
    return whole_evaluation(folder, model.origin.sha256, "transfer") or {}


def _editor_line(name: str, model: PublishedModel, file: Mapping[str, Any]) -> Line:
    cells = {}
    for column in COLUMNS:
        cell = _cell(column, file, None)
        why = _cannot(column, model) or _not_measured(column, file)
        cells[column.name] = Cell(None, why) if cell is None else cell
    entry = MODELS.get(name)
    return Line(name if entry is None else entry.title, name, cells, _measured(file))


def _baseline_line(title: str, names: tuple[str, str | None], files: Mapping[str, Mapping[str, Any]]) -> Line:
    """A baseline as it was measured beside the first editor that has it."""
    cells: dict[str, Cell] = {}
    for column in COLUMNS:
        found = (_cell(column, file, names) for file in files.values())
        cells[column.name] = next((cell for cell in found if cell is not None), Cell(None, _NO_BASELINE))
    return Line(title, "", cells, {})


_NO_BASELINE = "not a score of this baseline"


def _cell(column: Column, file: Mapping[str, Any], baseline: tuple[str, str | None] | None) -> Cell | None:
    """A number of an editor, or of a baseline by its two names; None where the file has none."""
    if column.part == GAIN:
        return _of_pairs(column.name, file, None if baseline is None else baseline[0])
    if column.part == TRANSFER:
        return _of_transfer(column.name, file, None if baseline is None else baseline[1], baseline is None)
    if baseline is not None:
        return None
    if column.part == LEAK:
        return _leak(file, *_LEAKS[column.name])
    return _figure(file, *_FIGURES[column.name])


_FIGURES = {
    "recognition accuracy": ("accuracy", _EXACT),
    "parameters": (PARAMETERS, ""),
    "ms per edit": (TIME, ""),
    "training minutes": (MINUTES, ""),
    "training FLOP": (FLOP, ""),
}


def _of_pairs(name: str, file: Mapping[str, Any], method: str | None) -> Cell | None:
    score, _, asked = name.partition(", ")
    driven = asked == "by driver"
    for row in _table(file, PAIRS_TABLE).get("rows", ()):
        if (row["set"], row["expression"], row["driven"]) != (GAINS_OF, ALL, driven):
            continue
        for told, scores in row["scores"].items():
            if (told == method or (method is None and told.endswith(AT_1))) and score in scores:
                how = f"{row['people']} people of {GAINS_OF} who never teach, {row['pairs']} pairs"
                return _scored(Score.of(scores[score]), how)
    return None


def _of_transfer(name: str, file: Mapping[str, Any], method: str | None, is_editor: bool) -> Cell | None:
    table = _table(file, TRANSFER)
    rows: Sequence[Mapping[str, Any]] = table.get("rows", ())
    found = rows[0] if is_editor and rows else next((row for row in rows if row["method"] == method), None)
    if found is None or name not in found["scores"]:
        return None
    data = next(str(column["data"]) for column in table["columns"] if column["name"] == name)
    told = "; told by name what each driver shows" if is_editor and table.get("by_name") else ""
    return _scored(Score.of(found["scores"][name]), data + told)


def _leak(file: Mapping[str, Any], target: str, code: str) -> Cell | None:
    table = _table(file, LEAK)
    for leak in table.get("leaks", ()):
        readings = {reading["code"]: reading for reading in leak["readings"]}
        if leak["target"] == target and code in readings:
            found = readings[code]
            beside = [f"{words} {readings[name]['score']:.3f}" for name, words in _CONTROLS.items() if name in readings]
            return Cell(
                float(found["score"]),
                interval=(float(found["low"]), float(found["high"])),
                beside="; ".join([*beside, f"chance {leak['chance']:.3f}"]),
                how=f"{table['faces']} {table['data']}, linear probes",
            )
    return None


def _figure(file: Mapping[str, Any], name: str, data: str) -> Cell | None:
    for figure in file.get("figures", ()):
        if figure["name"] == name and data in ("", figure["data"]):
            low_high = figure.get("interval")
            interval = None if low_high is None else (float(low_high[0]), float(low_high[1]))
            return Cell(float(figure["value"]), interval=interval, how=str(figure["data"]))
    return None


def _scored(score: Score, how: str) -> Cell:
    return Cell(score.value, interval=(score.low, score.high), how=how)


def _table(file: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = file.get("tables", {}).get(name, {})
    return table


def _measured(file: Mapping[str, Any]) -> dict[str, str]:
    return {
        part: f"{facts['command']} ({facts['date']}, {facts['machine']})"
        for part, facts in file.get("measured", {}).items()
    }


_CANNOT: tuple[tuple[Callable[[Column], bool], type, bool, str], ...] = (
    (lambda column: column.name.endswith("by driver"), EditsByLabel, True, "follows no face"),
    (lambda column: column.part == LEAK, EditsByLabel, True, "has no codes"),
    (lambda column: column.name.endswith("identity code"), EncodesFactors, False, "has no identity code"),
    (lambda column: column.part == RECOGNITION, RecognizesExpression, False, "recognizes no expressions"),
)


def _cannot(column: Column, model: PublishedModel) -> str:
    """Why this kind of editor has no such number; empty if it has."""
    able: object = model
    for concerns, capability, excludes, why in _CANNOT:
        if concerns(column) and isinstance(able, capability) == excludes:
            return why
    return ""


def _not_measured(column: Column, file: Mapping[str, Any]) -> str:
    if column.part not in file.get("measured", {}):
        return f"not measured: python -m training evaluate {column.part}"
    return {"training FLOP": "its run counted none", "training minutes": "its run kept no record"}.get(
        column.name, "not among what was measured"
    )
