"""The deploy script as a module: spaces/ is not a package, so it is loaded from its file."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def deploy() -> Any:
    """spaces/deploy.py."""
    spec = importlib.util.spec_from_file_location("deploy_script", ROOT / "spaces" / "deploy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
