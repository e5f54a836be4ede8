"""The table of explanations for the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
