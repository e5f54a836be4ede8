"""Every recipe of the catalogue from no runs at all: two steps of each stage, killed in each, resumed and reloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.engine.loop as loop
from fer_demo.checkpoints import load_model
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.models.tdgan import TDGANConfig
from tests.training_data import SIZE, validate_on_few, write_training_data
from tests.walks import entered, walks
from training.catalog import RECIPES
from training.engine.loop import RunSettings
from training.engine.run_folder import read_chain, read_recipe
from training.engine.stages import Part, StagedRecipe, train_stages
from training.engine.trained_on import TrainedOn
from training.ipd_fer import watching
from training.recipes import tdgan, tdgan_published, ter_gan
from training.recipes.landmark_editor import LandmarkEditorTraining

BATCH = 8  # an editor's holds pairs, people and drivers
OTHERS = {
    "expression_classifier": {"lfw"},
    "tdgan": {"lfw", "ckplus", "london"},
    "tdgan_published": {"lfw"},
    "ter_gan": {"lfw", "ckplus", "london"},
    "ipd_fer": {"lfw", "ckplus", "london"},
    "efficientnet_lite": {"ckplus", "london", "imagenet"},
    "face_resnet": {"ckplus", "london", "dlib", "lfw"},  # the last by one of its teachers
    "landmark_editor": {"lfw", "ckplus", "london"},
    "us_gan": {"ckplus", "london"},
    "star_gan": {"ckplus", "london"},
    "pixel_regression": {"ckplus", "london"},
}
WITHOUT_FER2013 = {"pixel_regression"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module", autouse=True)
def found_once() -> Iterator[None]:
    """Each of the few pictures is searched for faces once, not in every stage of every run."""
    search, found = RetinaFaceDetector.detect, dict[Any, Any]()

    def detect(detector: RetinaFaceDetector, photo: np.ndarray) -> Any:
        key = photo.shape, photo.tobytes()
        if key not in found:
            found[key] = search(detector, photo)
        return found[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RetinaFaceDetector, "detect", detect)
        yield


@pytest.fixture(autouse=True)
def small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of TDGAN and TER-GAN, whose own take most of a minute; test_models has those that are published."""
    validate_on_few(monkeypatch)
    monkeypatch.setattr(watching, "FACES", 8)
    small = partial(TDGANConfig, noise_channels=8, residual_units=1, head_units=8)
    monkeypatch.setitem(tdgan.MODELS, 64, small(noise_channels=0, decoder_channels=(8, 8, 8)))
    monkeypatch.setattr(ter_gan, "MODEL", small(noise_channels=0, decoder_channels=(8, 8, 8)))
    monkeypatch.setattr(tdgan_published, "TDGANConfig", small)
    monkeypatch.setitem(tdgan_published.NETWORKS, "paper", ((8, 8, 8, 8), 8))


def rehearsal(name: str) -> StagedRecipe:
    """Two steps of every stage."""
    recipe = replace(RECIPES[name], length_factor=1e-9, batch=BATCH)
    if isinstance(recipe, LandmarkEditorTraining):
        recipe = replace(recipe, size=SIZE, paints=True)
    return recipe


def dies_once_in_each_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its state is saved between the two steps."""
    original = loop.save_state

    def dies(objective: Any, position: Any, folder: Path) -> None:
        original(objective, position, folder)
        if position.images == BATCH:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_state", dies)


@pytest.mark.parametrize("name", RECIPES)
def test_all_stages_run_from_nothing_and_a_killed_run_equals_an_unbroken_one(
    name: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = rehearsal(name)
    settings = RunSettings(tmp_path / "whole", data=data, device="cpu")
    walk = walks().get(f"One picture through the training of {name}", [])
    with entered() if walk else nullcontext([]) as files:
        whole = train_stages(name, recipe, settings, Part())
    assert [file for file in files if file in walk] == walk
    stages = list(recipe.stages(whole))
    chain = read_chain(whole)
    assert [(one["stage"], one["images"]) for one in chain] == [(stage, 2 * BATCH) for stage in stages]
    model = load_model(str(whole / "best"))
    assert model.origin is not None
    assert chain[-1]["sha256"] == model.origin.sha256 == load_model(str(whole / stages[-1] / "best")).origin.sha256  # type: ignore[union-attr]
    assert read_recipe(whole)["method"] == model.method == name
    read = TrainedOn.read(whole / "best").sets
    assert ({"fer2013", "ferplus"} <= read) == (name not in WITHOUT_FER2013)
    assert read - {"fer2013", "ferplus", "synthetic"} == OTHERS.get(name, set())

    parts = replace(settings, out=tmp_path / "parts", save_every=BATCH)
    with monkeypatch.context() as patch:
        dies_once_in_each_stage(patch)
        for stage in stages:
            with pytest.raises(KeyboardInterrupt):
                train_stages(name, recipe, parts, Part())
            assert (parts.out / stage / "state.pt").exists()
            assert not (parts.out / stage / "ended.json").exists()
    train_stages(name, recipe, parts, Part())
    assert (parts.out / "best/model.safetensors").read_bytes() == (whole / "best/model.safetensors").read_bytes()
    assert [one["sha256"] for one in read_chain(parts.out)] == [one["sha256"] for one in chain]
    record = json.loads((parts.out / "stages.json").read_text())
    assert all(one["minutes"] >= 0 and one["settings"]["batch"] == BATCH for one in record)
