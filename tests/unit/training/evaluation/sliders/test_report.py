"""Sliders of editors whose answers are known: the exact one, a lazy one, one that mixes sliders up, and one at rest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.capabilities import Edit
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.inference.transfer.editing import SLIDERS, slider_direction
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from tests.editors import tiny_landmark_editor
from training.engine.trained_on import TrainedOn
from training.evaluation.commands import SliderSettings, evaluate_sliders
from training.evaluation.record import Evaluation
from training.evaluation.sliders.report import Mover, SliderReport, displacements, mover_of, own_share, slider_report
from training.evaluation.sliders.scenes import SliderScenes, render_slider_scenes
from training.evaluation.sliders.table import MEAN
from training.publishing.card_tables import tables_text

SIZE, PEOPLE, COUNT = 32, 4, len(SLIDERS)
STEP = 2.0  # pixels that the truth moves landmarks, each slider two of its own


def scenes() -> SliderScenes:
    """Slider k brightens row k of the picture, and moves landmarks 2 k and 2 k + 1 to the right."""
    generator = torch.Generator().manual_seed(0)
    sources = torch.rand(PEOPLE, 1, SIZE, SIZE, generator=generator) - 0.5
    truth = sources[:, None].repeat(1, COUNT, 1, 1, 1)
    moved = np.zeros((PEOPLE, COUNT, 68, 2))
    for slider in range(COUNT):
        truth[:, slider, 0, slider] += 0.1 + 0.02 * slider
        moved[:, slider, 2 * slider : 2 * slider + 2, 0] = STEP
    points = np.stack(np.meshgrid(np.arange(17), np.arange(4)), axis=-1).reshape(68, 2) * [1.5, 6.0] + 4.0
    return SliderScenes(1.0, sources, truth, np.tile(points, (PEOPLE, 1, 1)), moved)


def mover(known: SliderScenes, mixture: np.ndarray, pixels: float = 0.0) -> Mover:
    """Does `mixture[i]` of every slider's true change when slider i is moved, and moves all pixels to the right."""
    weights = torch.from_numpy(mixture).float()

    def move(face: Tensor, changes: Tensor) -> Edit:
        assert torch.equal(changes, torch.from_numpy(np.stack([slider_direction(name) for name in SLIDERS])))
        person = next(row for row, source in enumerate(known.sources) if torch.equal(source, face[0]))
        should = known.truth[person] - known.sources[person]
        result = face + torch.einsum("ij,jchw->ichw", weights, should)
        flow = torch.zeros(COUNT, 2, SIZE // 2, SIZE // 2)
        flow[:, 0] = -pixels * 2 / SIZE  # what is shown at p comes from its left
        return Edit(result, flow, *torch.zeros(4, COUNT, 1, SIZE, SIZE), *torch.zeros(2, COUNT, 68, 2))

    return move


def values(report: SliderReport, slider: str = MEAN) -> dict[str, float]:
    return {name: score.value for name, score in report.rows[slider].items()}


def test_an_exact_editor_is_pure_and_reaches_everything() -> None:
    known = scenes()
    found = values(slider_report(mover(known, np.eye(COUNT), pixels=STEP), known, seed=0))
    for name in ("purity", "reached", "share of the true change", "movement reached"):
        assert found[name] == pytest.approx(1, abs=1e-4)
    assert found["movement inside"] == pytest.approx(found["true movement inside"], rel=1e-3)
    assert found["movement outside"] == pytest.approx(found["movement inside"], rel=1e-3)  # it moved every pixel


def test_a_lazy_editor_is_as_pure_but_reaches_half() -> None:
    known = scenes()
    found = values(slider_report(mover(known, np.eye(COUNT) / 2, pixels=STEP / 2), known, seed=0))
    assert found["purity"] == pytest.approx(1, abs=1e-4)
    for name in ("reached", "share of the true change", "movement reached"):
        assert found[name] == pytest.approx(0.5, abs=1e-3)


def test_a_slider_that_moves_another_as_much_is_half_pure() -> None:
    known = scenes()
    strength = np.array([0.1 + 0.02 * slider for slider in range(COUNT)])
    mixture = np.eye(COUNT)
    mixture[3, 7] = -strength[3] / strength[7]  # as many grey levels of slider 7, taken away
    report = slider_report(mover(known, mixture), known, seed=0)
    names = list(SLIDERS)
    assert values(report, names[3])["purity"] == pytest.approx(0.5, abs=1e-3)
    assert values(report, names[3])["reached"] == pytest.approx(1, abs=1e-3)
    assert values(report, names[7])["purity"] == pytest.approx(1, abs=1e-3)
    assert values(report)["purity"] == pytest.approx(1 - 0.5 / COUNT, abs=1e-3)


def test_an_editor_that_does_nothing_has_no_purity_and_moves_nothing() -> None:
    known = scenes()
    found = values(slider_report(mover(known, np.zeros((COUNT, COUNT))), known, seed=0))
    assert found.pop("true movement inside") > 0
    assert found == dict.fromkeys(found, 0.0)


def test_a_change_backwards_is_not_the_sliders_own() -> None:
    assert own_share(-np.eye(3, 5), np.eye(3, 5)).tolist() == [0, 0, 0]


def test_a_landmark_is_found_where_the_field_takes_it() -> None:
    across = (torch.arange(SIZE) * 2 + 1) / SIZE - 1
    flow = torch.zeros(1, 2, SIZE, SIZE)
    flow[0, 0] = -0.2 * across  # the result at x shows x - 0.2 x: a point at x goes to x / 0.8
    points = np.array([[20.0, 10.0], [16.0, 16.0]])
    found = displacements(flow, points, SIZE)[0]
    assert found[0] == pytest.approx([4 / 0.8 - 4, 0], abs=1e-3)
    assert found[1] == pytest.approx([0, 0], abs=1e-3)


def test_intervals_are_over_people_and_hold_the_value() -> None:
    known = scenes()
    noise = np.random.default_rng(0).normal(0, 0.1, (COUNT, COUNT))
    report = slider_report(mover(known, np.eye(COUNT) + noise), known, seed=0)
    score = report.rows["smile"]["purity"]
    assert score.low <= score.value <= score.high
    assert score.count == PEOPLE
    assert report.rows[MEAN]["purity"].count == PEOPLE * COUNT
    assert {figure.name for figure in report.figures} >= {"slider purity", "slider movement outside"}


def test_rendered_truth_moves_the_landmarks_of_its_own_region() -> None:
    rendered = render_slider_scenes(1, 48, 0.7, seed=0)
    assert rendered.truth.shape == (1, COUNT, 1, 48, 48)
    far = np.linalg.norm(rendered.moved[0], axis=-1)
    brows, mouth = slice(17, 27), slice(48, 68)
    for name in ("inner brow raise", "outer brow raise", "brow lower"):
        row = list(SLIDERS).index(name)
        assert far[row, brows].max() > 10 * far[row, mouth].max()
    for name in ("smile", "jaw open", "lip pucker"):
        row = list(SLIDERS).index(name)
        assert far[row, mouth].max() > 10 * far[row, brows].max()
    assert all((rendered.truth[0, row] != rendered.sources[0]).any() for row in range(COUNT))


def test_the_command_writes_figures_and_a_table_for_the_card(tmp_path: Path) -> None:
    tiny_landmark_editor().save(tmp_path)
    TrainedOn({"fer2013": 1}).write(tmp_path)
    path = evaluate_sliders(SliderSettings(str(tmp_path), people=2))
    evaluation = Evaluation.read(path)
    assert "evaluate sliders" in evaluation.measured["sliders"].command
    assert [figure.count for figure in evaluation.figures] == [2 * COUNT] * 4
    text = tables_text(json.loads(path.read_text())["tables"])
    assert "### Sliders against the rendered truth" in text
    assert text.count("\n| **") == COUNT + 1


def test_a_model_without_sliders_and_senseless_settings_are_refused() -> None:
    with pytest.raises(CheckpointError, match="landmark editor"):
        mover_of(TDGAN(TDGANConfig(head_units=8, decoder_channels=(8, 8, 8), residual_units=1, noise_channels=1)))
    with pytest.raises(SettingsError):
        SliderSettings("landmark_editor", people=1)
    with pytest.raises(SettingsError):
        SliderSettings("landmark_editor", amount=0.0)
