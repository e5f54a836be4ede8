"""Models that visitors bring: as strangers, strictly, within bounds, and with a sentence for what cannot be had."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from fer_demo.errors import CheckpointError
from fer_demo.interface import guest_models
from fer_demo.interface.guest_models import GuestModels
from tests.hub.loopback_hub import LoopbackHub
from tests.hub.test_load_from_hub import change_config, change_weights

REPO = "someone/tiny"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where guests' files are kept."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def brought(guests: GuestModels, text: str, task: str = "recognition") -> str:
    work = guests.begin(text, task)
    while work.done < work.total:
        work.advance(1.0)
    return work.result()


def test_a_model_of_the_hub_is_known_by_its_commit(hub: LoopbackHub, checkpoint: Path) -> None:
    commit = hub.add(REPO, checkpoint).refs["main"]
    guests = GuestModels()
    name = brought(guests, f" {REPO} ")
    assert name == f"{REPO}@{commit}"
    assert name in guests
    assert guests.described(name).device.type == "meta"
    origin = guests[name].origin
    assert origin is not None
    assert (origin.source, origin.revision) == (REPO, commit)
    stored = load_file(checkpoint / "model.safetensors")["stem.weight"].float()
    assert torch.equal(guests[name].state_dict()["stem.weight"], stored)
    change_weights(checkpoint, amount=1.0)
    hub.add(REPO, checkpoint)
    assert brought(guests, f"{REPO}@{commit}") == name
    assert brought(guests, REPO) != name


@pytest.mark.parametrize(
    "text", ["", "tiny", "/etc", "..", "~/x", "a/b/c", "https://example.org/a/b", "C:\\x", "a\0/b"]
)
def test_what_is_neither_is_refused_before_anything_is_asked(hub: LoopbackHub, text: str) -> None:
    with pytest.raises(CheckpointError, match=r"is no Hub id; write it as owner/name or owner/name@revision"):
        GuestModels().begin(text, "recognition")
    assert hub.requests == []


def test_a_model_that_comes_with_the_app_is_not_brought(hub: LoopbackHub) -> None:
    with pytest.raises(CheckpointError, match=r"TDGAN comes with the app; choose it in the list"):
        GuestModels().begin("tdgan", "transfer")


def test_no_folder_is_opened_but_those_below_the_operators(
    hub: LoopbackHub, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(checkpoint, tmp_path / "opened" / "mine")
    shutil.copytree(checkpoint, tmp_path / "someone" / "tiny")
    (tmp_path / "opened" / "out").symlink_to(checkpoint)
    for guests in (GuestModels(), GuestModels(folder=tmp_path / "opened")):
        for text in (str(checkpoint), "../checkpoint", "out", "mine/../../checkpoint", "."):
            with pytest.raises(CheckpointError, match="is no Hub id"):
                guests.begin(text, "recognition")
        with pytest.raises(CheckpointError, match="does not exist on the Hub"):
            brought(guests, REPO)
    name = brought(guests, "mine")
    assert name.startswith("mine@")
    assert guests[name].origin == guests.described(name).origin


def test_a_visitor_sees_what_everybody_may_see(
    hub: LoopbackHub, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, checkpoint).private = True
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_operator")
    with pytest.raises(CheckpointError, match=r"or is private\. .*Only repositories that everybody may read"):
        brought(GuestModels(), REPO)
    assert hub.tokens == set()
    assert brought(GuestModels(login=True), REPO).startswith(f"{REPO}@")


def spoil(kind: str, hub: LoopbackHub, folder: Path) -> None:
    """A repository with something wrong."""
    path = folder / "model.safetensors"
    if kind == "wrong class":
        change_config(folder, model="BertForMaskedLM")
    elif kind == "wrong version":
        change_config(folder, momentum=0.9)
    elif kind == "corrupt":
        path.write_bytes(path.read_bytes()[:-100])
    elif kind == "wrapped":
        save_file({f"module.{name}": tensor for name, tensor in load_file(path).items()}, path)
    repository = hub.add(REPO, folder)
    repository.gated = kind == "gated"
    hub.out_of_order = kind == "away"
    if kind == "missing":
        hub.repositories.clear()


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("missing", "does not exist on the Hub"),
        ("gated", "is gated"),
        ("wrong class", "names the model class 'BertForMaskedLM'"),
        ("wrong version", "another version of fer_demo wrote it"),
        ("corrupt", "is damaged or no safetensors file"),
        ("wrapped", "as DataParallel or DistributedDataParallel saves them"),
        ("away", "cannot be reached"),
        ("wrong task", "is a ExpressionClassifier, which cannot do transfer"),
    ],
)
def test_what_cannot_be_had_is_a_sentence_and_leaves_no_file(
    hub: LoopbackHub, checkpoint: Path, temporary: Path, kind: str, sentence: str
) -> None:
    spoil(kind, hub, checkpoint)
    with pytest.raises(CheckpointError, match=sentence) as refused:
        brought(GuestModels(), REPO, "transfer" if kind == "wrong task" else "recognition")
    assert str(temporary) not in str(refused.value)
    assert list(temporary.glob("guest-*")) == []


def test_of_many_guests_the_last_ones_stay(
    hub: LoopbackHub, checkpoint: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guest_models, "MOST_KNOWN", 3)
    guests, names = GuestModels(), []
    for _ in range(4):
        change_weights(checkpoint, amount=1.0)
        hub.add(REPO, checkpoint)
        names.append(brought(guests, REPO))
    assert [name in guests for name in names] == [False, True, True, True]
    assert len(list(temporary.glob("guest-*"))) == 3
    assert set(guests._loaded) == set(names[2:])
    hub.stop()  # what is read again comes from its files
    assert guests[names[1]].origin == guests.described(names[1]).origin
    assert set(guests._loaded) == {names[1], names[3]}
    with pytest.raises(CheckpointError, match="unloaded because others have been loaded since; load it again"):
        guests[names[0]]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Loads stand still until this is set."""
    opened = threading.Event()

    def load(self: GuestModels, text: str, task: str, watch: object) -> str:
        watch(1, 2)  # type: ignore[operator]
        opened.wait(timeout=60)
        watch(2, 2)  # type: ignore[operator]
        return f"{text}@done"

    monkeypatch.setattr(GuestModels, "load", load)
    yield opened
    opened.set()


def test_loads_wait_for_a_turn_and_one_that_was_stopped_gives_its_turn_back(gate: threading.Event) -> None:
    guests = GuestModels()
    first, second, third = (guests.begin(f"a/{number}", "recognition") for number in range(3))
    for work in (first, second, third):
        work.advance(0.2)
    assert [work.done for work in (first, second, third)] == [50, 50, 0]
    with pytest.raises(CheckpointError, match=r"The load was stopped\."):
        first.result()
    gate.set()
    for work in (second, third):
        while work.done < work.total:
            work.advance(1.0)
    assert [work.result() for work in (second, third)] == ["a/1@done", "a/2@done"]
    with pytest.raises(CheckpointError, match="stopped"):
        first.result()
