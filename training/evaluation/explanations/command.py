"""`evaluate explanations`: which methods tell the truth about a recognizer, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from fer_demo.capabilities import RecognizesExpression
from fer_demo.data.loading import load_fer2013
from fer_demo.errors import CheckpointError, SettingsError
from training.evaluation.explanations.report import explanation_report
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.recognition.report import PUBLIC_TEST
from training.evaluation.record import EVALUATION_FILE

PART = "explanations"  # of an evaluation file, and its table


@dataclass(frozen=True)
class ExplanationSettings:
    """Which recognizer to explain, and on how many faces."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    data: Path  # folder with fer2013/
    faces: int = 200  # of FER2013 PublicTest, drawn at random: a few seconds each
    seed: int = 0  # of the faces, the random maps and the weights that are shuffled

    def __post_init__(self) -> None:
        if self.faces < 1:
            raise SettingsError("Give --faces 1 or more.")


def evaluate_explanations(settings: ExplanationSettings) -> Path:
    """Write evaluation.json beside the weights.

    Raises: CheckpointError if the model recognizes nothing, DataError if too few faces have landmarks.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if not isinstance(model, RecognizesExpression):
        raise CheckpointError(f"{run} holds a {type(model).__name__}, which recognizes no expressions.")
    source = load_fer2013(settings.data, "public_test")
    found = explanation_report(model, source, PUBLIC_TEST, settings.faces, settings.seed)
    path = folder / EVALUATION_FILE
    options = f"--data DATA --faces {settings.faces}"
    write_part(path, model, PART, run, settings.seed, found.figures, {PART: found.table}, options)
    return path
