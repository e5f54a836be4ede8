"""Averaged checkpoints: the mean of the weights, with what it is the mean of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.engine.average import AverageSettings, average, averaged
from training.engine.trained_on import TrainedOn


def a_run(folder: Path, seed: int, width: int = 4) -> Path:
    torch.manual_seed(seed)
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(width,), blocks=(1,))).save(
        folder / "best"
    )
    (folder / "recipe.json").write_text(json.dumps({"recipe": "ExpressionClassifierRecipe", "images": seed}))
    TrainedOn({"fer2013": 10} if seed == 1 else {"lfw": 3}).write(folder / "best")
    return folder


def test_every_weight_is_the_mean_by_the_shares(tmp_path: Path) -> None:
    runs = (a_run(tmp_path / "one", 1), a_run(tmp_path / "other", 2))
    out = average(AverageSettings(runs, tmp_path / "out", shares=(3.0, 1.0)))
    one, other, mean = (load_model(str(folder / "best")).state_dict() for folder in (*runs, out))
    moved = [name for name in one if not torch.equal(one[name], other[name])]
    assert moved
    for name in moved:
        torch.testing.assert_close(mean[name], one[name] * 0.75 + other[name] * 0.25, atol=2e-3, rtol=2e-3)


def test_the_folder_says_what_was_averaged(tmp_path: Path) -> None:
    runs = (a_run(tmp_path / "one", 1), a_run(tmp_path / "other", 2) / "best")
    recipe = json.loads((average(AverageSettings(runs, tmp_path / "out")) / "recipe.json").read_text())
    assert recipe["images"] == 2
    assert [Path(folder).parent.name for folder in recipe["averaged"]] == ["one", "other"]
    assert recipe["shares"] == [0.5, 0.5]
    assert TrainedOn.read(tmp_path / "out" / "best").sets == {"fer2013", "lfw"}


def test_a_calibration_of_one_is_not_the_means(tmp_path: Path) -> None:
    models = [load_model(str(a_run(tmp_path / str(seed), seed) / "best")) for seed in (1, 2)]
    models[0].calibration = load_model("expression_judge").calibration
    assert models[0].calibration is not None
    assert averaged(models, [0.5, 0.5]).calibration is None


def test_networks_of_two_shapes_have_no_mean(tmp_path: Path) -> None:
    runs = (a_run(tmp_path / "one", 1), a_run(tmp_path / "other", 2, width=8))
    with pytest.raises(CheckpointError, match="same settings"):
        average(AverageSettings(runs, tmp_path / "out"))


def test_a_checkpoint_without_a_run_is_refused(tmp_path: Path) -> None:
    runs = (a_run(tmp_path / "one", 1), a_run(tmp_path / "other", 2))
    (runs[1] / "recipe.json").unlink()
    with pytest.raises(DataError, match="Give the folder of a training run"):
        average(AverageSettings(runs, tmp_path / "out"))


@pytest.mark.parametrize("shares", [(1.0,), (0.0, 0.0), (1.0, -1.0)])
def test_shares_that_make_no_mean_are_refused(tmp_path: Path, shares: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match="--shares"):
        AverageSettings((tmp_path, tmp_path), tmp_path / "out", shares)


def test_one_run_has_no_mean(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="two runs"):
        AverageSettings((tmp_path,), tmp_path / "out")
