"""A running loopback Hub, a client that talks only to it, and a tiny checkpoint to put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import datasets
import pytest
import torch
from huggingface_hub import constants

from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.hub.loopback_hub import LoopbackHub, Repository

Put = Callable[[dict[str, bytes]], Repository]


def point_client_at(url: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what HF_ENDPOINT, HF_HUB_CACHE and HF_HUB_DISABLE_XET would have set before the client was imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "no-token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A Hub without repositories; the client's cache is empty and it knows no other Hub."""
    server = LoopbackHub()
    server.start()
    point_client_at(server.url, tmp_path / "cache", monkeypatch)
    yield server
    server.stop()


@pytest.fixture
def put(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts files into the repository of the dataset someone/faces."""
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")

    def make(files: dict[str, bytes]) -> Repository:
        folder = tmp_path / "repository"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return hub.add("someone/faces", folder, "datasets")

    return make


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Folder of a tiny expression classifier with random weights."""
    torch.manual_seed(0)
    folder = tmp_path / "checkpoint"
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4, 4), blocks=(1, 1))).save(folder)
    return folder
