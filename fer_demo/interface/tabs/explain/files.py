"""What is taken home: the maps as a picture, the verdicts with all figures, and the values of every pixel."""

from __future__ import annotations

import json

import numpy as np

from fer_demo.errors import DataError
from fer_demo.figures.strips import marked, sheet, stacked
from fer_demo.images import resize
from fer_demo.inference.explain.curves import SHARES
from fer_demo.inference.study.synthetic_files import photo_bytes, png_bytes
from fer_demo.interface.tabs.explain.change import Changed, figures_of_change
from fer_demo.interface.tabs.explain.explaining import Explained
from fer_demo.interface.tabs.explain.view import SIDE, map_picture
from fer_demo.interface.widgets.downloads import Made
from fer_demo.outputs import csv_lines

PNG, JSON, CSV = KINDS = ("PNG", "JSON", "CSV")
COLUMNS = ("method", "row", "column", "value")  # a value above 0 speaks for the answer


def file_of(kind: str, shown: Explained | None, opacity: float, changed: Changed | None) -> Made:
    """A file of one of KINDS; raises DataError before everything is checked."""
    if shown is None or not shown.checked:
        raise DataError("These maps are not checked yet; press “Check these maps” first.")
    name = f"{shown.model.replace('/', '-')}-{shown.question.replace(' ', '-')}"
    if kind == PNG:
        return f"{name}.png", "image/png", _png(shown, opacity, changed)
    if kind == JSON:
        change = {} if changed is None else {"change": figures_of_change(changed)}
        return f"{name}.json", "application/json", json.dumps(_figures(shown) | change, indent=2).encode()
    rows = [
        (method, row, column, f"{float(value):.6g}")
        for method, one in shown.maps.items()
        for (row, column), value in np.ndenumerate(one.heat)
    ]
    return f"{name}.csv", "text/csv", csv_lines([COLUMNS, *rows]).encode()


def _png(shown: Explained, opacity: float, changed: Changed | None) -> bytes:
    """The maps with their verdicts; below them the changed face, if one was searched, and then marked as edited."""
    pictures = [map_picture(shown, method, opacity) for method in shown.maps]
    words = [one.verdict.word for one in shown.maps.values() if one.verdict is not None]
    paper = sheet([pictures], list(shown.maps), [words])
    if changed is None:
        return photo_bytes(paper)
    found = changed.found
    before, after = (resize(face, SIDE) for face in (found.edited.before, found.edited.pixels))
    row = [before, marked(after[np.newaxis])[0]]
    below = sheet([row], ["as it is", f"changed to {found.wanted}"], [[found.before, found.after]])
    return png_bytes(stacked(paper, below))


def _figures(shown: Explained) -> dict[str, object]:
    methods = {}
    for method, one in shown.maps.items():
        assert one.verdict is not None  # all are checked
        checks = [
            {"name": check.name, "figure": round(check.figure, 4), "passed": check.passed, "words": check.words}
            for check in one.verdict.checks
        ]
        curves = {name: [round(float(value), 4) for value in row] for name, row in one.curves.items()}
        methods[method] = {
            "question": one.question,
            "word": one.verdict.word,
            "sentence": one.verdict.sentence,
            "checks": checks,
            "curves": curves,
        }
    return {"model": shown.model, "question": shown.question, "shares": list(SHARES), "methods": methods}
