"""Muon: momentum made orthogonal for convolutions, AdamW for everything else, at one learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from training.engine.precision import has_bfloat16

BETAS, EPSILON = (0.9, 0.999), 1e-8  # of AdamW
MOMENTUM, ROUNDS = 0.95, 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024: takes singular values near 1 in five rounds
MATCHED = 0.2  # root mean square of AdamW's steps, which Muon's are scaled to (Liu et al. 2025)


class Muon(torch.optim.Optimizer):
    """Keller Jordan et al. 2024, with decoupled weight decay."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step of every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    change = self._orthogonal if parameter.ndim == 4 else self._adaptive
                    parameter.sub_(change(parameter, parameter.grad), alpha=group["lr"])

    def _orthogonal(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        momentum = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        ahead = gradient.lerp(momentum, MOMENTUM)  # Nesterov
        matrix = ahead.flatten(1)
        return (orthogonalized(matrix) * (MATCHED * max(matrix.shape) ** 0.5)).view_as(ahead)

    def _adaptive(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        state = self.state[parameter]
        if not state:
            state |= {"step": 0, "mean": torch.zeros_like(parameter), "square": torch.zeros_like(parameter)}
        state["step"] += 1
        mean = state["mean"].lerp_(gradient, 1 - BETAS[0])
        square = state["square"].lerp_(gradient.square(), 1 - BETAS[1])
        bias1, bias2 = (1 - beta ** state["step"] for beta in BETAS)
        return (mean / bias1) / ((square / bias2).sqrt() + EPSILON)


def orthogonalized(matrix: Float[Tensor, "rows columns"]) -> Float[Tensor, "rows columns"]:
    """About U V^T of the matrix U S V^T, by Newton and Schulz's iteration; singular values end in 0.7 to 1.2."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = wide / (wide.norm() + 1e-7)
    if has_bfloat16(x.device):
        x = x.bfloat16()  # accurate enough, and half the time
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x if matrix.shape[0] <= matrix.shape[1] else x.T).to(matrix.dtype)
