"""Where a method differs from its paper: stated by the recipe, kept beside the weights, shown by the card and About."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

DIFFERENCES_FILE = "differences.json"


class Difference(NamedTuple):
    """One difference, in words."""

    subject: str  # size, data, alignment, selection, loss ...
    paper: str
    here: str


def differences_json(differences: Sequence[Difference]) -> str:
    """The text of DIFFERENCES_FILE."""
    return json.dumps([one._asdict() for one in differences], indent=2, ensure_ascii=False) + "\n"


def read_differences(folder: Path) -> tuple[Difference, ...]:
    """The differences in `folder`/differences.json; none if there is no such file or it cannot be read."""
    try:
        values = json.loads((folder / DIFFERENCES_FILE).read_text(encoding="utf-8"))
        return tuple(Difference(str(one["subject"]), str(one["paper"]), str(one["here"])) for one in values)
    except (OSError, ValueError, KeyError, TypeError):
        return ()
