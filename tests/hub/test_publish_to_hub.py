"""What is sent to a Hub comes back the same bit for bit, and is pinned only then: runs, bundled models, datasets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
import torch
import yaml
from huggingface_hub import DatasetCard, ModelCard, parse_eval_result_entries

from fer_demo import catalog, checkpoints
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.data.embedding_table import MAPS, open_embedding_table
from fer_demo.data.hub_rows import HubRows
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.published.pins import Pin, read_pins, write_pins
from tests.hub.loopback_hub import LoopbackHub, Repository
from training.evaluation.record import CLEAR_FACES, Evaluation, Figure, Measurement
from training.publishing import model_shipment, shipment
from training.publishing.answers import answers_of, other_answers
from training.publishing.dataset_shipment import (
    PublishFacesSettings,
    PublishMapsSettings,
    publish_faces,
    publish_maps,
)
from training.publishing.model_shipment import PublishBundledSettings, publish_bundled
from training.publishing.publish import PublishSettings, publish

REPO = "someone/classifier"
NAME = "expression_classifier"


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of pins, not there yet."""
    path = tmp_path / "pins" / "hub.json"
    monkeypatch.setattr(shipment, "PINS_FILE", path)
    return path


@pytest.fixture
def logged_in(hub: LoopbackHub, pins: Path, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    """A Hub that knows who sends."""
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    return hub


@pytest.fixture
def run(checkpoint: Path, tmp_path: Path) -> Path:
    """An evaluated run whose best model is the tiny checkpoint."""
    origin = load_model(str(checkpoint)).origin
    assert origin is not None
    figures = (Figure("accuracy", 0.25, "FER2013 PublicTest", 4), Figure("accuracy", 0.75, CLEAR_FACES, 8))
    figures = tuple(replace(figure, part="recognition") for figure in figures)
    measured = {"recognition": Measurement("evaluate recognition", 0, "2026-11-20", "a laptop")}
    Evaluation(origin.sha256, ("fer2013",), measured, figures).write(checkpoint / "evaluation.json")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.json").write_text(json.dumps({"recipe": "ExpressionClassifierRecipe"}))
    return checkpoint.rename(tmp_path / "run" / "best").parent


def held(hub: LoopbackHub, repo: str, kind: str = "models") -> dict[str, bytes]:
    """The files of a repository's branch."""
    repository = hub.repositories[kind, repo]
    return repository.commits[repository.refs["main"]]


def test_without_upload_it_is_said_what_would_be_sent_and_nothing_is(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = publish(PublishSettings(run, tmp_path / "out", repo=REPO))
    said = capsys.readouterr().out
    size = (folder / "model.safetensors").stat().st_size
    assert f"{REPO} is to hold 5 files" in said
    assert f"model.safetensors  {size / 1e3:>6.1f} kB" in said
    assert "public model repository" in said
    assert "no .eval_results: `publish faces` first" in said
    assert said.endswith("Nothing was sent. To send it, say --upload.\n")
    assert logged_in.requests == []
    assert not pins.exists()


def test_an_uploaded_model_is_the_one_that_was_evaluated(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = publish(PublishSettings(run, tmp_path / "out", repo=REPO, upload=True))
    files = held(logged_in, REPO)
    here = {path.name: path.read_bytes() for path in folder.iterdir()}
    card = ModelCard(files["README.md"].decode())
    assert {**files, "README.md": b""} == {**here, "README.md": b""}
    assert f'load_model("{REPO}")' in card.text
    assert (card.data.license, card.data.library_name) == ("apache-2.0", "fer_demo")
    commit = logged_in.repositories["models", REPO].refs["main"]
    came, sent = load_model(REPO, commit), load_model(str(run / "best"))
    assert all(torch.equal(one, came.state_dict()[name]) for name, one in sent.state_dict().items())
    assert other_answers(sent, came) == []
    assert "logits" in answers_of(came)
    sha256 = Evaluation.read(folder / "evaluation.json").weights_sha256
    assert read_pins(pins) == {NAME: Pin(REPO, commit, sha256)}
    assert f"{NAME} is pinned to {REPO}@{commit[:12]}" in capsys.readouterr().out


def test_publishing_again_adds_a_commit_without_what_the_old_one_had_more(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path
) -> None:
    settings = PublishSettings(run, tmp_path / "out", repo=REPO, upload=True)
    (run / "best" / "codes.parquet").write_bytes(b"codes")
    publish(settings)
    first = logged_in.repositories["models", REPO].refs["main"]
    assert "codes.parquet" in held(logged_in, REPO)
    (run / "best" / "codes.parquet").unlink()
    publish(settings)
    second = logged_in.repositories["models", REPO].refs["main"]
    assert second != first
    assert "codes.parquet" not in held(logged_in, REPO)
    assert load_model(REPO, first).origin is not None
    assert read_pins(pins)[NAME].revision == second


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "differences.json"])
def test_a_file_that_comes_back_otherwise_pins_nothing(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path, name: str
) -> None:
    logged_in.repositories["models", REPO] = Repository(damaged={name})
    with pytest.raises(CheckpointError, match=rf"was uploaded as commit .*, but {name} c.* No revision was pinned"):
        publish(PublishSettings(run, tmp_path / "out", repo=REPO, upload=True))
    assert not pins.exists()


def test_a_model_that_answers_otherwise_is_not_pinned(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipment, "check_arrived", lambda *_: None)
    real = load_model

    def changed(source: str, *revision: object) -> object:
        model = real(source, *revision)  # type: ignore[arg-type]
        if revision:
            with torch.no_grad():
                next(model.parameters()).add_(1e-3)
        return model

    monkeypatch.setattr(model_shipment, "load_model", changed)
    with pytest.raises(CheckpointError, match=r"what was loaded answers otherwise \(logits.*No revision was pinned"):
        publish(PublishSettings(run, tmp_path / "out", repo=REPO, upload=True))
    assert not pins.exists()


def test_a_hub_that_does_not_take_it_leaves_the_folder_and_one_sentence(
    hub: LoopbackHub, pins: Path, run: Path, tmp_path: Path
) -> None:
    hub.stop()
    with pytest.raises(CheckpointError, match=r"The Hub did not take someone/classifier .* `hf auth login`"):
        publish(PublishSettings(run, tmp_path / "out", repo=REPO, upload=True))
    assert load_model(str(tmp_path / "out")).origin is not None
    assert not pins.exists()


def test_a_bundled_model_is_published_and_found_at_its_pin_where_it_is_not_bundled(
    logged_in: LoopbackHub, tmp_path: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = "someone/landmarker"
    publish_bundled(PublishBundledSettings(repo, tmp_path / "out", "face_landmarker", upload=True))
    monkeypatch.setattr("fer_demo.catalog.read_pins", lambda: read_pins(pins))
    entry = {entry.name: entry for entry in catalog._on_the_hub()}["face_landmarker"]
    bundled, pin = load_model("face_landmarker"), read_pins(pins)["face_landmarker"]
    assert (entry.hub_id, entry.revision, entry.sha256) == (repo, pin.revision, pin.sha256)
    monkeypatch.setitem(MODELS, "face_landmarker", entry)
    logged_in.requests.clear()
    assert load_model("face_landmarker").origin == bundled.origin  # what is bundled asks nobody
    assert logged_in.requests == []
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path / "nothing bundled")
    came = load_model("face_landmarker")
    assert came.origin is not None
    assert (came.origin.source, came.origin.revision) == (repo, pin.revision)
    assert other_answers(bundled, came) == []
    monkeypatch.setitem(MODELS, "face_landmarker", replace(entry, sha256="0" * 64))
    with pytest.raises(CheckpointError, match="is not the file that was pinned"):
        load_model("face_landmarker")


def test_every_bundled_model_can_be_assembled_with_a_card_for_its_repository(tmp_path: Path, pins: Path) -> None:
    for name in (name for name in MODELS if (BUNDLED_FOLDER / name).is_dir()):
        folder = publish_bundled(PublishBundledSettings(f"someone/{name}", tmp_path / name, name))
        card = ModelCard((folder / "README.md").read_text(encoding="utf-8"))
        assert f'model = load_model("someone/{name}")' in card.text
        assert card.data.library_name == "fer_demo"
        assert load_model(str(folder)).origin is not None
        assert (folder / "map.parquet").is_file() == (MAPS / f"{name}.parquet").is_file()


def test_figures_on_the_rendered_faces_become_results_once_these_are_on_the_hub(
    logged_in: LoopbackHub, run: Path, tmp_path: Path, pins: Path
) -> None:
    write_pins({"rendered_faces": Pin("someone/faces", "a" * 40, "b" * 64)}, pins)
    publish(PublishSettings(run, tmp_path / "out", repo=REPO, upload=True))
    written = yaml.safe_load(held(logged_in, REPO)[".eval_results/fer_demo.yaml"])
    (entry,) = parse_eval_result_entries(written)
    assert (entry.dataset_id, entry.dataset_revision) == ("someone/faces", "a" * 40)
    assert (entry.task_id, entry.value, entry.date) == ("clear_expressions", 0.75, "2026-11-20")
    assert set(read_pins(pins)) == {NAME, "rendered_faces"}


@pytest.fixture
def open_sets(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasets are opened from this Hub too."""
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")


@pytest.mark.usefixtures("open_sets")
def test_the_rendered_faces_come_back_through_the_hub_as_they_are(
    logged_in: LoopbackHub, tmp_path: Path, pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_faces(PublishFacesSettings("someone/faces", tmp_path / "dry"))
    assert "public dataset repository" in capsys.readouterr().out
    assert logged_in.requests == []
    folder = publish_faces(PublishFacesSettings("someone/faces", tmp_path / "out", upload=True))
    card = DatasetCard((folder / "README.md").read_text(encoding="utf-8")).data.to_dict()
    (config,) = card["configs"]
    assert config["data_files"] == [{"split": "test", "path": "data/test-00000-of-00001.parquet"}]
    assert card["license"] == "cc0-1.0"
    (task,) = yaml.safe_load((folder / "eval.yaml").read_text())["tasks"]
    assert (task["config"], task["split"]) == (config["config_name"], "test")
    pin = read_pins(pins)["rendered_faces"]
    assert pin.revision == logged_in.repositories["datasets", "someone/faces"].refs["main"]
    assert pin.sha256 == hashlib.sha256((folder / "data" / "test-00000-of-00001.parquet").read_bytes()).hexdigest()
    rows = HubRows("someone/faces")  # as the app's Dataset tab opens it
    rows.advance(seconds=1)
    source, bundled = rows.result().source, load_bundled()
    assert source.column("split")[0] == "test"
    assert source.column("key")[:5] == bundled.column("key")[:5]


@pytest.mark.usefixtures("open_sets")
def test_rendered_faces_that_come_back_otherwise_are_not_pinned(
    logged_in: LoopbackHub, tmp_path: Path, pins: Path
) -> None:
    logged_in.repositories["datasets", "someone/faces"] = Repository(damaged={"data/test-00000-of-00001.parquet"})
    with pytest.raises(CheckpointError, match=r"00001\.parquet came back changed\. No revision was pinned"):
        publish_faces(PublishFacesSettings("someone/faces", tmp_path / "out", upload=True))
    assert not pins.exists()


def test_maps_have_a_configuration_each_and_open_as_what_they_were(
    logged_in: LoopbackHub, tmp_path: Path, pins: Path
) -> None:
    folder = publish_maps(PublishMapsSettings("someone/maps", tmp_path / "out", upload=True))
    card = DatasetCard((folder / "README.md").read_text(encoding="utf-8"))
    names = [path.stem for path in sorted(MAPS.glob("*.parquet"))]
    assert {"tdgan", "ter_gan"} <= set(names)
    assert card.data.to_dict()["configs"] == [{"config_name": name, "data_files": f"{name}.parquet"} for name in names]
    files = held(logged_in, "someone/maps", "datasets")
    for name in names:
        (tmp_path / "came.parquet").write_bytes(files[f"{name}.parquet"])
        here, there = open_embedding_table(MAPS / f"{name}.parquet"), open_embedding_table(tmp_path / "came.parquet")
        assert (here.info, here.keys) == (there.info, there.keys)
    assert read_pins(pins)["latent_maps"].repo == "someone/maps"


def test_maps_of_other_faces_promise_no_licence_and_an_empty_folder_is_refused(tmp_path: Path, pins: Path) -> None:
    (tmp_path / "maps").mkdir()
    with pytest.raises(DataError, match="There are no maps in"):
        publish_maps(PublishMapsSettings("someone/maps", tmp_path / "out", tmp_path / "maps"))
    with pytest.raises(SettingsError, match="is not empty"):
        publish_maps(PublishMapsSettings("someone/maps", tmp_path))
    with pytest.raises(SettingsError, match=r"no bundled model 'efficientnet_lite'. Choose one of .*expression_judge"):
        PublishBundledSettings("someone/tdgan", tmp_path / "out", "efficientnet_lite")


def test_a_damaged_file_of_pins_is_said(pins: Path) -> None:
    pins.parent.mkdir()
    for text in ("{", "[]", '{"tdgan": 1}', '{"tdgan": {"repo": "a/b", "revision": "main", "sha256": ""}}'):
        pins.write_text(text)
        with pytest.raises(CheckpointError, match=r"hub\.json of the bundled models is damaged"):
            read_pins(pins)
