"""Distillation: the student's softened answer against the teachers' (Hinton et al. 2015, Sec. 2)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def knowledge_distillation(
    student: Float[Tensor, "batch classes"], teachers: Float[Tensor, "teachers batch classes"], temperature: float
) -> Float[Tensor, ""]:
    """T^2 KL(p || q) as a mean over the batch: q the student's probabilities at T, p the mean of the teachers'.

    The factor T^2 keeps the gradient's size when T changes.
    """
    target = (teachers / temperature).softmax(dim=2).mean(dim=0)
    answer = (student / temperature).log_softmax(dim=1)
    divergence = (target * (target.clamp(min=1e-12).log() - answer)).sum(dim=1)
    return temperature**2 * divergence.mean()
