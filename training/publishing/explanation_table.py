"""What was measured of explanations as text for docs/explanations.md, from the bundled evaluation files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.metrics.wilson import wilson_interval
from training.evaluation.explanations.text import regions_text
from training.evaluation.record import EVALUATION_FILE, Evaluation
from training.publishing.card_tables import text_table

_NOBODY = "Nothing measured yet."


def explanation_tables(folder: Path = BUNDLED_FOLDER) -> str:
    """Verdict rates, counterfactuals, influence and regions of every bundled model that has them."""
    tables = {
        name: Evaluation.read(folder / name / EVALUATION_FILE).tables
        for name in MODELS
        if (folder / name / EVALUATION_FILE).is_file()
    }
    parts = [_verdicts(tables), _counterfactuals(tables), _influence(tables), _regions(tables)]
    return "\n\n".join(part for part in parts if part) or _NOBODY


def _verdicts(tables: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            MODELS[name].title,
            row["method"],
            _rate(row["words"]["faithful"], found["faces"]),
            *(str(row["words"][word]) for word in ("weak", "fails", "no evidence")),
        )
        for name, found in _with(tables, "explanations")
        for row in found["rows"]
    ]
    head = ("model", "method", "faithful, of faces (95 % interval)", "weak", "fails", "no evidence")
    return f"### How often maps can be believed\n\n{text_table(head, rows)}" if rows else ""


def _counterfactuals(tables: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, found in _with(tables, "counterfactuals"):
        by_wanted = found["rows"]
        hits, agreed, kept = (sum(row[key] for row in by_wanted) for key in ("found", "second agrees", "same person"))
        rows.append((MODELS[name].title, _rate(hits, found["faces"]), _rate(kept, hits), _rate(agreed, hits)))
    head = ("model", "change found, of faces", "same person, of those found", "second recognizer won over")
    return f"### What would change the answer\n\n{text_table(head, rows)}" if rows else ""


def _influence(tables: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            MODELS[name].title,
            found["data"],
            *(_rate(count, found["wrong"]) for _, count in found["first"]),
            _rate(found["most harmful"][1], found["questions"]),
        )
        for part in ("influence", "influence, FER2013")
        for name, found in _with(tables, part)
    ]
    head = ("model", "taught on", "wrong labels in the first 5 %", "in the first 10 %", "planted face among the six")
    return f"### Which faces taught an answer\n\n{text_table(head, rows)}" if rows else ""


def _regions(tables: Mapping[str, Mapping[str, Any]]) -> str:
    parts = [f"#### {MODELS[name].title}\n\n{regions_text(found)}" for name, found in _with(tables, "regions")]
    return "\n\n".join(["### Which part of the face carries the answer", *parts]) if parts else ""


def _with(tables: Mapping[str, Mapping[str, Any]], part: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, found[part]) for name, found in tables.items() if part in found]


def _rate(hits: int, count: int) -> str:
    if not count:
        return "–"
    low, high = wilson_interval(hits, count)
    return f"{hits} of {count} ({low:.2f} to {high:.2f})"
