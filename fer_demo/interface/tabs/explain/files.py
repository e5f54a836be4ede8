"""What is taken home: the maps as a picture, the verdicts with all figures, and the values of every pixel."""

from __future__ import annotations

import io
import json

import numpy as np
from PIL import Image

from fer_demo.errors import DataError
from fer_demo.figures.strips import sheet
from fer_demo.inference.explain.curves import SHARES
from fer_demo.interface.tabs.explain.change import Changed, figures_of_change
from fer_demo.interface.tabs.explain.explaining import Explained
from fer_demo.interface.tabs.explain.view import map_picture
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
        return f"{name}.png", "image/png", _png(shown, opacity)
    if kind == JSON:
        change = {} if changed is None else {"change": figures_of_change(changed)}
        return f"{name}.json", "application/json", json.dumps(_figures(shown) | change, indent=2).encode()
    rows = [
        (method, row, column, f"{float(value):.6g}")
        for method, one in shown.maps.items()
        for (row, column), value in np.ndenumerate(one.heat)
    ]
    return f"{name}.csv", "text/csv", csv_lines([COLUMNS, *rows]).encode()


def _png(shown: Explained, opacity: float) -> bytes:
    pictures = [map_picture(shown, method, opacity) for method in shown.maps]
    words = [one.verdict.word for one in shown.maps.values() if one.verdict is not None]
    buffer = io.BytesIO()
    Image.fromarray(sheet([pictures], list(shown.maps), [words])).save(buffer, format="PNG")
    return buffer.getvalue()


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
