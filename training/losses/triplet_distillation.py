"""Triplet distillation for faces that are half hidden (Georgescu and Ionescu 2020, arXiv 2008.01003)."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor, eye
from torch.nn.functional import normalize


def triplet_distillation(
    student: Float[Tensor, "batch dims"],
    teacher: Float[Tensor, "batch dims"],
    expression: Int[Tensor, " batch"],
    margin: float,
) -> Float[Tensor, ""]:
    """Mean of max(0, |a_s - p_t|^2 - |a_s - n_s|^2 + margin) over the anchors that have a positive and a negative.

    Anchor a and negative n are embeddings of the student, which sees half a face; the positive p is the teacher's, of
    another whole face with the anchor's expression. All are brought to length 1. A negative `expression` means unknown.
    """
    student, teacher = normalize(student, dim=1), normalize(teacher, dim=1)
    known = (expression >= 0) & (expression[:, None] >= 0)
    same = known & (expression == expression[:, None]) & ~eye(len(expression), dtype=known.dtype, device=known.device)
    other = known & (expression != expression[:, None])
    # The hardest of the batch each time (Hermans et al. 2017): most random triplets are solved and teach nothing.
    to_positive = _squared_distances(student, teacher).masked_fill(~same, 0.0).amax(dim=1)
    to_negative = _squared_distances(student, student).masked_fill(~other, 4.0).amin(dim=1)
    counts = same.any(dim=1) & other.any(dim=1)
    losses = (to_positive - to_negative + margin).clamp(min=0)
    return (losses * counts).sum() / counts.sum().clamp(min=1)


def _squared_distances(
    a: Float[Tensor, "rows dims"], b: Float[Tensor, "columns dims"]
) -> Float[Tensor, "rows columns"]:
    """Of unit vectors: |a - b|^2 = 2 - 2 a.b."""
    return (2 - 2 * a @ b.T).clamp(min=0)
