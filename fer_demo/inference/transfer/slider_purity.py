"""What was measured of each slider of an editor against the rendered truth: one table of its evaluation file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.errors import CheckpointError
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.model import PublishedModel

SLIDER_TABLE = "sliders"  # its name among the tables


@dataclass(frozen=True)
class SliderPurity:
    """How much of what a slider does is its own, and how far it goes."""

    purity: float  # share of the change that no other slider makes, 0..1
    low: float  # 95 % interval over people
    high: float
    reached: float  # how far along the true change, which is 1

    @property
    def words(self) -> str:
        """Both in a line beside the slider."""
        return f"{self.reached:.0%} of the true strength; {self.purity:.0%} pure ({self.low:.0%} to {self.high:.0%})"


def measured_sliders(name: str, model: PublishedModel, folder: Path = BUNDLED_FOLDER) -> dict[str, SliderPurity]:
    """By slider, of an evaluation of exactly these bundled weights; empty if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    path = folder / name / EVALUATION_FILE
    if name not in MODELS or model.origin is None or not path.is_file():
        return {}
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        table = values.get("tables", {}).get(SLIDER_TABLE)
        if table is None or values["weights_sha256"] != model.origin.sha256:
            return {}
        return {str(row["slider"]): _purity(row["scores"]) for row in table["rows"]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} of {name} cannot be used ({error}). Run `python -m training evaluate sliders` again."
        ) from error


def _purity(scores: Mapping[str, Any]) -> SliderPurity:
    value, low, high, _ = scores["purity"]
    return SliderPurity(float(value), float(low), float(high), float(scores["reached"][0]))
