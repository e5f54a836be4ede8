"""Batches for recognizers: views of real, synthetic and unlabelled faces, some mixed, with all their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from fer_demo.expressions import BASIC
from training.data.augmentation import Augmentation, placed_views
from training.data.expression_faces import ExpressionFaces
from training.data.face_set import UNKNOWN, FaceSet, concatenate
from training.recognition.auxiliary_tasks import AuxiliaryTargets, auxiliary_targets


@dataclass(frozen=True)
class Mixing:
    """Shares of a batch's views that are mixed with another view of it, and their answers likewise."""

    mixup: float = 0.0  # blended (Zhang et al. 2018)
    cutmix: float = 0.0  # a rectangle of the other one put in (Yun et al. 2019)


@dataclass(frozen=True)
class RecognitionBatch:
    """Views with what is known about them; a row of zeros where nothing is."""

    views: Float[Tensor, "batch 1 size size"]
    labels: Float[Tensor, "batch 7"]  # shares of the basic expressions
    votes: Float[Tensor, "batch 8"]  # shares of the FER+ votes
    auxiliary: AuxiliaryTargets

    @property
    def expression(self) -> Int[Tensor, " batch"]:
        """The expression that a view shows most of, UNKNOWN where there is no label."""
        return torch.where(self.labels.any(dim=1), self.labels.argmax(dim=1), UNKNOWN)


class RecognitionBatches:
    """Draws faces with replacement, in fixed shares."""

    def __init__(
        self, faces: ExpressionFaces, synthetic_share: float, unlabelled_share: float, posed_share: float = 0.0
    ) -> None:
        self.faces = faces
        self.shares = {"synthetic": synthetic_share, "unlabelled": unlabelled_share, "posed": posed_share}

    def draw(
        self,
        count: int,
        size: int,
        augmentation: Augmentation,
        mixing: Mixing,
        rng: np.random.Generator,
        generator: torch.Generator,
    ) -> RecognitionBatch:
        """So many views of `size` pixels."""
        parts: list[FaceSet] = []
        for name, share in self.shares.items():
            faces: FaceSet | None = getattr(self.faces, name)
            if faces is not None and round(count * share) > 0:
                parts.append(faces.sample(round(count * share), rng))
        real = self.faces.real.sample(count - sum(len(part) for part in parts), rng)
        return _mixed(batch_of(concatenate([real, *parts]), size, augmentation, generator), mixing, generator)


def batch_of(faces: FaceSet, size: int, augmentation: Augmentation, generator: torch.Generator) -> RecognitionBatch:
    """One random view of every face."""
    views, placement = placed_views(faces.crops, size, augmentation, generator)
    known = (faces.expression != UNKNOWN)[:, None]
    labels = one_hot(faces.expression.clamp(min=0), len(BASIC)).float() * known
    return RecognitionBatch(views, labels, faces.votes, auxiliary_targets(faces, placement))


def _mixed(batch: RecognitionBatch, mixing: Mixing, generator: torch.Generator) -> RecognitionBatch:
    """Some views mixed with another of the batch; they ask for no landmarks, units or pose any more."""
    if mixing.mixup + mixing.cutmix == 0:
        return batch
    count, device, side = len(batch.views), batch.views.device, batch.views.shape[-1]
    draw, kept = torch.rand(2, count, generator=generator, device=device)
    partner = torch.randperm(count, generator=generator, device=device)
    blended, cut = draw < mixing.mixup, (draw >= mixing.mixup) & (draw < mixing.mixup + mixing.cutmix)
    kept = 0.5 + kept / 2  # a view always keeps the greater part of itself
    hole = _rectangles((1 - kept).sqrt() * side, side, generator) & cut[:, None, None, None]
    kept = torch.where(cut, 1 - hole.float().mean(dim=(1, 2, 3)), torch.where(blended, kept, 1.0))[:, None]
    views = torch.where(blended[:, None], kept, 1.0)[:, :, None, None]
    others = batch.views[partner]
    mixed = torch.where(hole, others, views * batch.views + (1 - views) * others)
    whole = ~(blended | cut)
    auxiliary = batch.auxiliary._replace(
        units_known=batch.auxiliary.units_known & whole, landmarks_known=batch.auxiliary.landmarks_known & whole
    )
    labels = kept * batch.labels + (1 - kept) * batch.labels[partner]
    votes = kept * batch.votes + (1 - kept) * batch.votes[partner]
    return replace(batch, views=mixed, labels=labels, votes=votes, auxiliary=auxiliary)


def _rectangles(sides: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Squares of these sides anywhere in pictures of `size` pixels, as masks (B, 1, size, size)."""
    corner = torch.rand(2, len(sides), 1, generator=generator, device=sides.device) * (size - sides[:, None])
    position = torch.arange(size, device=sides.device)
    inside = (position >= corner) & (position < corner + sides[:, None])
    return (inside[0][:, :, None] & inside[1][:, None, :])[:, None]
