"""Where on the Hub each published model and dataset is: a repository, a commit of it, and the hash of its main file.

`python -m training publish` alone writes the file, after what it uploaded came back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fer_demo.errors import CheckpointError
from fer_demo.outputs import write_whole
from fer_demo.published.hub_files import is_commit, is_hub_id

PINS_FILE = Path(__file__).parents[1] / "assets" / "checkpoints" / "hub.json"  # absent while nothing is published


@dataclass(frozen=True)
class Pin:
    """One state of a repository that can never change."""

    repo: str  # owner/name
    revision: str  # commit
    sha256: str  # of the weights, or of a dataset's table

    def __post_init__(self) -> None:
        """Raises: CheckpointError if it can name no state of a repository."""
        if not (is_hub_id(self.repo) and is_commit(self.revision) and len(self.sha256) == 64):
            raise CheckpointError(f"{self} names no commit of a repository.")


def read_pins(path: Path = PINS_FILE) -> dict[str, Pin]:
    """The pin of everything that is on the Hub, by its name in the catalogue; nothing without a file.

    Raises: CheckpointError if the file is damaged.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {name: Pin(**pin) for name, pin in values.items()}
    except FileNotFoundError:
        return {}
    except (CheckpointError, OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} of the bundled models is damaged ({error}). Install fer_demo again."
        ) from error


def write_pins(pins: Mapping[str, Pin], path: Path = PINS_FILE) -> None:
    """Save pins, in the order of their names.

    Raises: DataError if the file cannot be written.
    """
    write_whole(path, json.dumps({name: asdict(pins[name]) for name in sorted(pins)}, indent=2) + "\n")
