"""An assembled Space is pushed to a Hub, and a second push leaves nothing old behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.loopback_hub import LoopbackHub

REPO = "someone/lab"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Something like an assembled Space."""
    space = tmp_path / "space"
    (space / "fer_demo").mkdir(parents=True)
    (space / "README.md").write_text("---\nsdk: gradio\n---\n")
    (space / "app.py").write_text("demo = None\n")
    (space / "fer_demo" / "old.py").write_text("old = True\n")
    (space / "fer_demo" / "face.png").write_bytes(b"\x89PNG" + bytes(100))
    return space


def files_of(hub: LoopbackHub) -> dict[str, bytes]:
    repository = hub.repositories["spaces", REPO]
    return repository.commits[repository.refs["main"]]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_repository_holds_exactly_the_folder(
    hub: LoopbackHub, deploy: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    assert deploy.push(folder, REPO) == f"{hub.url}/spaces/{REPO}"
    assert files_of(hub) == contents(folder)
    (folder / "fer_demo" / "old.py").unlink()
    deploy.push(folder, REPO)
    assert files_of(hub) == contents(folder)


def test_a_hub_that_is_away_is_said_in_one_sentence(hub: LoopbackHub, deploy: Any, folder: Path) -> None:
    hub.stop()
    with pytest.raises(deploy.SpaceError, match=r"is assembled, but the Hub did not take it as someone/lab"):
        deploy.push(folder, REPO)
