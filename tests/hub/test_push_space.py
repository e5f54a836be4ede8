"""An assembled Space is pushed to a Hub, and a second push leaves nothing old behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import SpaceHardware

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
    assert deploy.push(folder, REPO, SpaceHardware.ZERO_A10G) == f"{hub.url}/spaces/{REPO}"
    assert files_of(hub) == contents(folder)
    (folder / "fer_demo" / "old.py").unlink()
    deploy.push(folder, REPO, SpaceHardware.ZERO_A10G)
    assert files_of(hub) == contents(folder)


def test_a_hub_that_is_away_is_said_in_one_sentence(hub: LoopbackHub, deploy: Any, folder: Path) -> None:
    hub.stop()
    with pytest.raises(deploy.SpaceError, match=r"is assembled, but the Hub did not take it as someone/lab"):
        deploy.push(folder, REPO, SpaceHardware.ZERO_A10G)


def test_the_hardware_that_the_account_may_use_is_asked_for(
    hub: LoopbackHub, deploy: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    deploy.push(folder, REPO, SpaceHardware.ZERO_A10G)
    assert (hub.created[-1]["sdk"], hub.created[-1]["hardware"]) == ("gradio", "zero-a10g")
    deploy.push(folder, "someone/page", None)
    assert (hub.created[-1]["sdk"], hub.created[-1].get("hardware")) == ("static", None)


def test_the_log_of_a_space_is_shown_once_it_runs(hub: LoopbackHub, deploy: Any, folder: Path) -> None:
    hub.add(REPO, folder, "spaces")
    hub.stages = ["BUILDING", "APP_STARTING", "RUNNING"]
    hub.logs = {"build": ["Installing torch\n"], "run": ["Running on http://0.0.0.0:7860\n"]}
    assert list(deploy.watch(REPO, poll=0.01)) == ["Installing torch\n", "Running on http://0.0.0.0:7860\n"]
    assert hub.stages == ["RUNNING"]


def test_a_space_that_does_not_run_is_said_below_its_log(hub: LoopbackHub, deploy: Any, folder: Path) -> None:
    hub.add(REPO, folder, "spaces")
    hub.stages, hub.logs = ["RUNTIME_ERROR"], {"run": ["No @spaces.GPU function detected\n"]}
    lines = deploy.watch(REPO, poll=0.01)
    assert next(lines) == "No @spaces.GPU function detected\n"
    with pytest.raises(deploy.SpaceError, match=r"does not run: its stage is RUNTIME_ERROR\. The log above says why"):
        next(lines)
