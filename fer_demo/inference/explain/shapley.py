"""How much each region of a face gives to the answer, shared out fairly (Shapley 1953)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fer_demo.inference.explain.hiding import mean_grey
from fer_demo.inference.explain.question import Question
from fer_demo.published.model import PublishedModel

_AT_ONCE = 64


def region_values(
    model: PublishedModel,
    face: Float[Tensor, "1 channels size size"],
    question: Question,
    regions: Bool[np.ndarray, "regions size size"],
) -> Float[np.ndarray, " regions"]:
    """The exact Shapley value of each region; they sum to the evidence of the face less that of its mean grey.

    Every coalition of regions is shown once, the others hidden by the mean grey. Captum would ask for the orders in
    which regions can join, which are many more.
    """
    count = len(regions)
    answers = _answers_of_coalitions(model, face, question, torch.from_numpy(regions).to(face)).float().cpu().numpy()
    coalitions = np.arange(2**count)
    sizes = np.array([bin(number).count("1") for number in coalitions])
    values = np.empty(count, dtype=np.float32)
    for region in range(count):
        without = coalitions[coalitions >> region & 1 == 0]
        weights = [math.factorial(size) * math.factorial(count - size - 1) for size in sizes[without]]
        gains = answers[without | 1 << region] - answers[without]
        values[region] = np.dot(weights, gains) / math.factorial(count)
    return values


def region_shapley(
    regions: Bool[np.ndarray, "regions size size"],
) -> Callable[[PublishedModel, Tensor, Question], np.ndarray]:
    """An explainer whose map holds, in every pixel, the value of its region divided among the region's pixels."""

    def explain(
        model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
    ) -> Float[np.ndarray, "size size"]:
        values = region_values(model, face, question, regions)
        each = values / np.maximum(regions.sum(axis=(1, 2)), 1)
        return np.tensordot(each, regions.astype(np.float32), axes=1).astype(np.float32)

    return explain


@torch.inference_mode()
def _answers_of_coalitions(model: PublishedModel, face: Tensor, question: Question, regions: Tensor) -> Tensor:
    """(2 ** regions,) the evidence of every coalition: that of number n holds region r if bit r of n is set."""
    switches = torch.tensor(list(itertools.product((0.0, 1.0), repeat=len(regions)))).flip(1).to(face)
    seen = torch.einsum("cr,rhw->chw", switches, regions)[:, None]
    faces = seen * face + (1 - seen) * mean_grey(face)
    return torch.cat([question.evidence(model, part) for part in faces.split(_AT_ONCE)])
