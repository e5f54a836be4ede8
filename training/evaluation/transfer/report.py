"""How well a model carries expressions over to strangers, beside baselines, on fixed pairs that nobody chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from tqdm import tqdm

from fer_demo.capabilities import EditsByLabel
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.identity import band_for, load_bands
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel
from training.evaluation.record import Figure
from training.evaluation.transfer.methods import BASELINES, Transfer, as_transfer
from training.evaluation.transfer.pairs import TransferPairs, TruePairs, real_pairs, true_pairs, with_rendered_drivers
from training.evaluation.transfer.scores import (
    EvaluationModels,
    References,
    interval,
    score_against_truth,
    score_as_a_set,
    score_on_strangers,
    score_rendered_drivers,
)
from training.evaluation.transfer.table import COLUMNS, RENDERED, Comparison, Scores


def figures(comparison: Comparison) -> list[Figure]:
    """The model's scores and the judge's ceilings; the baselines' scores are in the comparison's table."""
    model = next(iter(comparison.rows.values()))
    found = [(name, score, comparison.data[name], COLUMNS[name].unit) for name, score in model.items()]
    found += [(name, score, where, "") for name, (score, where) in comparison.ceilings.items()]
    return [
        Figure(name, score.value, where, score.count, unit, interval=(score.low, score.high))
        for name, score, where, unit in found
    ]


@torch.inference_mode()
def compare_transfers(model: PublishedModel, judge: PublishedModel, data: Path, seed: int) -> Comparison:
    """A model and the baselines at the model's size; minutes on one core."""
    size, channels = model.config.size, model.config.channels
    models = load_evaluation_models(judge, size, seed)
    strangers, rendered = real_pairs(data, size, channels, seed), true_pairs(data, size, channels, seed)
    methods = {type(model).__name__: as_transfer(model), **BASELINES}
    return compare_methods(methods, strangers, rendered, models, by_name=isinstance(model, EditsByLabel))


def load_evaluation_models(judge: PublishedModel, size: int, seed: int) -> EvaluationModels:
    """The judge beside the embedder, the band for faces of this size, and the detector."""
    embedder = load_model("identity_embedder")
    if not isinstance(embedder, IdentityEmbedder):
        raise CheckpointError(f"The identity_embedder is a {type(embedder).__name__}. Install fer_demo again.")
    return EvaluationModels(judge, embedder, band_for(load_bands(), size), RetinaFaceDetector(threads=1), seed)


@torch.inference_mode()
def compare_methods(
    methods: Mapping[str, Transfer],
    strangers: TransferPairs,
    rendered: TruePairs,
    models: EvaluationModels,
    by_name: bool = False,
) -> Comparison:
    """All methods on the same pairs; an editor that is asked by name cannot give an unnamed expression back."""
    driven = with_rendered_drivers(strangers, rendered)
    references = References.of(models, strangers)
    driven_references = references.driven(models, driven)
    rows: dict[str, Scores] = {}
    data: dict[str, str] = {}
    for name, transfer in tqdm(methods.items(), desc="transfer", leave=False):
        parts = (
            (score_on_strangers(transfer, strangers, references, models, cycle=not by_name), strangers.data),
            (score_as_a_set(transfer, strangers, references, models), strangers.set_data),
            (score_rendered_drivers(transfer, driven, driven_references, models), driven.data),
            (score_against_truth(transfer, rendered, models), rendered.data),
        )
        found = {column: (score, where) for scores, where in parts for column, score in scores.items()}
        rows[name] = {column: found[column][0] for column in COLUMNS if column in found}
        data = {column: found[column][1] for column in rows[name]}
    read = "expression read from the drivers themselves"
    ceilings = {
        read: (interval(references.drivers_read, models.seed), strangers.data),
        f"{read}{RENDERED}": (interval(driven_references.drivers_read, models.seed), driven.data),
    }
    return Comparison(rows, data, ceilings, by_name)
