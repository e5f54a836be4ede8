"""Test-set selection bias: the accuracy gained on paper by choosing a run's checkpoint on the test split."""

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


def selection_bias_table(run: Path, views: Tensor, truth: np.ndarray, data: str) -> dict[str, Any] | None:
    """Validation score and test accuracy of every kept checkpoint, and the bias; None for a run that kept none.

    The bias is the best test accuracy minus that of the checkpoint chosen on validation, so never below 0.
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
