"""The tables of explanations, counterfactuals and influence for the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fer_demo.inference.explain.many_faces import region_row


def explanations_text(table: Mapping[str, Any]) -> str:
    """What was asked, and a row of counts for each method."""
    rows = table["rows"]
    words = list(rows[0]["words"])
    checks = list(rows[0]["passed"])
    head = ["method", *words, *(f"passes {name}" for name in checks), "most often fails because"]
    lines = [head, ["---"] * len(head), *(_row(row, words, checks) for row in rows)]
    return (
        f"For each of {table['faces']} faces ({table['data']}) the model's own label was explained by every method, "
        "and the map checked: deletion and insertion curves (Petsiuk et al. 2018) and ROAD (Rong et al. 2022) against "
        "a map of the middle, a map of the edges and ten random maps; cascading randomisation of the weights (Adebayo "
        "et al. 2018); small noise on the face. A map is faithful if it passes all five; it fails if one of those "
        "rivals does as well on most curves, or if it stays when the model forgets; otherwise it is weak. Counts are "
        "of faces.\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )


def _row(row: Mapping[str, Any], words: list[str], checks: list[str]) -> list[str]:
    counts = [str(row["words"][word]) for word in words]
    passed = [str(row["passed"][name]) for name in checks]
    reasons = list(row["failures"].items())
    why = f"{reasons[0][0].removeprefix('Fails: ').removesuffix('.')} ({reasons[0][1]})" if reasons else ""
    return [f"**{row['method']}**", *counts, *passed, why]


def counterfactuals_text(table: Mapping[str, Any]) -> str:
    """What was asked, and a row of counts for each expression that was wanted."""
    head = ["wanted", "faces", "found", "median step", "same person", f"{table['second']} agrees"]
    lines = [head, ["---"] * len(head), *map(_wanted_row, table["rows"])]
    return (
        f"For each of {table['faces']} faces ({table['data']}) another basic expression than the model's label was "
        "drawn, and the smallest step of the facial movements searched, by gradient through the landmark editor, after "
        "which this is the label. The step is in units: one movement of one side of the face at its full size is 1. Of "
        "the pictures found it is counted how many are inside the same-person band, and how many win over a recognizer "
        "that had no say in the search and did not name the expression before.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )


def _wanted_row(row: Mapping[str, Any]) -> list[str]:
    step = "" if row["step"] is None else f"{row['step']:.2f}"
    counts = [str(row[name]) for name in ("tried", "found", "same person", "second agrees")]
    return [f"**{row['wanted']}**", *counts[:2], step, *counts[2:]]


def influence_text(table: Mapping[str, Any]) -> str:
    """What was done, and what was found."""
    shown, harmful = table["most harmful"]
    rows = [
        *(
            (f"wrong labels among the first {share:.0%} by self-influence", f"{count} of {table['wrong']}")
            for share, count in table["first"]
        ),
        (f"planted faces among the {shown} most harmful", f"{harmful} of {table['questions']}"),
    ]
    lines = [("looked for", "found"), ("---", "---"), *rows]
    return (
        f"The last layer was taught anew, from nothing, on {table['faces']:,} faces ({table['data']}), and the "
        "influence of each on the layer's answers followed back (TracInCP: Pruthi et al. 2020). First a part of the "
        "labels was made wrong and all faces ranked by their influence on themselves. Then, for each face asked about, "
        "which did not teach, its mirror image was planted with a wrong label. The taught layer and the model's own "
        "gave "
        f"{table['agreement']:.0%} of the faces asked about the same label.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )


def regions_text(table: Mapping[str, Any]) -> str:
    """What was asked, and a row of shares for each expression."""
    regions = [str(region) for region in table["regions"]]
    head = ["expression", *regions, "carries the answer"]
    lines = [head, ["---"] * len(head)]
    for expression, shares in table["rows"]:
        row = region_row(str(expression), list(shares))
        lines.append([f"**{expression}**", *(f"{share:+.0%}" for share in row.shares), row.carries])
    return (
        f"For each of {table['each']} faces of every expression ({table['data']}), how much each region gives to the "
        "logit of that expression: exact Shapley values, regions hidden by the face's mean grey, in shares of what all "
        "regions give. Below zero a region speaks against the expression. The rest is cheeks, forehead and "
        "background.\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    )
