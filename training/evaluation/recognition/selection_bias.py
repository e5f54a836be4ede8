"""The inflation meter: what choosing a run's checkpoint by the test split would have seemed to gain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from fer_demo.checkpoints import load_model
from fer_demo.errors import DataError
from training.engine.run_folder import last_stage_folder
from training.recognition.answers import basic_answers, single_logits

CHECKPOINTS = "checkpoints"  # of a run: what `train --keep-checkpoints` kept, a folder per validation
VALIDATION_FILE = "validation.json"  # in each: its figures on the validation cut, and the images seen


def inflation_table(run: Path, views: Tensor, truth: np.ndarray, data: str) -> dict[str, Any] | None:
    """Every kept checkpoint's score on validation and accuracy on test, and the gain; None for a run that kept none.

    The gain is never below 0: it is the best test accuracy less that of the checkpoint which validation prefers.
    """
    rows = []
    for folder in sorted((last_stage_folder(run) / CHECKPOINTS).glob("*/")):
        figures = _validation(folder)
        model = load_model(str(folder))
        right = basic_answers(model, single_logits(model, views)) == truth
        rows.append([int(figures["images"]), float(figures["score"]), float(right.mean())])
    if not rows:
        return None
    rows.sort()
    chosen = max(rows, key=lambda row: (row[1], row[0]))  # of equals the later one, as the loop chooses
    return {"rows": rows, "gain": max(row[2] for row in rows) - chosen[2], "data": data}


def _validation(folder: Path) -> Mapping[str, Any]:
    path = folder / VALIDATION_FILE
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
        return {"images": figures["images"], "score": figures["score"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} cannot be read ({error}). Delete that checkpoint, or train again.") from error
