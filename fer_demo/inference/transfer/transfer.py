"""Transfer: one person's expression, or a named one, on another person's face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fer_demo.errors import DataError, NoFaceError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.painters import SCALED_BELOW, EditTargets, code_of, code_of_name, painter_of
from fer_demo.published.model import PublishedModel

ALPHA_RANGE = (-0.5, 1.5)  # beyond it the codes leave what the editors have seen


@dataclass(frozen=True, eq=False)
class Direction:
    """A person's own expression code and the wanted one: read once, and kept while the amount is tried."""

    person: FaceCrop
    own: np.ndarray  # (1, D) float32
    wanted: np.ndarray  # (1, D) float32


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
    wanted, amounts = painter.codes(expression, identity), torch.full((len(identity),), checked(alpha))
    return painter.paint(identity, painter.towards(painter.codes(identity), wanted, amounts))


@torch.inference_mode()
def transfer_named(
    model: PublishedModel, identity: Sequence[FaceCrop], expression: str, alpha: float = 1.0
) -> np.ndarray:
    """Every person with a basic expression, given by name: the prototype's code takes the driver's place."""
    painter = painter_of(model)
    amounts = torch.full((len(identity),), checked(alpha))
    return painter.paint(identity, painter.towards(painter.codes(identity), code_of_name(painter, expression), amounts))


@torch.inference_mode()
def direction_to(
    model: PublishedModel, person: FaceCrop, wanted: FaceCrop | str, label: str | None = None
) -> Direction:
    """The way from a person's own expression to a driver's, or to a named one.

    label: the expression that the driver shows, if it is known; it replaces what the editor recognizes.
    """
    painter = painter_of(model)
    own, code = painter.codes([person]), code_of(painter, wanted, person, label)
    return Direction(person, own.float().cpu().numpy(), code.float().cpu().numpy())


@torch.inference_mode()
def edited(model: PublishedModel, direction: Direction, alpha: float = 1.0) -> np.ndarray:
    """The person's face, (S, S) or (S, S, 3) uint8, this far along the direction."""
    return painter_of(model).paint([direction.person], targets_along(model, direction, [checked(alpha)]))[0]


@torch.inference_mode()
def edited_twice(
    model: PublishedModel, direction: Direction, alpha: float = 1.0
) -> tuple[np.ndarray, np.ndarray | None]:
    """The face as `edited` and the photo as `edited_photo` make them; None where no face was found in the picture."""
    if direction.person.face is None:
        return edited(model, direction, alpha), None
    return painter_of(model).paint_in_photo(direction.person, targets_along(model, direction, [checked(alpha)]))


def edited_photo(model: PublishedModel, direction: Direction, alpha: float = 1.0) -> np.ndarray:
    """The person's whole photo (H, W, 3) uint8, its face edited in place with its own chroma.

    Raises: NoFaceError if no face was found in the picture, since there is no place to put it back.
    """
    photo = edited_twice(model, direction, alpha)[1]
    if photo is None:
        raise NoFaceError("No face was found in this picture, so an edited face cannot be put back into it.")
    return photo


def photo_or_face(model: PublishedModel, direction: Direction, alpha: float = 1.0) -> np.ndarray:
    """The whole photo as `edited_photo` makes it, or the face alone, in colour, where the photo has no known face."""
    face, photo = edited_twice(model, direction, alpha)
    return in_colour(face, direction.person) if photo is None else photo


def nearest_allowed(alpha: float) -> float:
    """The same amount, or the nearest one in range."""
    return min(max(alpha, ALPHA_RANGE[0]), ALPHA_RANGE[1])


def checked(alpha: float) -> float:
    """The same amount.

    Raises: SettingsError if it is out of range.
    """
    if not ALPHA_RANGE[0] <= alpha <= ALPHA_RANGE[1]:
        raise SettingsError(f"Alpha must lie between {ALPHA_RANGE[0]} and {ALPHA_RANGE[1]}, not {alpha}.")
    return alpha


def targets_along(
    model: PublishedModel,
    direction: Direction,
    amounts: Sequence[float] | np.ndarray,
    scaled_below: float = SCALED_BELOW,
) -> EditTargets:
    """Targets for the direction's person, this far along it."""
    own, wanted = (torch.from_numpy(code).to(model.device) for code in (direction.own, direction.wanted))
    return painter_of(model).towards(own, wanted, torch.tensor(amounts, dtype=torch.float32), scaled_below)
