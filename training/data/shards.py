"""Folders that are filled shard by shard and can be gone on with: same settings, and no mixture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_demo.errors import DataError
from fer_demo.outputs import write_whole

_SETTINGS_FILE = "settings.json"


def prepare_folder(out: Path, settings: Mapping[str, Any], what: str) -> None:
    """Make the folder, or check that the `what` in it were made with the same settings.

    Raises: DataError if they were not, or the folder cannot be used.
    """
    file = out / _SETTINGS_FILE
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            write_whole(file, json.dumps(settings, indent=2) + "\n")
        elif json.loads(file.read_text()) != settings:
            raise DataError(f"{out} holds {what} made with other settings; choose another folder or delete it.")
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is damaged ({error}); choose another folder or delete this one.") from error
    except OSError as error:
        raise DataError(f"{out} cannot be used ({error.strerror}); choose another folder.") from error
