"""Rebuilding: both donors of an edited face painted again from its codes, as TDGAN's dual consistency asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import FactorCodes
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import encode_one
from fer_demo.inference.preparation import as_editor, face_batches
from fer_demo.inference.transfer.painters import code_of, painter_of
from fer_demo.published.model import PublishedModel


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A donor beside two paintings of it, all at the model's size."""

    face: np.ndarray  # (S, S) or (S, S, 3) uint8, the donor as the model sees it
    again: np.ndarray  # with the code that came from it taken from the edited face, the other its own
    own: np.ndarray  # with both of its own codes: the best that the model can do

    @property
    def error(self) -> float:
        """Mean absolute difference of `again` from the face, in grey levels of 255."""
        return _difference(self.again, self.face)

    @property
    def own_error(self) -> float:
        """The same of `own`."""
        return _difference(self.own, self.face)


@dataclass(frozen=True, eq=False)
class Rebuilding:
    """What became of both codes of an edited face I_g when it is encoded again (Xie et al. 2021, Eq. 7)."""

    person: Rebuilt  # I_f from the identity code of I_g and its own expression code
    driver: Rebuilt | None  # I_e from its own identity code and the expression code of I_g; None of a named expression


@torch.inference_mode()
def rebuild(model: PublishedModel, person: FaceCrop, target: FaceCrop | str, amount: float = 1.0) -> Rebuilding:
    """Edit the person towards the target (a driver's face or a basic expression), then rebuild both donors.

    Raises: CheckpointError from a model that does not paint faces from two codes; SettingsError for an unknown name.
    """
    editor, own = as_editor(model), encode_one(model, person)
    wanted = code_of(painter_of(model), target, person).to(own.expression)
    (face,) = face_batches(model, [person])
    edited = editor.encode(editor.edit_to_code(face, torch.lerp(own.expression, wanted, amount)))
    of_person = _rebuilt(model, person, own, FactorCodes(edited.identity, own.expression))
    if isinstance(target, str):
        return Rebuilding(of_person, None)
    theirs = encode_one(model, target)
    return Rebuilding(of_person, _rebuilt(model, target, theirs, FactorCodes(theirs.identity, edited.expression)))


def _rebuilt(model: PublishedModel, donor: FaceCrop, own: FactorCodes, mixed: FactorCodes) -> Rebuilt:
    editor = as_editor(model)
    (face,) = face_batches(model, [donor])
    return Rebuilt(*(_pixels(picture) for picture in (face, editor.decode(mixed), editor.decode(own))))


def _pixels(face: Float[Tensor, "1 channels size size"]) -> np.ndarray:
    return images.to_uint8(face)[0]


def _difference(picture: np.ndarray, face: np.ndarray) -> float:
    return float(np.abs(picture.astype(np.float32) - face).mean())
