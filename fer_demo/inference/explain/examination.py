"""Putting a map to every check, a piece at a time so that it can be watched and stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.inference.explain.curves import CURVES, curves_of
from fer_demo.inference.explain.methods import Explainer
from fer_demo.inference.explain.question import Question
from fer_demo.inference.explain.randomisation import STAGES, forgetting_models, likeness
from fer_demo.inference.explain.rivals import rival_maps
from fer_demo.inference.explain.verdict import (
    Verdict,
    curve_check,
    lost_to_a_rival,
    no_evidence,
    noise_check,
    verdict_of,
    weights_check,
)
from fer_demo.published.model import PublishedModel

_NOISY_FACES, _NOISE = 3, 0.04  # standard deviation in [-1, 1]: about five grey levels


@dataclass(eq=False)
class Asked:
    """A question about one face to one model, with what all its explanations share: the rivals and their curves."""

    model: PublishedModel
    face: Float[Tensor, "1 channels size size"]
    question: Question
    seed: int = 0
    rival_curves: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)  # by curve and rival, (maps, shares)

    def measure_rivals(self, name: str) -> None:
        """Fill in the rivals' curves of one name, unless they are there."""
        if name in self.rival_curves:
            return
        maps = rival_maps(self.face, self.seed)
        rows = self.curve(name, [one for group in maps.values() for one in group])
        ends = np.cumsum([len(group) for group in maps.values()])[:-1]
        self.rival_curves[name] = dict(zip(maps, np.split(rows, ends), strict=True))

    def curve(self, name: str, maps: Sequence[np.ndarray]) -> Float[np.ndarray, "maps shares"]:
        """The answer along the curve of this name for each map."""
        curve = next(one for one in CURVES if one.name == name)
        return curves_of(curve, self.model, self.face, self.question, maps, self.seed)


class Examination:
    """The examination of one explanation; `heat`, `curves` and `verdict` are there when `done` equals `total`.

    Unless it is `thorough`, it ends as soon as no further check could change the verdict.
    """

    def __init__(self, asked: Asked, explain: Explainer, thorough: bool = True) -> None:
        self.total = 1 + 2 * len(CURVES) + STAGES + _NOISY_FACES + 1  # the map comes first, the sentence last
        self.done = 0
        self.heat: np.ndarray | None = None  # (size, size), positive where a pixel speaks for the answer
        self.curves: dict[str, np.ndarray] = {}  # by name, the answer at each of SHARES
        self.verdict: Verdict | None = None
        self._steps = self._run(asked, explain, thorough)

    def advance(self, seconds: float) -> None:
        """Go on for about so long, at least one step, which takes a fraction of a second."""
        end = time.monotonic() + seconds
        while self.verdict is None:
            next(self._steps, None)
            self.done = self.total if self.verdict is not None else self.done + 1
            if time.monotonic() >= end:
                return

    def finished(self) -> Verdict:
        """The verdict, after all that is left to do."""
        while self.verdict is None:
            self.advance(1.0)
        return self.verdict

    def _run(self, asked: Asked, explain: Explainer, thorough: bool) -> Iterator[None]:
        heat = explain(asked.model, asked.face, asked.question)
        self.heat = heat
        if not heat.max() > 0:
            self.verdict = no_evidence(asked.question.words)
            return
        yield
        checks = []
        for curve in CURVES:
            asked.measure_rivals(curve.name)
            yield
            self.curves[curve.name] = asked.curve(curve.name, [heat])[0]
            checks.append(curve_check(curve.name, curve.sign, self.curves[curve.name], asked.rival_curves[curve.name]))
            yield
        if not thorough and (lost := lost_to_a_rival(checks)) is not None:
            self.verdict = lost
            return
        forgotten, noisy = [], []
        for model in forgetting_models(asked.model, asked.face, asked.question, asked.seed):
            forgotten.append(likeness(heat, explain(model, asked.face, asked.question)))
            yield
        for face in _noisy(asked.face, asked.seed):
            noisy.append(likeness(heat, explain(asked.model, face, asked.question)))
            yield
        self.verdict = verdict_of(checks, weights_check(forgotten), noise_check(noisy))


def _noisy(face: Tensor, seed: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    for _ in range(_NOISY_FACES):
        yield (face + _NOISE * torch.randn(face.shape, generator=generator).to(face)).clamp(-1, 1)
