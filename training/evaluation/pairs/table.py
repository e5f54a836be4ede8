"""The table of true pairs as JSON: its columns, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fer_demo.inference.transfer.true_pairs import AT_1, TRUE_PICTURE, how_asked
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
    "read by the judge": Column(
        "", "as the truth", "share of results that the expression judge reads as what was asked"
    ),
    "read by shape": Column("", "as the truth", "the same by a judge of how landmarks differ from those at rest"),
    "read by its teacher": Column("", "as the truth", "the same by the editor's own head, which learnt with it"),
    "teacher minus judges": Column("", "as the truth", "what the teacher reads more of than the judges, their mean"),
}

NOTHING, MEAN, TRUTH = "doing nothing", "mean displacement", TRUE_PICTURE  # methods
WHOLE = AT_1  # how the name of the editor ends
JUDGED = ("read by the judge", "read by shape", "read by its teacher", "teacher minus judges")
LEAST = 5  # people; a smaller group is too small to tell
OF_GROUPS = (  # what is said of each
    "mouth gain",
    "L1 gain",
    "size",
    "cosine",
    "identity distance",
    "read by the judge",
    "true picture read by it",
)
BRIEF = ("mouth gain", "brows gain", "L1 gain", "size", "cosine", "identity distance")  # what is said first


@dataclass(frozen=True)
class Group:
    """Some of the people of a task, and what became of the editor's edits of them."""

    attribute: str  # what people were asked for
    name: str
    people: int
    scores: Mapping[str, Score]  # none of fewer people than LEAST


def pairs_table(
    rows: Sequence[Mapping[str, Any]],
    people: Mapping[str, Mapping[str, int]],
    taught: Mapping[str, int],
) -> dict[str, Any]:
    """The table as JSON, `tables.pairs` of evaluation.json: a score is value, low, high and count.

    `rows` are tasks of the validating half by method; `taught` is on how many pictures the judge by shape learnt.
    """
    return {
        "people": people,
        "taught": taught,
        "columns": [{"name": name, **column._asdict()} for name, column in COLUMNS.items()],
        "rows": [_row(row) for row in rows],
    }


def asked(row: Mapping[str, Any]) -> str:
    """How the edits of a row were asked for, in words."""
    return how_asked(row["expression"], row["driven"])


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    scores = {method: _rounded(scores) for method, scores in row["scores"].items()}
    groups = [
        {"attribute": group.attribute, "name": group.name, "people": group.people, "scores": _rounded(group.scores)}
        for group in row["groups"]
    ]
    return {**row, "scores": scores, "groups": groups}


def _rounded(scores: Mapping[str, Score]) -> dict[str, list[float]]:
    return {
        name: [*(round(value, 5) for value in (score.value, score.low, score.high)), score.count]
        for name, score in scores.items()
    }
