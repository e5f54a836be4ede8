"""Frames of whole batches are those of single photos."""

from __future__ import annotations

import numpy as np
import torch

from fer_demo.faces.alignment import fit_similarity
from fer_demo.layers.frames import inverse, moved_by, similarity_onto


def test_the_fit_of_a_batch_is_the_fit_of_each_photo() -> None:
    rng = np.random.default_rng(0)
    points, places = rng.normal(size=(4, 9, 2)), rng.normal(size=(9, 2))
    fitted = similarity_onto(torch.from_numpy(points), torch.from_numpy(places))
    assert np.allclose(fitted.numpy(), [fit_similarity(one, places) for one in points])
    moved = moved_by(fitted, torch.from_numpy(points))
    assert torch.allclose(moved_by(inverse(fitted), moved), torch.from_numpy(points))


def test_a_face_on_one_spot_gives_a_fit_that_is_finite() -> None:
    points = torch.ones(1, 5, 2, requires_grad=True)
    fitted = similarity_onto(points, torch.rand(5, 2, generator=torch.Generator().manual_seed(0)))
    fitted.sum().backward()
    assert torch.isfinite(fitted).all()
    assert points.grad is not None
    assert torch.isfinite(points.grad).all()
