"""Evaluation of an editor beside the true pictures of people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from fer_demo.capabilities import EditsByLabel, EditsExpression, EditsPhoto
from fer_demo.errors import CheckpointError
from training.evaluation.pairs.report import pairs_report
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.record import EVALUATION_FILE

TABLE = "pairs"  # its name in the evaluation file, which the app reads


@dataclass(frozen=True)
class PairsSettings:
    """Which editor to hold against the truth."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    data: Path  # folder with pairs/ beside fer2013/ and lfw/; only read
    seed: int = 0  # of who drives whom, and of the bootstrap


def evaluate_pairs(settings: PairsSettings) -> Path:
    """Write evaluation.json beside the weights.

    Raises: CheckpointError if the model edits no faces, DataError if the pairs are missing.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if not isinstance(model, EditsExpression | EditsPhoto | EditsByLabel):
        raise CheckpointError(f"{settings.run} holds a {type(model).__name__}, which edits no faces.")
    found = pairs_report(model, settings.data, settings.seed)
    path = folder / EVALUATION_FILE
    write_part(path, model, TABLE, run, settings.seed, found.figures, {TABLE: found.table}, "--data DATA")
    return path
