"""One folder for all that a run of the app writes: it goes when the run ends, or at the next start after a kill."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO
from uuid import uuid4

from fer_demo.errors import SettingsError

try:
    import fcntl
except ImportError:  # Windows, where what a killed run left stays until the system clears its temporary files
    fcntl = None  # type: ignore[assignment]

PREFIX = "fer_demo-"
_LOCK = "in use"
_locks: list[IO[str]] = []  # open as long as the run lasts


def keep_to_own_folder() -> Path:
    """Make the folder, which nobody else on this machine can read; Gradio and every library write into it from now on.

    Raises: SettingsError if it cannot be made.
    """
    above = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    try:
        above.mkdir(parents=True, exist_ok=True)
        for left in above.glob(f"{PREFIX}*"):
            _remove_if_left(left)
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=above))
        _locks.append(_locked(new))
        folder = new.rename(above / f"{PREFIX}{uuid4().hex}")  # only now, so that no other start takes it for left
    except OSError as error:
        raise SettingsError(
            f"Nothing can be written to {above} ({error.strerror}); free some space there, or name another folder in "
            "GRADIO_TEMP_DIR."
        ) from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tempfile.tempdir = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")
    return folder


def _locked(folder: Path) -> IO[str]:
    file = (folder / _LOCK).open("w")
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _remove_if_left(folder: Path) -> None:
    """Remove the folder of a run of ours that is over; whoever still runs holds its lock."""
    if fcntl is None or folder.is_symlink():
        return
    try:
        with _locked(folder):
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # held, or somebody else's
        return
