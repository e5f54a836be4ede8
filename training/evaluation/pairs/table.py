"""The table of true pairs: its columns, and its text for the card and the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fer_demo.published.evaluation_file import Score


class Column(NamedTuple):
    """What a score means."""

    unit: str
    better: str
    meaning: str


COLUMNS: Mapping[str, Column] = {
    "mouth gain": Column("", "high", "1 - error of the mouth's points / the same of the untouched photo"),
    "brows gain": Column("", "high", "the same of the brows' points"),
    "eyes gain": Column("", "high", "the same of the points around the eyes"),
    "L1 gain": Column("", "high", "the same of the grey levels of the inner face, 96 x 128 pixels"),
    "size": Column("", "near 1", "motion of the mouth's points, made over true"),
    "cosine": Column("", "high", "direction of that motion beside the true one"),
    "AKD": Column("% of the eyes' distance", "low", "average keypoint distance of the 51 inner points to the truth"),
    "APD": Column("degrees", "low", "average pose distance to the truth, from five points"),
    "L1": Column("of 255", "low", "mean absolute difference to the true picture, grey"),
    "SSIM": Column("", "high", "structural similarity with the true picture"),
    "PSNR": Column("dB", "high", "peak signal-to-noise ratio beside the true picture"),
    "perceptual distance": Column("", "low", "to the true picture in the identity embedder's feature maps; not LPIPS"),
    "identity distance": Column("", "low", "to the source, between identity descriptors"),
    "identity distance to the truth": Column("", "low", "to the true picture"),
    "CSIM": Column("", "high", "cosine of the identity descriptors of result and source"),
    "mouth sharpness": Column("", "near 1", "contrast of fine detail around the mouth, result over truth"),
}

NOTHING, MEAN = "doing nothing", "mean displacement"  # methods
WHOLE = " at 1"  # how the name of the editor ends
BRIEF = ("mouth gain", "brows gain", "L1 gain", "size", "cosine", "identity distance")  # what is said first


def pairs_table(
    rows: Sequence[Mapping[str, Any]],
    people: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    """The table as JSON, `tables.pairs` of evaluation.json: a score is value, low, high and count.

    `rows` are tasks of the validating half by method.
    """
    return {
        "people": people,
        "columns": [{"name": name, **column._asdict()} for name, column in COLUMNS.items()],
        "rows": [_row(row) for row in rows],
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    scores = {
        method: {name: _rounded(score) for name, score in scores.items()} for method, scores in row["scores"].items()
    }
    return {**row, "scores": scores}


def pairs_text(table: Mapping[str, Any]) -> str:
    """The table of `pairs_table` as Markdown."""
    whole = [row for row in table["rows"] if _is_headline(row)]
    parts = [
        _split_text(table["people"]),
        *(f"**{_title(row)}**\n\n{_full(row, table['columns'])}" for row in whole),
        f"**Meaning of the columns**: {_meanings(table['columns'])}",
    ]
    single = [row for row in table["rows"] if not _is_headline(row)]
    if single:
        parts.append(f"**CK+, expression by expression**\n\n{_by_expression(single)}")
    return "\n\n".join(parts)


def _is_headline(row: Mapping[str, Any]) -> bool:
    return row["set"] == "London" or row["expression"] == "all expressions"


def _split_text(people: Mapping[str, Mapping[str, int]]) -> str:
    halves = "; ".join(f"{name}: {n['fitting']} and {n['validating']} people" for name, n in people.items())
    return (
        "A hash of the person's name puts each person into the fitting half, which may teach, or the validating half, "
        f"which never does ({halves}). Mean displacements come from the fitting half, every score from the validating "
        "half. Brackets hold 95 % bootstrap intervals over people."
    )


def _full(row: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> str:
    methods = list(row["scores"])
    lines = [
        (f"{c['name']}", *(_cell(row["scores"][method].get(c["name"])) for method in methods), c["better"])
        for c in columns
    ]
    return _markdown(("", *methods, "better"), lines)


def _by_expression(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        for method, scores in row["scores"].items():
            if method.endswith(WHOLE) or method == MEAN:
                cells = (_cell(scores.get(column)) for column in BRIEF)
                lines.append((f"{row['expression']}, {_asked(row)}", str(row["pairs"]), method, *cells))
    return _markdown(("asked for", "pairs", "method", *BRIEF), lines)


def _title(row: Mapping[str, Any]) -> str:
    before = "happy" if row["expression"] == "neutral" else "neutral"
    return (
        f"{row['set']}: {before} to {row['expression']}, {_asked(row)} ({row['people']} people, {row['pairs']} pairs)"
    )


def _asked(row: Mapping[str, Any]) -> str:
    return "driven by another person" if row["driven"] else "by name"


def _meanings(columns: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{c['name']}: {c['meaning']}{f' ({unit})' if (unit := c['unit']) else ''}" for c in columns) + "."


def _rounded(score: Score) -> list[float]:
    return [*(round(value, 5) for value in (score.value, score.low, score.high)), score.count]


def _cell(score: Sequence[float] | None) -> str:
    return "-" if score is None else "{:.3g} ({:.3g} to {:.3g})".format(*score[:3])


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
