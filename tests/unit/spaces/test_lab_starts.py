"""The assembled lab starts by itself, from its own folder and its own copy of the package."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import httpx
import pytest

SECONDS_TO_START = 60


@pytest.fixture(scope="module")
def lab(deploy: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembled folder."""
    folder: Path = deploy.assemble("lab", tmp_path_factory.mktemp("space") / "lab")
    return folder


def environment(**extra: str) -> dict[str, str]:
    """Ours without anything that would lead to the project's own copy."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("FER_DEMO", "PYTHONPATH"))}
    return {**ours, "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False", **extra}


def test_it_uses_its_own_copy_of_the_package(lab: Path) -> None:
    command = [sys.executable, "-c", "import fer_demo; print(fer_demo.__file__)"]
    ran = subprocess.run(command, cwd=lab, env=environment(), capture_output=True, text=True, check=True)
    assert Path(ran.stdout.strip()).resolve() == (lab / "fer_demo" / "__init__.py").resolve()


def test_python_app_py_serves_a_page_and_leaves_nothing_when_it_is_ended(lab: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log, files = tmp_path / "log.txt", tmp_path / "files"
    with log.open("w") as output:
        app = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=lab,
            env=environment(GRADIO_SERVER_PORT=str(port), GRADIO_TEMP_DIR=str(files)),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        assert "Expression lab" in first_page(f"http://127.0.0.1:{port}/", app, log)
        sent = httpx.post(f"http://127.0.0.1:{port}/gradio_api/upload", files={"files": ("a.png", b"a visitor's")})
        (upload,) = sent.json()
        assert Path(upload).read_bytes() == b"a visitor's"
    finally:
        app.terminate()
        ended = app.wait(timeout=60)
    assert ended == 0, log.read_text()
    assert list(files.iterdir()) == []


def first_page(url: str, app: subprocess.Popen[bytes], log: Path) -> str:
    """What the app answers once it is up."""
    for _ in range(SECONDS_TO_START * 4):
        assert app.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError(f"no page after {SECONDS_TO_START} s: {log.read_text()}")
