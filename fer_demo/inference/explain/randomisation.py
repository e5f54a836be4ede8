"""Cascading randomisation: a map of what a model has learned changes when it forgets (Adebayo et al. 2018)."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.inference.explain.question import Question
from fer_demo.metrics.rank_correlation import rank_correlation
from fer_demo.published.model import PublishedModel

STAGES = 4  # each forgets another quarter of the layers, the last layers first

_NOTHING = 1e-3  # of a map's peak: less is the rounding of sums that cancel


def forgetting_models(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question, seed: int
) -> Iterator[PublishedModel]:
    """STAGES copies of the model, more and more of whose layers have their weights shuffled, from the answer back.

    Shuffling keeps the scale of every layer; only layers that the question runs count.
    """
    own = copy.deepcopy(model)
    layers = _layers_in_order(own, face, question)[::-1]
    generator = torch.Generator().manual_seed(seed)
    for stage in range(STAGES):
        begin, end = (round(part * len(layers) / STAGES) for part in (stage, stage + 1))
        for layer in layers[begin:end]:
            _shuffle(layer, generator)
        yield own


def likeness(one: Float[np.ndarray, "size size"], other: Float[np.ndarray, "size size"]) -> float:
    """Spearman's correlation of two maps where at least one of them says something; 0 if it is not known."""
    one, other = (np.where(np.abs(heat) > _NOTHING * np.abs(heat).max(), heat, 0) for heat in (one, other))
    said = (one != 0) | (other != 0)
    if one[said].size < 2 or np.ptp(one[said]) == 0 or np.ptp(other[said]) == 0:
        return 0.0
    return rank_correlation(one[said], other[said])


@torch.no_grad()
def _layers_in_order(model: PublishedModel, face: Tensor, question: Question) -> list[nn.Module]:
    """The layers with weights of their own that the question runs, in the order in which they first run."""
    order: dict[nn.Module, None] = {}
    handles = [
        layer.register_forward_hook(lambda layer, inputs, output: order.setdefault(layer))
        for layer in model.modules()
        if any(True for _ in layer.parameters(recurse=False)) and layer is not model
    ]
    question.evidence(model, face)
    for handle in handles:
        handle.remove()
    return list(order)


@torch.no_grad()
def _shuffle(layer: nn.Module, generator: torch.Generator) -> None:
    for tensor in layer.parameters(recurse=False):
        order = torch.randperm(tensor.numel(), generator=generator).to(tensor.device)
        tensor.copy_(tensor.flatten()[order].view_as(tensor))
