"""Models are loaded when somebody first asks for them, once for everybody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from fer_demo.checkpoints import describe_model, load_model
from fer_demo.errors import CheckpointError
from fer_demo.interface import loaded_models as module
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.model import PublishedModel

VISITORS = 4


@pytest.fixture
def folder(tmp_path: Path) -> str:
    save(tmp_path, 0)
    return str(tmp_path)


def save(folder: Path, seed: int) -> None:
    torch.manual_seed(seed)
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,))).save(folder)


def test_a_described_model_has_no_weights_until_it_is_asked_for(folder: str) -> None:
    models, told = LoadedModels({"tiny": describe_model(folder)}), []
    models.announce = told.append
    assert list(models) == ["tiny"]
    assert "tiny" in models
    assert models.described["tiny"].device.type == "meta"
    assert (told, models.is_loaded("tiny")) == ([], False)
    assert models["tiny"].device.type == "cpu"
    assert models["tiny"] is models["tiny"]
    assert told == ["tiny"]
    assert torch.equal(models["tiny"].state_dict()["stem.weight"], load_model(folder).state_dict()["stem.weight"])


def test_visitors_who_ask_at_once_wait_for_one_load(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, loads, told = threading.Barrier(VISITORS), [], []

    def load(source: str, revision: str | None) -> PublishedModel:
        loads.append(source)
        return load_model(source, revision)

    def announce(name: str) -> None:
        told.append(name)
        asked.wait(timeout=60)  # nobody goes on to load before everybody has found the model missing

    monkeypatch.setattr(module, "load_model", load)
    models = LoadedModels({"tiny": describe_model(folder)})
    models.announce = announce
    with ThreadPoolExecutor(VISITORS) as visitors:
        found = list(visitors.map(lambda _: models["tiny"], range(VISITORS)))
    assert loads == [folder]
    assert told == ["tiny"] * VISITORS
    assert all(model is found[0] for model in found)


def test_after_a_failure_asking_again_tries_again(folder: str) -> None:
    models, weights = LoadedModels({"tiny": describe_model(folder)}), Path(folder) / "model.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors is missing"):
        _ = models["tiny"]
    weights.write_bytes(content)
    assert models["tiny"].device.type == "cpu"


def test_weights_that_changed_since_the_start_are_not_shown_under_the_figures_of_others(folder: str) -> None:
    models = LoadedModels({"tiny": describe_model(folder)})
    save(Path(folder), 1)
    with pytest.raises(CheckpointError, match="changed after the app was started; start it again"):
        _ = models["tiny"]


def test_a_model_that_is_loaded_already_is_the_one_that_everybody_gets(folder: str) -> None:
    model = load_model(folder)
    models = LoadedModels({"tiny": model})
    assert models["tiny"] is models.described["tiny"] is model
    with pytest.raises(KeyError):
        _ = models["another"]
