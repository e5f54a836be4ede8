"""`make constraints` writes the versions of an environment, and nothing of the environment's own."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project import ROOT, text_of

FROZEN = "torch==2.13.0+cpu\nJinja2==3.1.6\naccelerate==1.15.0\nlocal @ file:///wheels/local.whl\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_versions_are_written_sorted_below_the_comments(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "constraints.txt").write_text("# first comment\n# second comment\nold==1.0\n")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho \"$@\" > asked.txt\nprintf '%s' '{FROZEN}'\n")
    python.chmod(0o755)
    subprocess.run(["make", "-s", "constraints", "VENV=env"], cwd=tmp_path, check=True)
    written = (tmp_path / "constraints.txt").read_text().splitlines()
    assert written == [
        "# first comment",
        "# second comment",
        "accelerate==1.15.0",
        "jinja2==3.1.6",
        "torch==2.13.0",
    ]
    assert "freeze" in (tmp_path / "asked.txt").read_text()
    assert not (tmp_path / "constraints.new").exists()


def test_every_dependency_is_pinned_at_what_we_ask_for_or_newer() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    asked = [one for line in [*project["dependencies"], *extras] if not (one := Requirement(line)).extras]
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", text_of(ROOT / "constraints.txt"), re.MULTILINE))
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    assert {one.name: pinned[canonicalize_name(one.name)] for one in asked if one.specifier.contains("0")} == {}
    below = [one for one in asked if not one.specifier.contains(pinned[canonicalize_name(one.name)])]
    assert below == []
