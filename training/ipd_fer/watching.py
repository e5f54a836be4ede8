"""What a network that paints faces at rest is watched by: figures and a sheet on faces it never learns from."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from fer_demo.expressions import NEUTRAL
from fer_demo.images import to_uint8
from fer_demo.models.ipd_fer import IPDFER
from training.data.augmentation import plain_views
from training.data.face_set import FaceSet
from training.data.factorial_faces import FactorialFaces
from training.engine.ema import evaluating

FACES = 256  # at most, that each figure is measured on
SHEET_PHOTOS, SHEET_RENDERED = 8, 4  # rows of the sheet


def neutral_figures(model: IPDFER, faces: FaceSet, strangers: FactorialFaces | None) -> dict[str, float]:
    """Error of rebuilding on [-1, 1], and how much nearer to the truth at rest rendered strangers come.

    The gain is 1 for the truth, 0 for the untouched face.
    """
    with evaluating(model):
        views = plain_views(faces.crops[:FACES], model.config.size)
        figures = {"rebuilding_error": float((model.decode(model.encode(views)) - views).abs().mean())}
        if strangers is not None:
            face, truth = _rendered(strangers, model.config.size)
            missed, changed = ((one - truth).abs().mean() for one in (model.neutral_faces(face), face))
            figures["neutral_gain"] = float(1 - missed / changed)
    return figures


def neutral_sheet(model: IPDFER, faces: FaceSet, strangers: FactorialFaces | None) -> UInt8[np.ndarray, "h w"]:
    """Uncurated rows: a face, the same rebuilt, at rest, how the two differ, and with every named expression."""
    size = model.config.size
    views = plain_views(faces.crops[:SHEET_PHOTOS], size)
    if strangers is not None:
        views = torch.cat([views, _rendered(strangers, size)[0][:: FACES // SHEET_RENDERED]])
    with evaluating(model):
        codes = model.encode(views)
        rebuilt, at_rest = model.decode(codes), model.at_rest(codes)
        named = [
            model.decode(codes._replace(expression=code.expand_as(codes.expression))) for code in model.prototypes()
        ]
    rows = torch.stack([views, rebuilt, at_rest, (rebuilt - at_rest) / 2, *named], dim=1)
    return np.concatenate([np.concatenate(list(to_uint8(row)), axis=1) for row in rows], axis=0)


def _rendered(strangers: FactorialFaces, size: int) -> tuple[Tensor, Tensor]:
    """Rendered faces with an expression, people taking turns, and the same people at rest."""
    rest = int(torch.nonzero(strangers.expression == NEUTRAL)[0])
    shown = torch.nonzero(strangers.expression != NEUTRAL).flatten()
    places = torch.arange(FACES)
    people = places % len(strangers.crops)
    chosen = shown[places % len(shown)]
    return plain_views(strangers.crops[people, chosen], size), plain_views(strangers.crops[people, rest], size)
