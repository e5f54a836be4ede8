"""Photographs whose expression most voters agree on, as the labels of a critic."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from training.data.expression_faces import expression_faces
from training.data.face_set import UNKNOWN, FaceSet


@dataclass(frozen=True)
class AgreedFaces:
    """Faces of FER2013 under the name that most of their FER+ voters gave them."""

    training: FaceSet
    validation: FaceSet
    of_expression: tuple[Int[np.ndarray, " faces"], ...]  # the rows of `training`, for each expression it has
    read: dict[str, int] = field(default_factory=dict)  # how many faces of each set teach

    def sample(self, count: int, rng: np.random.Generator) -> FaceSet:
        """So many faces, every expression as often as any other, drawn with replacement."""
        kinds = rng.integers(len(self.of_expression), size=count)
        rows = np.array([rng.choice(self.of_expression[kind]) for kind in kinds])
        return self.training.select(torch.from_numpy(rows).to(self.training.crops.device))

    def crop_of(self, expression: int, rng: np.random.Generator) -> UInt8[Tensor, "stored stored"] | None:
        """Any face under this name, if there is one."""
        named = (rows for rows in self.of_expression if self.training.expression[rows[0]] == expression)
        rows = next(named, None)
        return None if rows is None else self.training.crops[int(rng.choice(rows))]


def agreed_faces(data: Path | None, size: int, device: torch.device, share: float) -> AgreedFaces:
    """Faces on which more than `share` of the voters agree, from the training and the validation cut.

    Raises: DataError if there are none.
    """
    faces = expression_faces(data, size, device, synthetic=False)
    return agreed_among(faces.real, faces.validation, share)


def agreed_among(training: FaceSet, validation: FaceSet, share: float) -> AgreedFaces:
    """The same of faces that are read already."""
    training, validation = (agreed(part, share) for part in (training, validation))
    if not len(training) or not len(validation):
        raise DataError("There are no faces whose voters agree in one of the two cuts; use a larger set.")
    labels = training.expression.cpu().numpy()
    rows = tuple(np.flatnonzero(labels == label) for label in np.unique(labels))
    return AgreedFaces(training, validation, rows, {"fer2013": len(training), "ferplus": len(training)})


def agreed(faces: FaceSet, share: float) -> FaceSet:
    """The faces with one of the seven names from more than `share` of the voters, under that name.

    Of a set without any votes, all faces under their labels.
    """
    if not faces.votes.any():
        return faces.select(faces.expression != UNKNOWN)
    most, name = faces.votes.max(dim=1)
    chosen = (most > share) & (name < len(BASIC))
    return replace(faces, expression=name).select(chosen)
