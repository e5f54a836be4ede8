"""Evaluation of a run's best model on data that neither taught nor chose it; writes the file its card is made from."""

from __future__ import annotations

import datetime
import platform
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

from fer_demo.capabilities import EditsExpression, RecognizesExpression
from fer_demo.checkpoints import load_model
from fer_demo.published_model import PublishedModel
from training.latent_map import write_latent_map
from training.model_card import EVALUATION_FILE, Evaluation, Figure
from training.publish import BEST_FOLDER, MAP_FILE
from training.recognition_report import recognition_report
from training.transfer_report import transfer_report


@dataclass(frozen=True)
class EvaluateSettings:
    """What to evaluate and on what."""

    run: tyro.conf.Positional[Path]  # folder of a training run, or of a checkpoint
    data: Path  # folder with fer2013/ and lfw/
    judge: str = "expression_classifier"  # recognizer that reads the generated faces; catalogue name or folder
    seed: int = 0  # of bootstrap, pairs and the map


def evaluate(settings: EvaluateSettings) -> Path:
    """Measure, and write evaluation.json (and the latent map of a model with codes) beside the weights."""
    best = settings.run / BEST_FOLDER
    folder = best if best.is_dir() else settings.run
    model = load_model(str(folder))
    figures: list[Figure] = []
    with torch.inference_mode():
        if isinstance(model, RecognizesExpression):
            figures += recognition_report(model, settings.data, settings.seed)
        if isinstance(model, EditsExpression):
            figures += transfer_report(model, load_model(settings.judge), settings.data, settings.seed)
            write_latent_map(model, folder / MAP_FILE, settings.seed)
    path = folder / EVALUATION_FILE
    evaluation = Evaluation(
        weights_sha256=_digest(model),
        command=shlex.join(["python", "-m", "training", *sys.argv[1:2], settings.run.name, "--data", "DATA"]),
        seed=settings.seed,
        date=datetime.date.today().isoformat(),
        machine=f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}",
        trained_on=("fer2013", "ferplus", "lfw", "synthetic")
        if isinstance(model, EditsExpression)
        else ("fer2013", "ferplus", "synthetic"),
        figures=tuple(figures),
    )
    evaluation.write(path)
    for figure in figures:
        print(f"{figure.value:8.4f} {figure.unit:4} {figure.name}  [{figure.data}, {figure.count}]")
    return path


def _digest(model: PublishedModel) -> str:
    assert model.origin is not None  # load_model always sets it
    return model.origin.sha256
