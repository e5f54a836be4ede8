"""What a run writes goes with it; what a killed run left goes when the next one starts."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fer_demo.errors import SettingsError
from fer_demo.interface.own_files import PREFIX, keep_to_own_folder

RUN = """
import os, sys, tempfile
from pathlib import Path
from fer_demo.interface.own_files import keep_to_own_folder
folder = keep_to_own_folder()
Path(tempfile.mkstemp()[1]).write_text("a visitor's")
Path(os.environ["GRADIO_TEMP_DIR"]).mkdir()
Path(os.environ["GRADIO_TEMP_DIR"], "upload").write_text("a visitor's")
print(folder, flush=True)
{end}
"""


@pytest.fixture
def above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def ran(end: str) -> Path:
    command = [sys.executable, "-c", RUN.format(end=end)]
    return Path(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())


def test_a_run_that_ends_leaves_nothing(above: Path) -> None:
    assert ran("").name.startswith(PREFIX)
    assert list(above.iterdir()) == []


def test_what_a_killed_run_left_goes_at_the_next_start_and_what_is_in_use_stays(above: Path) -> None:
    left = ran("os.kill(os.getpid(), 9)")
    assert (left / "uploads" / "upload").is_file()
    with subprocess.Popen(
        [sys.executable, "-c", RUN.format(end="input()")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        in_use = Path(running.stdout.readline().strip())
        assert not left.exists()
        ran("")
        assert (in_use / "uploads" / "upload").is_file()
        running.stdin.close()
    assert list(above.iterdir()) == []


def test_nobody_else_reads_it_and_folders_of_others_stay(above: Path) -> None:
    (above / "elsewhere").mkdir()
    (above / "elsewhere" / "kept").touch()
    (above / f"{PREFIX}link").symlink_to(above / "elsewhere")
    folder = keep_to_own_folder()
    try:
        assert folder.stat().st_mode & 0o077 == 0
        assert tempfile.gettempdir() == str(folder)
        assert Path(os.environ["GRADIO_TEMP_DIR"]).is_relative_to(folder)
        assert (above / "elsewhere" / "kept").exists()
    finally:
        atexit.unregister(shutil.rmtree)
        shutil.rmtree(folder)


def test_a_place_where_nothing_can_be_written_is_a_sentence(above: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (above / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(above / "file"))
    with pytest.raises(SettingsError, match=r"Nothing can be written to .*GRADIO_TEMP_DIR"):
        keep_to_own_folder()
