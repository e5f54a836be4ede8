"""The natural amount: how far an editor must go to match real people best, as it was measured with its weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.inference.transfer.transfer import ALPHA_RANGE
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.model import PublishedModel

NATURAL_AMOUNT = "natural_amount"  # the table's name: a basic expression, or DRIVER, -> amount
DRIVER = "driver"  # its row of edits by another face
LARGEST_SHOWN = 3.0  # natural amounts; what lies beyond is a caricature


@dataclass(frozen=True)
class NaturalAmount:
    """The amount that counts as 1 for one editor and one wanted expression."""

    amount: float = 1.0  # as a share of the editor's whole step
    measured: bool = False  # on pairs of pictures of real people; otherwise it is the whole step

    @property
    def range(self) -> tuple[float, float]:
        """The least and the largest that can be chosen, in natural amounts: halves, within the editor's own range."""
        low, high = (limit / self.amount for limit in ALPHA_RANGE)
        return math.ceil(2 * max(low, -1.0)) / 2, math.floor(2 * min(high, LARGEST_SHOWN)) / 2

    def alpha(self, shown: float) -> float:
        """The editor's own amount for one in natural amounts; beyond the range it is the nearest inside."""
        return min(max(shown * self.amount, ALPHA_RANGE[0]), ALPHA_RANGE[1])

    @property
    def words(self) -> str:
        """What the numbers of the scale mean, in a line beside it."""
        if self.measured:
            return "0: unchanged. 1: as strong as on real people."
        return "0: unchanged. 1: the model's whole step. Real people were not measured."


def natural_amount(model: PublishedModel, wanted: str) -> NaturalAmount:
    """For a basic expression by name, or for DRIVER; the whole step where nothing was measured with these weights.

    Raises: CheckpointError if the evaluation file beside the weights is damaged.
    """
    amount = None if model.origin is None else _measured(_folder(model.origin.source), model.origin.sha256).get(wanted)
    return NaturalAmount() if amount is None else NaturalAmount(amount, measured=True)


def natural_amounts(model: PublishedModel) -> tuple[float, ...]:
    """The amount that counts as 1 for every expression of BASIC."""
    return tuple(natural_amount(model, name).amount for name in BASIC)


def _folder(source: str) -> Path:
    return BUNDLED_FOLDER / source if source in MODELS else Path(source)


@cache
def _measured(folder: Path, sha256: str) -> Mapping[str, float]:
    path = folder / EVALUATION_FILE
    if not path.is_file():
        return {}
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        table = values.get("tables", {}).get(NATURAL_AMOUNT, {})
        if values["weights_sha256"] != sha256:
            return {}
        amounts = {str(name): float(value) for name, value in table.items() if name in (*BASIC, DRIVER)}
        if not all(0 < amount <= ALPHA_RANGE[1] for amount in amounts.values()):
            raise ValueError(f"a natural amount lies outside 0 to {ALPHA_RANGE[1]}")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} of {folder.name} cannot be used ({error}). Run `python -m training evaluate pairs` again."
        ) from error
    return amounts
