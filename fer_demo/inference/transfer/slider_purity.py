"""What was measured of each slider of an editor against the rendered truth: one table of its evaluation file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.published.evaluation_file import Score
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


def measured_sliders(name: str, model: PublishedModel) -> dict[str, SliderPurity]:
    """By slider, of an evaluation of exactly these bundled weights; empty if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    return bundled_evaluation(name, model, "sliders", _sliders) or {}


def _sliders(tables: Mapping[str, Any]) -> dict[str, SliderPurity]:
    rows = tables.get(SLIDER_TABLE, {"rows": ()})["rows"]
    return {str(row["slider"]): _purity(row["scores"]) for row in rows}


def _purity(scores: Mapping[str, Any]) -> SliderPurity:
    purity = Score.of(scores["purity"])
    return SliderPurity(purity.value, purity.low, purity.high, Score.of(scores["reached"]).value)
