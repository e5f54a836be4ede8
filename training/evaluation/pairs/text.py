"""The table of true pairs as text, for the card and the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fer_demo.inference.transfer.true_pairs import ALL, OTHER_PHOTO
from training.evaluation.pairs.data import LFW, LONDON, RENDERED
from training.evaluation.pairs.table import BRIEF, JUDGED, LEAST, MEAN, NOTHING, OF_GROUPS, TRUTH, WHOLE, asked

_NOTES = {
    RENDERED.name: "Drawn anew and seen by one camera in one light, so that nothing but the expression changes. Their "
    "landmarks are found as everybody's are.\n\n",
    LFW.name: "Strangers of the evaluation, each by the two photographs in which the facial units differ most, both "
    "ways. Points alone: light and camera differ, and what the turn of the head does to the points is taken out.\n\n",
}


def pairs_text(table: Mapping[str, Any]) -> str:
    """The table of `pairs_table` as Markdown."""
    whole = [row for row in table["rows"] if _is_headline(row)]
    parts = [
        _split_text(table["people"]),
        *(f"**{_title(row)}**\n\n{_NOTES.get(row['set'], '')}{_full(row, table['columns'])}" for row in whole),
        f"**Meaning of the columns**: {_meanings(table['columns'])}",
    ]
    single = [row for row in table["rows"] if not _is_headline(row)]
    if single:
        parts.append(f"**CK+, expression by expression**\n\n{_by_expression(single)}")
    if "taught" in table:
        parts.append(_judges_text(table))
    grouped = [row for row in table["rows"] if row.get("groups")]
    if grouped:
        parts.append(_groups_text(grouped))
    return "\n\n".join(parts)


def _is_headline(row: Mapping[str, Any]) -> bool:
    return row["set"] == LONDON.name or row["expression"] in (ALL, OTHER_PHOTO)


def _split_text(people: Mapping[str, Mapping[str, int]]) -> str:
    halves = "; ".join(f"{name}: {n['fitting']} and {n['validating']} people" for name, n in people.items())
    return (
        "A hash of the person's name puts each person into the fitting half, which may teach, or the validating half, "
        f"which never does ({halves}). Mean displacements come from the fitting half, every score from the validating "
        "half. Brackets hold 95 % bootstrap intervals over people."
    )


def _full(row: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> str:
    """A score to a row, unless no method has it; what judges read has a table of its own."""
    methods = [method for method in row["scores"] if method != TRUTH]
    lines = [
        (f"{c['name']}", *(_cell(row["scores"][method].get(c["name"])) for method in methods), c["better"])
        for c in columns
        if c["name"] not in JUDGED and any(c["name"] in row["scores"][method] for method in methods)
    ]
    return _markdown(("", *map(_named, methods), "better"), lines)


def _named(method: str) -> str:
    """Several methods share a class, by whose name the tables know an editor."""
    return f"the editor{WHOLE}" if method.endswith(WHOLE) else method


def _judges_text(table: Mapping[str, Any]) -> str:
    """What is read as the expression that was asked for, beside the ceiling of the true pictures."""
    told = [row for row in table["rows"] if row["scores"].get(TRUTH)]
    columns = [name for name in JUDGED if any(name in scores for row in told for scores in row["scores"].values())]
    lines = []
    for row in told:
        for method, scores in row["scores"].items():
            if method.endswith(WHOLE) or method in (NOTHING, TRUTH):
                task = f"{row['set']}: {row['expression']}, {asked(row)}"
                lines.append(
                    (task, _named(method), str(scores[JUDGED[0]][3]), *(_cell(scores.get(name)) for name in columns))
                )
    taught = ", ".join(f"{name} {count}" for name, count in table["taught"].items())
    gap = (
        " The teacher is the editor's own head. When it reads more of the edits than the judges do, by more than it "
        "does on true pictures, the edits please their teacher without showing the expression to anybody else."
    )
    return (
        "**Read as the expression that was asked for**\n\nTwo judges that taught no editor read the edits, the "
        "untouched photos and the true pictures, whose row is what can be expected at most. The judge by shape sees "
        "only how the landmarks differ from the person's own at rest; it learnt this from the true pictures of the "
        f"fitting half ({taught}), as the editor's motion did, so it tells what is seen and not whether the size is "
        "right. A true neutral picture is neutral to it by construction."
        f"{gap if JUDGED[-1] in columns else ''}\n\n" + _markdown(("asked for", "method", "pictures", *columns), lines)
    )


def _groups_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The editor's scores by what people say of themselves."""
    lines = []
    for row in rows:
        for group in row["groups"]:
            cells = [_cell(group["scores"].get(column)) for column in OF_GROUPS]
            if not group["scores"]:
                cells = ["too few to tell", *["-"] * (len(OF_GROUPS) - 1)]
            task = f"{row['expression']}, {asked(row)}"
            lines.append((task, group["attribute"], group["name"], str(group["people"]), *cells))
    return (
        f"**{rows[0]['set']}, by what people say of themselves**\n\nThe editor at 1, validating half. A group of fewer "
        f"than {LEAST} people is too small to tell. Groups whose intervals overlap widely do not differ as far as this "
        "data can tell.\n\n" + _markdown(("asked for", "asked of people", "group", "people", *OF_GROUPS), lines)
    )


def _by_expression(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        for method, scores in row["scores"].items():
            if method.endswith(WHOLE) or method == MEAN:
                cells = (_cell(scores.get(column)) for column in BRIEF)
                lines.append((f"{row['expression']}, {asked(row)}", str(row["pairs"]), method, *cells))
    return _markdown(("asked for", "pairs", "method", *BRIEF), lines)


def _title(row: Mapping[str, Any]) -> str:
    before = {"neutral": "happy", OTHER_PHOTO: "a photo"}.get(row["expression"], "neutral")
    counts = f"{row['people']} people, {row['pairs']} pairs"
    return f"{row['set']}: {before} to {row['expression']}, {asked(row)} ({counts})"


def _meanings(columns: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{c['name']}: {c['meaning']}{f' ({unit})' if (unit := c['unit']) else ''}" for c in columns) + "."


def _cell(score: Sequence[float] | None) -> str:
    return "-" if score is None else "{:.3g} ({:.3g} to {:.3g})".format(*score[:3])


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
