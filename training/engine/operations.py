"""Floating-point operations of a training: counted in some of its steps, which stand for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch.utils.flop_counter import FlopCounterMode

COUNTED_EVERY = 97  # steps; a prime, so that what is done in every fifth or tenth step counts as often as it is done
NOT_COUNTED = "–"  # in tables, of runs that counted none


@dataclass
class Operations:
    """What was counted so far, of matrix products and convolutions, forward and backward; a multiply-add is two."""

    counted: float = 0.0  # in the steps that were counted
    steps: int = 0  # that were counted

    @contextmanager
    def of_step(self, step: int) -> Iterator[None]:
        """Count what is done inside if it is this step's turn."""
        if step % COUNTED_EVERY:
            yield
            return
        with FlopCounterMode(display=False) as counter:
            yield
        self.counted += counter.get_total_flops()
        self.steps += 1

    def total(self, steps: int) -> float:
        """Of so many steps, as a mean of those counted; 0 if none was."""
        return self.counted / self.steps * steps if self.steps else 0.0
