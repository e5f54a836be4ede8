"""The table of disentanglement as text for the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fer_demo.inference.leakage.disentanglement import CODE_TITLES, METRICS, Leaks, disentanglement_from


def disentanglement_text(table: Mapping[str, Any]) -> str:
    """What is read from every code, what follows, and every metric of every code."""
    found = disentanglement_from(table)
    parts = [
        f"Measured on {found.faces:,} faces: {found.data}. A linear probe reads the first {found.dims} principal "
        "dimensions of each code. People are learned from some pictures and found in others; expressions are learned "
        "from some people and found in others. Brackets hold 95 % intervals over people.",
        *(_leaks_text(leaks) for leaks in found.leaks),
        "\n".join(f"- {one.finding}" for one in found.differences),
        f"The metrics below see {found.dims} principal dimensions of a code and these factors: "
        f"{', '.join(found.factors)}. 1 is the best. The axes of the model's codes mean nothing by themselves, so low "
        "values of the metrics that look at single dimensions are expected; the row of random numbers shows what a "
        "code gets for nothing.",
        _lines(("code", *METRICS), [(CODE_TITLES[code], *_shares(scores)) for code, scores in found.scores.items()]),
    ]
    return "\n\n".join(part for part in parts if part)


def _leaks_text(leaks: Leaks) -> str:
    rows = [
        (CODE_TITLES[one.code], f"{one.score:.3f} ({one.low:.3f} to {one.high:.3f})", f"{one.control:.3f}")
        for one in leaks.readings
    ]
    return f"The {leaks.target}, right by chance in {leaks.chance:.3f}:\n\n" + _lines(
        ("read from", "right", "with shuffled labels"), rows
    )


def _shares(scores: Mapping[str, float]) -> list[str]:
    return [f"{scores[name]:.3f}" for name in METRICS]


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))
