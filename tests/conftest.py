"""What every test may rely on: where Chromium and the deploy script are, and what a test does that lacks something."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch
from jaxtyping import install_import_hook

from benchmarks.browser import find_chromium
from fer_demo.interface.starting import leave_out_gradios_type_hints

FOLDER = Path(__file__).parent
SHAPE_CHECKED = ("fer_demo.images", "fer_demo.layers", "fer_demo.metrics", "fer_demo.models", "training.losses")

install_import_hook(SHAPE_CHECKED, "beartype.beartype")  # the shapes their signatures state are checked in tests only
leave_out_gradios_type_hints()  # mypy, which may run beside the tests, would read them in place of our code
torch.set_num_threads(1)  # small tensors: a second thread costs more than it brings


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser, for playwright's `executable_path`."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium here: install Debian's chromium package, or set FER_DEMO_CHROMIUM to its path")
    return path


@pytest.fixture(scope="session")
def deploy() -> Any:
    """spaces/deploy.py, loaded from its file because spaces/ is not a package."""
    spec = importlib.util.spec_from_file_location("deploy_script", FOLDER.parent / "spaces" / "deploy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a made-up file by its argument: its bytes may hold the time, and two workers must name a test alike."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and skip what this machine cannot run."""
    for item in items:
        folder = item.path.relative_to(FOLDER).parts[0] if item.path.is_relative_to(FOLDER) else ""
        if folder in ("browser", "hub", "gpu"):
            item.add_marker(folder)
        if "browser" in item.keywords and find_chromium() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: install Debian's chromium package"))
        if "gpu" in item.keywords and not torch.cuda.is_available():
            item.add_marker(pytest.mark.skip(reason="no CUDA device here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped browser test into a failure under CI=true: there it must run."""
    report = yield
    if report.skipped and "browser" in item.keywords and os.environ.get("CI", "").lower() in ("1", "true"):
        report.outcome = "failed"
        report.longrepr = f"a browser test was skipped under CI=true: {report.longrepr}"
    return report
