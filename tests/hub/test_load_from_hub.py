"""Models from a Hub: found, pinned, missing, closed, damaged or of another kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.published.calibration import Calibration
from fer_demo.published.hub_files import HubAccess
from tests.hub.loopback_hub import LoopbackHub

REPO = "someone/tiny"


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def change_weights(folder: Path, amount: float) -> None:
    path = folder / "model.safetensors"
    tensors = {name: t + amount if t.is_floating_point() else t for name, t in load_file(path).items()}
    save_file(tensors, path)


def test_a_repository_is_found_and_its_commit_remembered(hub: LoopbackHub, checkpoint: Path) -> None:
    repository = hub.add(REPO, checkpoint)
    model = load_model(REPO)
    assert isinstance(model, ExpressionClassifier)
    assert model.origin is not None
    assert model.origin.source == REPO
    assert model.origin.revision == repository.refs["main"]
    assert len(model.origin.sha256) == 64


@pytest.mark.parametrize("written", ["argument", "in the name"])
def test_a_pinned_revision_stays_when_the_branch_moves(hub: LoopbackHub, checkpoint: Path, written: str) -> None:
    first = hub.add(REPO, checkpoint).refs["main"]
    old_bias = load_file(checkpoint / "model.safetensors")["basic_head.bias"].float()
    change_weights(checkpoint, amount=1.0)
    hub.add(REPO, checkpoint)
    pinned = load_model(REPO, first) if written == "argument" else load_model(f"{REPO}@{first}")
    newest = load_model(REPO)
    assert torch.equal(pinned.state_dict()["basic_head.bias"], old_bias)
    assert not torch.equal(newest.state_dict()["basic_head.bias"], old_bias)


def test_a_tag_is_a_revision(hub: LoopbackHub, checkpoint: Path) -> None:
    repository = hub.add(REPO, checkpoint)
    repository.refs["v1"] = repository.refs["main"]
    assert load_model(REPO, "v1").origin == load_model(REPO).origin


def test_a_moved_branch_is_noticed(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint)
    before = load_model(REPO).origin
    change_weights(checkpoint, amount=1.0)
    hub.add(REPO, checkpoint)
    assert load_model(REPO).origin != before


def test_a_cached_commit_is_loaded_without_a_single_request(hub: LoopbackHub, checkpoint: Path) -> None:
    commit = hub.add(REPO, checkpoint).refs["main"]
    load_model(REPO, commit)
    hub.requests.clear()
    load_model(REPO, commit)
    assert hub.requests == []


def test_a_cached_branch_is_loaded_when_the_hub_has_gone(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint)
    before = load_model(REPO).origin
    hub.stop()
    assert load_model(REPO).origin == before


def test_a_calibration_is_fetched_with_the_weights_if_there_is_one(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint)
    assert load_model(REPO).calibration is None
    calibration = Calibration(1.5, {0.9: 0.8}, BASIC, "some faces", 100)
    calibration.save(checkpoint)
    hub.add(REPO, checkpoint)
    assert load_model(REPO).calibration == calibration


def test_a_missing_repository_is_named(hub: LoopbackHub) -> None:
    with pytest.raises(CheckpointError, match=r"someone/tiny does not exist .* Check the spelling"):
        load_model(REPO)


def test_a_missing_revision_is_named(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"someone/tiny has no revision v9\. Give a branch, tag or commit"):
        load_model(REPO, "v9")


def test_a_gated_repository_says_how_to_get_in(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint).gated = True
    with pytest.raises(CheckpointError, match=r"is gated\. Accept its terms .* HF_TOKEN"):
        load_model(REPO)


def test_a_stranger_does_not_use_the_login_nor_what_it_brought(
    hub: LoopbackHub, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = hub.add(REPO, checkpoint)
    repository.private = True
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_operator")
    load_model(REPO)
    hub.tokens.clear()
    stranger = HubAccess(token=False, cache=tmp_path / "strangers")
    for revision in (None, repository.refs["main"]):
        with pytest.raises(
            CheckpointError, match=r"does not exist .* private\. .*Only repositories that everybody may"
        ):
            load_model(REPO, revision, stranger)
    repository.private = False
    repository.gated = True
    with pytest.raises(CheckpointError, match=r"is gated\. Only repositories that everybody may read"):
        load_model(REPO, access=stranger)
    assert hub.tokens == set()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_file_above_the_limit_is_not_fetched(hub: LoopbackHub, checkpoint: Path, tmp_path: Path, name: str) -> None:
    hub.add(REPO, checkpoint)
    largest = (checkpoint / name).stat().st_size - 1
    with pytest.raises(CheckpointError, match=f"{name} of someone/tiny has 0 MB; at most 0 MB are loaded here"):
        load_model(REPO, access=HubAccess(cache=tmp_path / "cache of strangers", largest=largest))
    assert not any(request.startswith("GET") and name in request for request in hub.requests)


def test_somebody_is_told_how_far_a_load_is_and_may_end_it(hub: LoopbackHub, checkpoint: Path, tmp_path: Path) -> None:
    hub.add(REPO, checkpoint)
    told: list[tuple[int, int]] = []

    def end(done: int, total: int) -> None:
        raise CheckpointError("It was stopped.")

    with pytest.raises(CheckpointError, match=r"It was stopped\."):
        load_model(REPO, access=HubAccess(watch=end))
    load_model(REPO, access=HubAccess(watch=lambda done, total: told.append((done, total))))
    size = (checkpoint / "model.safetensors").stat().st_size
    assert told[-1] == (size, size)


@pytest.mark.parametrize("revision", ["../../main", "a/../../b", "/etc", "-x", "a b"])
def test_a_revision_that_is_a_path_is_refused(hub: LoopbackHub, checkpoint: Path, revision: str) -> None:
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"cannot be a revision\. Give a branch, tag or commit"):
        load_model(f"{REPO}@{revision}")
    assert hub.requests == []


def test_weights_that_lie_on_another_server_are_not_fetched(hub: LoopbackHub, checkpoint: Path) -> None:
    hub.add(REPO, checkpoint).elsewhere = "http://127.0.0.1:9"
    with pytest.raises(CheckpointError, match=r"sent the app to 127\.0\.0\.1, which is not one of its servers"):
        load_model(REPO)


def test_no_path_of_this_machine_is_in_a_sentence_about_a_repository(
    hub: LoopbackHub, checkpoint: Path, tmp_path: Path
) -> None:
    change_config(checkpoint, momentum=0.9)
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"^someone/tiny/config\.json cannot be used") as refused:
        load_model(REPO)
    assert str(tmp_path) not in str(refused.value)


def test_another_kind_of_model_is_refused_before_its_weights_are_fetched(hub: LoopbackHub, checkpoint: Path) -> None:
    change_config(checkpoint, model="BertForMaskedLM")
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"config\.json .*'BertForMaskedLM', but only .*ExpressionClassifier"):
        load_model(REPO)
    assert not any("model.safetensors" in request for request in hub.requests)


def test_an_unknown_config_key_is_refused(hub: LoopbackHub, checkpoint: Path) -> None:
    change_config(checkpoint, momentum=0.9)
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"config\.json .*holds momentum"):
        load_model(REPO)


def test_a_repository_with_a_pickle_only_is_refused(hub: LoopbackHub, checkpoint: Path) -> None:
    (checkpoint / "model.safetensors").rename(checkpoint / "pytorch_model.bin")
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"has no model\.safetensors .*never a pickle"):
        load_model(REPO)
    assert not any("pytorch_model.bin" in request for request in hub.requests)


def test_a_repository_without_config_is_refused(hub: LoopbackHub, checkpoint: Path) -> None:
    (checkpoint / "config.json").unlink()
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"has no config\.json"):
        load_model(REPO)


def test_truncated_weights_in_the_repository_are_refused(hub: LoopbackHub, checkpoint: Path) -> None:
    path = checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"model\.safetensors is damaged .*Pin a revision of someone/tiny"):
        load_model(REPO)


def test_a_missing_tensor_is_refused(hub: LoopbackHub, checkpoint: Path) -> None:
    path = checkpoint / "model.safetensors"
    save_file({name: t for name, t in load_file(path).items() if name != "stem.weight"}, path)
    hub.add(REPO, checkpoint)
    with pytest.raises(CheckpointError, match=r"1 tensors are missing, such as stem\.weight"):
        load_model(REPO)


def test_a_byte_changed_on_the_way_is_noticed_and_the_next_try_is_clean(hub: LoopbackHub, checkpoint: Path) -> None:
    repository = hub.add(REPO, checkpoint)
    repository.damaged.add("model.safetensors")
    with pytest.raises(CheckpointError, match=r"model\.safetensors was damaged on its way .* Load it again"):
        load_model(REPO)
    repository.damaged.clear()
    assert load_model(REPO).origin is not None


def test_a_download_that_breaks_off_is_an_error_and_the_next_try_is_clean(
    hub: LoopbackHub, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client waits between its own tries
    repository = hub.add(REPO, checkpoint)
    repository.shortened.add("model.safetensors")
    with pytest.raises(CheckpointError, match=r"someone/tiny did not give model\.safetensors .*Try again"):
        load_model(REPO)
    repository.shortened.clear()
    assert load_model(REPO).origin is not None


def test_offline_mode_asks_nobody(hub: LoopbackHub, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(REPO, checkpoint)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="not on this machine"):
        load_model(REPO)
    assert hub.requests == []


def test_a_fresh_process_finds_the_hub_through_its_environment(
    hub: LoopbackHub, checkpoint: Path, tmp_path: Path
) -> None:
    commit = hub.add(REPO, checkpoint).refs["main"]
    code = f"from fer_demo.checkpoints import load_model; print(load_model({REPO!r}).origin.revision)"
    environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
    environment.pop("HF_HUB_CACHE", None)
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == [commit]
