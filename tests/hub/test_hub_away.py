"""What a visitor waits for, and reads, when the Hub cannot be reached: at most 3 seconds and one sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_demo import checkpoints
from fer_demo.checkpoints import load_model, load_or_bundled
from fer_demo.errors import CheckpointError
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.published import hub_files
from tests.hub.conftest import point_client_at
from tests.hub.loopback_hub import LoopbackHub

REPO = "someone/tiny"
NAME = "expression_classifier"


@pytest.fixture
def bundle(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny checkpoint in the place of the bundled expression classifier."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", folder)
    return checkpoint.rename(folder / NAME)


@pytest.fixture
def refusing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    point_client_at(url, tmp_path / "cache", monkeypatch)
    return url


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        point_client_at(url, tmp_path / "cache", monkeypatch)
        yield url


@pytest.mark.parametrize("away", ["refusing", "silent"])
def test_the_bundled_model_goes_on_after_the_probe(away: str, bundle: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(away)
    model, sentence = load_or_bundled(REPO, NAME)
    assert hub_files.PROBE_SECONDS <= 2  # all that a silent Hub can take
    assert isinstance(model, ExpressionClassifier)
    assert sentence is not None
    assert f"{REPO} is not on this machine and {url} cannot be reached." in sentence
    assert sentence.endswith("The bundled model Expression classifier is used instead.")


@pytest.mark.parametrize("away", ["refusing", "silent"])
def test_loading_says_that_the_hub_cannot_be_reached(away: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(away)
    with pytest.raises(CheckpointError, match=r"cannot be reached\. Connect to the network, or give a local folder"):
        load_model(REPO)


def test_a_hanging_name_lookup_does_not_keep_a_visitor_waiting(
    hub: LoopbackHub, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, looked_up = threading.Event(), []

    def lookup() -> None:
        looked_up.append(over.wait(timeout=60))
        raise socket.gaierror

    monkeypatch.setattr(hub_files, "get_session", lookup)
    assert load_or_bundled(REPO, NAME)[1] is not None
    assert looked_up == []  # the visitor was answered while the lookup still hung
    over.set()


def test_a_hub_that_is_out_of_order_counts_as_away(hub: LoopbackHub, bundle: Path) -> None:
    hub.out_of_order = True
    assert "cannot be reached" in (load_or_bundled(REPO, NAME)[1] or "")


def test_the_wanted_model_comes_without_a_sentence(hub: LoopbackHub, bundle: Path) -> None:
    hub.add(REPO, bundle)
    model, sentence = load_or_bundled(REPO, NAME)
    assert sentence is None
    assert model.origin is not None
    assert model.origin.source == REPO


def test_a_missing_repository_gives_the_bundled_model_and_the_reason(hub: LoopbackHub, bundle: Path) -> None:
    model, sentence = load_or_bundled(REPO, NAME)
    assert model.origin is not None
    assert model.origin.source == NAME
    assert "does not exist" in (sentence or "")


def test_a_model_that_cannot_do_the_task_gives_the_bundled_one(bundle: Path, tmp_path: Path) -> None:
    small = TDGANConfig(noise_channels=1, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)
    TDGAN(small).save(checkpoints.BUNDLED_FOLDER / "tdgan")
    model, sentence = load_or_bundled(str(bundle), "tdgan")
    assert isinstance(model, TDGAN)
    assert "is a ExpressionClassifier, which cannot do transfer" in (sentence or "")


def test_a_broken_bundled_model_is_an_error(bundle: Path) -> None:
    (bundle / "model.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"model\.safetensors .*Install fer_demo again"):
        load_or_bundled(NAME, NAME)
