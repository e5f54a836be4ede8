"""Every assembled Space starts by itself where no network is: from its own folder, with its own copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.interface import shown_page
from tools.cut_off import isolated

PAGES = {"lab": shown_page.LAB, "explorer": shown_page.EXPLORER, "lesson": shown_page.LESSON}


@pytest.fixture(scope="module", autouse=True)
def _network_of_its_own() -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("no process may have a network of its own here")


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundled face."""
    path = tmp_path_factory.mktemp("photo") / "face.webp"
    path.write_bytes(load_bundled().picture_file(0))
    return path


@pytest.mark.parametrize("name", ["explorer", "lesson"])
def test_a_space_serves_its_tabs_explains_a_face_and_leaves_nothing(
    deploy: Any, tmp_path: Path, photo: Path, name: str
) -> None:
    found = isolated([str(deploy.assemble(name, tmp_path / name)), sys.executable, str(photo)])
    assert_served(found, PAGES[name])
    assert found["log"].count("decorated") == 0  # the library of ZeroGPU need not be there


def test_where_the_host_is_zero_gpu_one_verb_is_lent_the_gpu_and_nothing_else(
    deploy: Any, tmp_path: Path, photo: Path
) -> None:
    stand_in = Path(__file__).parent / "zero_gpu"
    folder = deploy.assemble("lab", tmp_path / "lab")
    found = isolated([str(folder), sys.executable, str(photo)], PYTHONPATH=str(stand_in))
    assert_served(found, PAGES["lab"])
    lines = found["log"].splitlines()
    decorated = [line for line in lines if line.startswith("decorated")]
    assert decorated == ["decorated _publish_explain.<locals>.explain for 20 s"]
    assert [line for line in lines if line.startswith("lent")] == ["lent to _publish_explain.<locals>.explain"]
    assert found["explained"]["question"]


def assert_served(found: dict[str, Any], page: shown_page.ShownPage) -> None:
    """Its own tabs and an explanation, and nothing left when it ends."""
    assert f'content="{page.name}"' in found["page"]
    tabs = [tab for tab in PAGES["lab"].tabs if f"tab-{tab}" in found["page"]]
    assert tabs == [tab for tab in PAGES["lab"].tabs if tab in page.tabs]
    assert found["explained"]["word"] in ("faithful", "weak", "fails", "no evidence")
    assert (found["ended"], found["left"]) == (0, []), found["log"]


def test_it_uses_its_own_copy_of_the_package(deploy: Any, tmp_path: Path) -> None:
    folder = deploy.assemble("lesson", tmp_path / "lesson")
    command = [sys.executable, "-c", "import fer_demo; print(fer_demo.__file__)"]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=True)
    assert Path(ran.stdout.strip()).resolve() == (folder / "fer_demo" / "__init__.py").resolve()
