"""Transfer: one person's expression, or a named one, on another person's face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.errors import DataError, NoFaceError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.painters import Painter, code_of, code_of_name, painter_of
from fer_demo.published_model import PublishedModel

ALPHA_RANGE = (-0.5, 1.5)  # beyond it the codes leave what the editors have seen


@torch.inference_mode()
def transfer(
    model: PublishedModel, identity: Sequence[FaceCrop], expression: Sequence[FaceCrop], alpha: float = 1.0
) -> np.ndarray:
    """Row i shows the person of identity[i] with the expression of expression[i].

    `alpha` moves the expression code from the person's own (0) to the driver's (1), -0.5 to 1.5. Returns uint8
    (N, S, S) from a model that paints in grey, (N, S, S, 3) from one that paints in colour or edits the photo.

    Raises: DataError if the two lists differ in length, SettingsError for an alpha out of range.
    """
    if len(identity) != len(expression):
        raise DataError(
            f"There are {len(identity)} identity faces and {len(expression)} expression faces; give as many of one as "
            "of the other."
        )
    painter = painter_of(model)
    return painter.paint(identity, _moved(painter, identity, painter.read_drivers(expression, identity), alpha))


@torch.inference_mode()
def transfer_named(
    model: PublishedModel, identity: Sequence[FaceCrop], expression: str, alpha: float = 1.0
) -> np.ndarray:
    """Every person with a basic expression, given by name: the prototype's code takes the driver's place."""
    painter = painter_of(model)
    return painter.paint(identity, _moved(painter, identity, code_of_name(painter, expression), alpha))


def transfer_one(
    model: PublishedModel, identity: FaceCrop, expression: FaceCrop | str, alpha: float = 1.0
) -> np.ndarray:
    """One person's face, (S, S) or (S, S, 3) uint8, with a driver's expression or a named one."""
    if isinstance(expression, str):
        return transfer_named(model, [identity], expression, alpha)[0]
    return transfer(model, [identity], [expression], alpha)[0]


@torch.inference_mode()
def transfer_to_photo(
    model: PublishedModel, identity: FaceCrop, expression: FaceCrop | str, alpha: float = 1.0
) -> np.ndarray:
    """The identity's whole photo (H, W, 3) uint8, its face edited in place with its own chroma.

    Raises: NoFaceError if no face was found in the identity's picture, since there is no place to put it back.
    """
    if identity.face is None:
        raise NoFaceError("No face was found in this picture, so an edited face cannot be put back into it.")
    painter = painter_of(model)
    return painter.paint_in_photo(identity, _moved(painter, [identity], code_of(painter, expression, identity), alpha))


def _moved(
    painter: Painter, identity: Sequence[FaceCrop], wanted: Float[Tensor, "faces dims"], alpha: float
) -> Float[Tensor, "people dims"]:
    """The people's own codes, moved towards the wanted ones."""
    if not ALPHA_RANGE[0] <= alpha <= ALPHA_RANGE[1]:
        raise SettingsError(f"Alpha must lie between {ALPHA_RANGE[0]} and {ALPHA_RANGE[1]}, not {alpha}.")
    own = painter.read(identity)
    return torch.lerp(own, wanted.to(own).expand_as(own), alpha)
