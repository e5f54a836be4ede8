"""The table that compares transfers: its columns, its rows for a model and the baselines, and its text for the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fer_demo.published.evaluation_file import Score

RENDERED = ", rendered drivers"  # ends the names of scores on them


Scores = Mapping[str, Score]


class Column(NamedTuple):
    """What a score means."""

    unit: str
    better: str  # high, low, or what it should be near to
    meaning: str


COLUMNS: Mapping[str, Column] = {
    "expression reached": Column("", "high", "the judge reads the driver's expression"),
    "expression reached, of the drivers' own": Column("", "high", "over how often it reads it from the driver itself"),
    "identity kept": Column("", "high", "identity distance to the source inside the same-person band"),
    "both at once": Column("", "high", "expression reached and identity kept"),
    "identity rank-1": Column("", "high", "the source is the nearest of all strangers to the result"),
    "identity distance": Column("", "low", "mean distance of the identity descriptors of result and source"),
    "sharpness ratio": Column("", "near 1", "median contrast of fine detail, result over source"),
    "Fréchet distance": Column("", "low", "to photos of other people, in 64 channel means of the identity embedder"),
    "kernel distance": Column("", "low", "the same sets and channel means"),
    "cycle error": Column("of 255", "low", "mean absolute error after giving the own expression back"),
    "diversity": Column("of 255", "high", "mean difference of two results of one person"),
    "head pose drift": Column("degrees", "low", "largest change of yaw, pitch or roll, from five detected points"),
    "face found": Column("", "high", "our detector finds a face in the result"),
    "brightness drift": Column("of 255", "low", "change of the mean brightness"),
    f"expression reached{RENDERED}": Column("", "high", "the judge reads the driver's expression"),
    f"identity kept{RENDERED}": Column("", "high", "identity distance to the source inside the same-person band"),
    "L1 to the truth": Column("of 255", "low", "mean absolute error"),
    "SSIM to the truth": Column("", "high", "structural similarity"),
    "perceptual distance to the truth": Column("", "low", "in the identity embedder's feature maps; not LPIPS"),
    "share of the true change": Column("", "high", "1 = exact, 0 = as far off as the untouched source"),
}


@dataclass(frozen=True)
class Comparison:
    """The scores of a model and of the baselines on the same pairs."""

    rows: Mapping[str, Scores]  # by method, the model first; all have the same columns, some keys of COLUMNS
    data: Mapping[str, str]  # what each column was measured on
    ceilings: Mapping[str, tuple[Score, str]]  # what the judge reads from the drivers themselves, and which they are
    by_name: bool = False  # whether the model was told the name of what each driver shows, and saw no driver

    def table(self) -> dict[str, Any]:
        """All rows as JSON, `tables.transfer` of evaluation.json: a score is value, low, high and count."""
        shown = next(iter(self.rows.values()))
        return {
            "columns": [{"name": name, **COLUMNS[name]._asdict(), "data": self.data[name]} for name in shown],
            "rows": [
                {"method": method, "scores": {name: _rounded(score) for name, score in scores.items()}}
                for method, scores in self.rows.items()
            ],
            "ceilings": {name: _rounded(score) for name, (score, _) in self.ceilings.items()},
            "by_name": self.by_name,
        }


def transfer_text(table: Mapping[str, Any]) -> str:
    """The table of `Comparison.table` for the model card: a method to a column, a score to a row."""
    methods = [row["method"] for row in table["rows"]]
    lines = [["", *methods, "better", "meaning"], ["---"] * (len(methods) + 3)]
    for column in table["columns"]:
        cells = [_cell(*row["scores"][column["name"]]) for row in table["rows"]]
        meaning = f"{column['meaning']} ({column['unit']})" if column["unit"] else column["meaning"]
        lines.append([f"**{column['name']}**", *cells, column["better"], meaning])
    told = " The model follows no face: it was told by name what each driver shows." if table.get("by_name") else ""
    ceilings = "; ".join(f"{name}: {_cell(*score)}" for name, score in table["ceilings"].items())
    return (
        "Pairs are drawn by the seed and nobody chose among them; every method is given the same ones. Brackets hold "
        "95 % intervals over people: the bootstrap, and for the distances of sets the jackknife. The judge and the "
        f"identity embedder taught none of the methods.{told} {ceilings[:1].upper()}{ceilings[1:]}.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )


def _rounded(score: Score) -> list[float]:
    return [*(round(value, 5) for value in (score.value, score.low, score.high)), score.count]


def _cell(value: float, low: float, high: float, count: int) -> str:
    return f"{value:.3g} ({low:.3g} to {high:.3g})"
