"""The table of what each slider of an editor does on rendered strangers: its columns, and its text for the card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

MEAN = "all sliders"  # the last row


class Column(NamedTuple):
    """What a score of a slider means."""

    unit: str
    better: str  # high, low, or what it should be near to
    meaning: str


COLUMNS: Mapping[str, Column] = {
    "purity": Column("", "high", "share of the change that is the slider's own, not what another slider does"),
    "reached": Column("", "near 1", "how far along the true change of the picture, which is 1"),
    "share of the true change": Column("", "high", "1 = the exact picture, 0 = as far off as the untouched face"),
    "movement reached": Column("", "near 1", "the same of the landmarks that the truth moves"),
    "movement inside": Column("% of the eye distance", "as the truth", "of the landmarks that the truth moves"),
    "true movement inside": Column("% of the eye distance", "", "how far the truth moves them"),
    "movement outside": Column("% of the eye distance", "low", "of the landmarks that the truth leaves where they are"),
}


def slider_text(table: Mapping[str, Any]) -> str:
    """The table of evaluation.json for the model card: a slider to a row."""
    names = [column["name"] for column in table["columns"]]
    lines = [["slider", *names], ["---"] * (len(names) + 1)]
    lines += [[f"**{row['slider']}**", *(_cell(*row["scores"][name]) for name in names)] for row in table["rows"]]
    meanings = "; ".join(
        f"{column['name']}: {column['meaning']}{f' ({unit})' if (unit := column['unit']) else ''}"
        f"{f', best {better}' if (better := column['better']) else ''}"
        for column in table["columns"]
    )
    return (
        f"Every slider was moved by {table['amount']:g} on the resting faces of {table['people']} rendered people who "
        "taught nothing, and the result held against the same person rendered with just those units changed. The "
        "change of a picture is read by least squares among the true changes of all sliders on that person. Where "
        "landmarks go follows from the editor's own field; what it paints does not count there. Brackets hold 95 % "
        f"bootstrap intervals over people. {meanings[:1].upper()}{meanings[1:]}.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )


def _cell(value: float, low: float, high: float, count: int) -> str:
    return f"{value:.2g} ({low:.2g} to {high:.2g})"
