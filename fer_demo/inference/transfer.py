"""Transfer: one person's expression, or a named one, on another person's face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import FactorCodes
from fer_demo.errors import DataError, NoFaceError, SettingsError
from fer_demo.faces.alignment import paste_back
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import prototype
from fer_demo.inference.preparation import as_editor, face_batches
from fer_demo.published_model import PublishedModel

ALPHA_RANGE = (-0.5, 1.5)  # beyond it the codes leave what the decoder has seen


def transfer(
    model: PublishedModel, identity: Sequence[FaceCrop], expression: Sequence[FaceCrop], alpha: float = 1.0
) -> np.ndarray:
    """Row i shows the person of identity[i] with the expression of expression[i].

    `alpha` moves the expression code from the person's own (0) to the driver's (1), -0.5 to 1.5. Returns uint8
    (N, S, S) from a grey model, (N, S, S, 3) from a colour model.

    Raises: DataError if the two lists differ in length, SettingsError for an alpha out of range.
    """
    if len(identity) != len(expression):
        raise DataError(
            f"There are {len(identity)} identity faces and {len(expression)} expression faces; give as many of one as "
            "of the other."
        )
    editor = as_editor(model)
    wanted = (editor.encode(faces).expression for faces in face_batches(model, expression))
    return _paint(model, identity, wanted, alpha)


def transfer_named(
    model: PublishedModel, identity: Sequence[FaceCrop], expression: str, alpha: float = 1.0
) -> np.ndarray:
    """Every person with a basic expression, given by name: the prototype's code takes the driver's place."""
    return _paint(model, identity, repeat(prototype(model, expression)), alpha)


def transfer_to_photo(
    model: PublishedModel, identity: FaceCrop, expression: FaceCrop | str, alpha: float = 1.0
) -> np.ndarray:
    """The identity's whole photo (H, W, 3) uint8, its face edited in place with its own chroma.

    Raises: NoFaceError if no face was found in the identity's picture, since there is no place to put it back.
    """
    if identity.face is None:
        raise NoFaceError("No face was found in this picture, so an edited face cannot be put back into it.")
    if isinstance(expression, str):
        edited = transfer_named(model, [identity], expression, alpha)[0]
    else:
        edited = transfer(model, [identity], [expression], alpha)[0]
    crop = edited if edited.ndim == 3 else in_colour(edited, identity)
    return paste_back(identity.photo, crop, identity.face.points)


def in_colour(grey_face: np.ndarray, crop: FaceCrop) -> np.ndarray:
    """(S, S) painted luma with the chroma of the person's own photo, aligned alike: (S, S, 3) uint8."""
    return images.with_chroma_of(grey_face, crop.pixels(grey_face.shape[0]))


@torch.inference_mode()
def _paint(
    model: PublishedModel,
    identity: Sequence[FaceCrop],
    wanted: Iterator[Float[Tensor, "batch expression_dims"]],
    alpha: float,
) -> np.ndarray:
    if not ALPHA_RANGE[0] <= alpha <= ALPHA_RANGE[1]:
        raise SettingsError(f"Alpha must lie between {ALPHA_RANGE[0]} and {ALPHA_RANGE[1]}, not {alpha}.")
    editor = as_editor(model)
    painted = []
    for faces, target in zip(face_batches(model, identity), wanted, strict=False):
        own = editor.encode(faces)
        moved = FactorCodes(own.identity, torch.lerp(own.expression, target.expand_as(own.expression), alpha))
        painted.append(images.to_uint8(editor.decode(moved)))
    return np.concatenate(painted)
