"""A run is uploaded to a Hub and comes back through the loader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from tests.hub.loopback_hub import LoopbackHub
from training.evaluation.record import Evaluation, Figure, Measurement
from training.publishing.publish import PublishSettings, publish

REPO = "someone/classifier"


@pytest.fixture
def run(checkpoint: Path, tmp_path: Path) -> Path:
    """An evaluated run whose best model is the tiny checkpoint."""
    origin = load_model(str(checkpoint)).origin
    assert origin is not None
    figures = (Figure("accuracy", 0.25, "FER2013 PublicTest", 4),)
    measured = {"recognition": Measurement("evaluate recognition", 0, "2026-11-20", "a laptop")}
    Evaluation(origin.sha256, ("fer2013",), measured, figures).write(checkpoint / "evaluation.json")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.json").write_text(json.dumps({"recipe": "ExpressionClassifierRecipe"}))
    return checkpoint.rename(tmp_path / "run" / "best").parent


def test_an_uploaded_model_is_the_one_that_was_evaluated(
    hub: LoopbackHub, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    folder = publish(PublishSettings(run, tmp_path / "out", repo=REPO))
    repository = hub.repositories["models", REPO]
    files = repository.commits[repository.refs["main"]]
    assert files == {path.name: path.read_bytes() for path in folder.iterdir()}
    origin = load_model(REPO).origin
    assert origin is not None
    assert origin.sha256 == Evaluation.read(folder / "evaluation.json").weights_sha256
    assert ModelCard(files["README.md"].decode()).data.license == "apache-2.0"


def test_publishing_again_adds_a_commit(
    hub: LoopbackHub, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    publish(PublishSettings(run, tmp_path / "out", repo=REPO))
    first = hub.repositories["models", REPO].refs["main"]
    (run / "recipe.json").write_text(json.dumps({"recipe": "ExpressionClassifierRecipe", "images": 5}))
    publish(PublishSettings(run, tmp_path / "out", repo=REPO))
    assert hub.repositories["models", REPO].refs["main"] != first
    assert load_model(REPO, first).origin is not None


def test_a_hub_that_does_not_take_it_leaves_the_folder_and_one_sentence(
    hub: LoopbackHub, run: Path, tmp_path: Path
) -> None:
    hub.stop()
    with pytest.raises(CheckpointError, match=r"is written, but the Hub did not take it as someone/classifier"):
        publish(PublishSettings(run, tmp_path / "out", repo=REPO))
    assert load_model(str(tmp_path / "out")).origin is not None
