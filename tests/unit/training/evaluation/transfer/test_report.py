"""Scores of the transfer evaluation on methods whose answer is known, with the bundled synthetic faces as people."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.data.loading import load_bundled
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.identity import band_for, load_bands
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from fer_demo.published.model import FaceModelConfig, PublishedModel
from training.evaluation.transfer.methods import BASELINES
from training.evaluation.transfer.pairs import TransferPairs, TruePairs, aligned_faces
from training.evaluation.transfer.report import compare_methods, figures
from training.evaluation.transfer.scores import EvaluationModels, interval, jackknife
from training.evaluation.transfer.table import COLUMNS, Comparison, transfer_text

SIZE = 64


class NamesTheBrightestCorner(PublishedModel):
    """Expression k is marked by a white square at place k of the upper edge."""

    def expression_logits(self, faces: Tensor) -> Tensor:
        return torch.stack([faces[:, 0, :6, 8 * k : 8 * k + 6].mean(dim=(1, 2)) for k in range(7)], dim=1)


class SeesEveryFaceInPlace:
    """Finds the template's points in any picture."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        return (DetectedFace((0, 0, SIZE, SIZE), TEMPLATE * SIZE, 1.0),)


def marked(faces: Tensor, expression: int) -> Tensor:
    """The faces with the judge's mark of an expression."""
    faces = faces.clone()
    faces[..., :6, :] = -1
    faces[..., :6, 8 * expression : 8 * expression + 6] = 1
    return faces


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """The baselines on three sources of seven rendered people, who are unmarked, and marked drivers."""
    source = load_bundled()
    faces = aligned_faces(source.select([28 * person for person in range(7)]), SIZE, 1)
    faces[..., :6, :] = -1
    drivers = torch.stack([marked(faces[3:6], k) for k in range(7)], dim=1)
    labels = torch.zeros(len(faces), dtype=torch.int64)
    pairs = TransferPairs(faces[:3], drivers, faces, faces.flip(0), labels, faces[3:], "made up")
    truth = torch.stack([marked(faces[:3], k) for k in range(7)], dim=1)
    rendered = TruePairs(pairs.paired_sources.unflatten(0, (3, 7)), drivers, truth, "made up too")
    torch.manual_seed(0)  # an untaught embedder tells equal faces from others as well
    embedder = IdentityEmbedder(IdentityEmbedderConfig(widths=(4, 8, 8, 8), blocks=(1, 1, 1, 1)))
    judge = NamesTheBrightestCorner(FaceModelConfig(size=SIZE))
    models = EvaluationModels(judge, embedder.eval(), band_for(load_bands(), SIZE), SeesEveryFaceInPlace(), seed=0)

    def mark_alone(sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
        return torch.cat([drivers[..., :6, :], sources[..., 6:, :]], dim=-2)

    methods = {"perfect": mark_alone, **BASELINES}
    judge.register_parameter("unused", torch.nn.Parameter(torch.zeros(1)))
    return compare_methods(methods, pairs, rendered, models)


def value(comparison: Comparison, method: str, column: str) -> float:
    return comparison.rows[method][column].value


def test_copying_the_input_keeps_everything_and_reaches_nothing_but_by_chance(comparison: Comparison) -> None:
    kept = {"identity kept": 1, "identity rank-1": 1, "sharpness ratio": 1, "face found": 1}
    lost = {
        "cycle error": 0,
        "diversity": 0,
        "brightness drift": 0,
        "head pose drift": 0,
        "share of the true change": 0,
    }
    for column, expected in (kept | lost).items():
        assert value(comparison, "input copied", column) == pytest.approx(expected, abs=1e-5), column
    assert value(comparison, "input copied", "expression reached") == pytest.approx(1 / 7)


def test_copying_the_driver_reaches_the_expression_on_somebody_else(comparison: Comparison) -> None:
    assert value(comparison, "driver copied", "expression reached") == 1
    assert value(comparison, "driver copied", "expression reached, of the drivers' own") == 1
    assert value(comparison, "driver copied", "identity rank-1") == 0
    assert value(comparison, "driver copied", "share of the true change") < 0


def test_a_perfect_transfer_reaches_both_at_once_and_equals_the_truth(comparison: Comparison) -> None:
    for column in ("both at once", "identity rank-1", "SSIM to the truth", "share of the true change"):
        assert value(comparison, "perfect", column) == pytest.approx(1, abs=1e-4), column
    assert value(comparison, "perfect", "L1 to the truth") == 0
    assert value(comparison, "perfect", "perceptual distance to the truth") == pytest.approx(0, abs=1e-5)
    assert value(comparison, "perfect", "expression reached, rendered drivers") == 1


def test_blending_blurs_neither_but_doubles_the_person(comparison: Comparison) -> None:
    distance = value(comparison, "50/50 pixel blend", "identity distance")
    assert 0 < distance < value(comparison, "driver copied", "identity distance")


def test_the_drivers_themselves_are_read_rightly(comparison: Comparison) -> None:
    assert [score.value for score, _ in comparison.ceilings.values()] == [1, 1]


def test_figures_are_the_models_and_the_table_has_every_method(comparison: Comparison) -> None:
    found = {figure.name: figure for figure in figures(comparison)}
    assert set(found) == {*COLUMNS, *comparison.ceilings}
    assert found["identity kept"].interval == (1, 1)
    assert found["identity kept"].count == 21
    assert found["L1 to the truth"].data == "made up too"
    table = json.loads(json.dumps(comparison.table()))
    assert [row["method"] for row in table["rows"]] == ["perfect", *BASELINES]
    assert table["rows"][0]["scores"]["identity kept"] == [1, 1, 1, 21]


def test_the_table_becomes_text_for_the_card(comparison: Comparison) -> None:
    text = transfer_text(comparison.table())
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(COLUMNS)
    assert lines[2].startswith("| **expression reached** | 1 (1 to 1) | 0.143 (0.143 to 0.143) |")
    assert all(line.count("|") == lines[0].count("|") for line in lines)


def test_an_interval_redraws_people_and_not_pairs() -> None:
    # Ten people whose seven results agree: as wide as that of ten coins, not of seventy.
    values = np.repeat(np.arange(10)[:, None] % 2, 7, axis=1).astype(float)
    score = interval(values, seed=0)
    assert score.value == 0.5
    assert score.count == 70
    assert score.high - score.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 10), abs=0.1)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    features = np.random.default_rng(0).normal(size=(10, 1))
    score = jackknife(features, lambda rows: float(rows.mean()))
    assert score.value == pytest.approx(features.mean())
    assert (score.high - score.low) / 2 == pytest.approx(1.96 * features.std(ddof=1) / np.sqrt(10))
