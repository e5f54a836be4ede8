"""Painters: one interface to every editor, whether it paints faces from codes or moves a photo's pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import Edit, EditsByLabel, EditsExpression, EditsPhoto
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_editor, face_batches
from fer_demo.inference.transfer.hidden_mouths import leave_hidden_mouths
from fer_demo.inference.transfer.into_photo import InPhoto, changed, pasted, side_in_photo
from fer_demo.published.model import PublishedModel

SIDE = 256  # pixels of a crop edited in colour, unless another side is given
SMALLEST_SIDE, LARGEST_SIDE = 64, 1024  # of a crop that goes back into its photo
AT_ONCE = 16  # faces in colour that are in memory together
# Photo editors are trained on visible changes: for a hardly visible one they move pixels in another direction. Below
# this share of the way the edit of this share is scaled down, so that a strip keeps its direction from the first frame.
SCALED_BELOW = 0.3


class EditTargets(NamedTuple):
    """What the faces are edited towards, a row to a picture."""

    codes: Float[Tensor, "faces dims"]
    shares: Float[Tensor, " faces"]  # how much of the edit towards the code is applied, 0..1; by photo editors only
    own: Float[Tensor, "#faces dims"] | None = None  # the people's own codes, where they are known already


class Painter(Protocol):
    """Edits the expressions of faces; the meaning of a code is the editor's own."""

    def codes(
        self, crops: Sequence[FaceCrop], people: Sequence[FaceCrop] | None = None, label: str | None = None
    ) -> Float[Tensor, "faces dims"]:
        """The expression code of each face or, with `people`, the one that driver i asks of person i.

        label: the basic expression that the drivers show, if it is known.
        """
        ...

    def prototypes(self) -> Float[Tensor, "basic_expressions dims"]:
        """The code of each basic expression, in the order of expressions.BASIC."""
        ...

    def towards(
        self,
        own: Float[Tensor, "#faces dims"],
        wanted: Float[Tensor, "#faces dims"],
        amounts: Float[Tensor, " faces"],
        scaled_below: float = SCALED_BELOW,
    ) -> EditTargets:
        """Targets between people's own codes (amount 0) and the wanted ones (1)."""
        ...

    def paint(self, crops: Sequence[FaceCrop], targets: EditTargets) -> UInt8[np.ndarray, "faces ..."]:
        """Row i shows person i with code i, or the only person with every code: (N, S, S), or (N, S, S, 3)."""
        ...

    def paint_in_photo(self, crop: FaceCrop, targets: EditTargets) -> InPhoto:
        """The person with the one code, also in the photo; the crop's face must be known."""
        ...


class CodePainter:
    """Edits by an expression code, at the model's own size."""

    def __init__(self, model: PublishedModel) -> None:
        self._model = model
        self._editor: EditsExpression = as_editor(model)

    def codes(
        self, crops: Sequence[FaceCrop], people: Sequence[FaceCrop] | None = None, label: str | None = None
    ) -> Float[Tensor, "faces dims"]:
        return torch.cat([self._editor.encode(faces).expression for faces in face_batches(self._model, crops)])

    def prototypes(self) -> Float[Tensor, "basic_expressions dims"]:
        return self._editor.prototypes()

    def towards(
        self,
        own: Float[Tensor, "#faces dims"],
        wanted: Float[Tensor, "#faces dims"],
        amounts: Float[Tensor, " faces"],
        scaled_below: float = SCALED_BELOW,
    ) -> EditTargets:
        return wholly(_between(own, wanted, amounts))

    def paint(self, crops: Sequence[FaceCrop], targets: EditTargets) -> UInt8[np.ndarray, "faces ..."]:
        faces = torch.cat(list(face_batches(self._model, crops)))
        codes = targets.codes.split(AT_ONCE)
        people = [faces] * len(codes) if len(faces) == 1 else faces.split(AT_ONCE)
        edited = (self._editor.edit_to_code(*pair) for pair in zip(people, codes, strict=True))
        return np.concatenate([images.to_uint8(one) for one in edited])

    def paint_in_photo(self, crop: FaceCrop, targets: EditTargets) -> InPhoto:
        face = self.paint([crop], targets)[0]
        return face, changed(crop, face) if self._editor.adds_change() else pasted(crop, face)


class PhotoPainter:
    """Moves the photo's own pixels, in colour."""

    def __init__(self, model: PublishedModel, editor: EditsPhoto) -> None:
        self._model = model
        self._editor = editor

    def codes(
        self, crops: Sequence[FaceCrop], people: Sequence[FaceCrop] | None = None, label: str | None = None
    ) -> Float[Tensor, "faces dims"]:
        if people is None:
            return torch.cat([self._editor.expression_code(faces) for faces in face_batches(self._model, crops)])
        pairs = zip(face_batches(self._model, crops), face_batches(self._model, people), strict=True)
        index = None if label is None else index_of(label)
        return torch.cat([self._editor.driver_code(*pair, index) for pair in pairs])

    def prototypes(self) -> Float[Tensor, "basic_expressions dims"]:
        return self._editor.prototypes()

    def towards(
        self,
        own: Float[Tensor, "#faces dims"],
        wanted: Float[Tensor, "#faces dims"],
        amounts: Float[Tensor, " faces"],
        scaled_below: float = SCALED_BELOW,
    ) -> EditTargets:
        whole = amounts.abs().clamp_min(scaled_below)
        shares = torch.where(whole > 0, amounts.abs() / whole, 1.0)
        return EditTargets(_between(own, wanted, torch.copysign(whole, amounts)), shares, own)

    def paint(self, crops: Sequence[FaceCrop], targets: EditTargets) -> UInt8[np.ndarray, "faces ..."]:
        return np.concatenate([self._applied(*edit, SIDE) for edit in self._edits(crops, targets)])

    def _edits(self, crops: Sequence[FaceCrop], targets: EditTargets) -> Iterator[tuple[Sequence[FaceCrop], Edit]]:
        """The edits of so many people, or of the only one, as are in memory together."""
        faces = torch.cat(list(face_batches(self._model, crops)))
        own = self._editor.expression_code(faces) if targets.own is None else targets.own.to(faces)
        for start in range(0, len(targets.codes), AT_ONCE):
            rows = slice(0, 1) if len(crops) == 1 else slice(start, start + AT_ONCE)
            wanted, place = _different(targets.codes[start : start + AT_ONCE], len(crops) == 1)
            face, code = (part[rows].expand(len(wanted), *part.shape[1:]) for part in (faces, own))
            parts = (part[place] for part in self._editor.edit(face, wanted, code))
            edit = leave_hidden_mouths(Edit(*parts), crops[rows])
            yield crops[rows], edit.partly(targets.shares[start : start + AT_ONCE])

    def _applied(self, people: Sequence[FaceCrop], edit: Edit, side: int) -> UInt8[np.ndarray, "faces ..."]:
        photos = images.to_tensor(np.stack([crop.pixels(side) for crop in people]), 3).to(edit.flow)
        return images.to_uint8(self._editor.apply_edit(edit, photos.expand(len(edit.flow), -1, -1, -1)))

    def paint_in_photo(self, crop: FaceCrop, targets: EditTargets) -> InPhoto:
        assert crop.face is not None
        side = round(min(max(side_in_photo(crop), SMALLEST_SIDE), LARGEST_SIDE))
        (edit,) = self._edits([crop], targets)
        return self._applied(*edit, SIDE)[0], changed(crop, self._applied(*edit, side)[0])


class LabelPainter:
    """Paints expressions by their names, at the model's own size; a code holds an amount of each."""

    def __init__(self, model: PublishedModel, editor: EditsByLabel) -> None:
        self._model = model
        self._editor = editor

    def codes(
        self, crops: Sequence[FaceCrop], people: Sequence[FaceCrop] | None = None, label: str | None = None
    ) -> Float[Tensor, "faces dims"]:
        if people is not None:
            check_follows_faces(self._model)
        return torch.zeros(len(crops), len(BASIC), device=self._model.device)

    def prototypes(self) -> Float[Tensor, "basic_expressions dims"]:
        return torch.eye(len(BASIC), device=self._model.device)

    def towards(
        self,
        own: Float[Tensor, "#faces dims"],
        wanted: Float[Tensor, "#faces dims"],
        amounts: Float[Tensor, " faces"],
        scaled_below: float = SCALED_BELOW,
    ) -> EditTargets:
        return wholly(_between(own, wanted, amounts))

    def paint(self, crops: Sequence[FaceCrop], targets: EditTargets) -> UInt8[np.ndarray, "faces ..."]:
        if (targets.codes != 0).sum(dim=1).max() > 1:
            raise SettingsError("This model shows one expression at a time, so a walk begins at the photo's own.")
        faces = torch.cat(list(face_batches(self._model, crops))).expand(len(targets.codes), -1, -1, -1)
        labels = targets.codes.abs().argmax(dim=1)
        amounts = targets.codes.gather(1, labels[:, None])[:, 0]
        together = zip(*(part.split(AT_ONCE) for part in (faces, labels, amounts)), strict=True)
        return np.concatenate([images.to_uint8(self._editor.edit_to_label(*part)) for part in together])

    def paint_in_photo(self, crop: FaceCrop, targets: EditTargets) -> InPhoto:
        face = self.paint([crop], targets)[0]
        return face, changed(crop, face)


def painter_of(model: PublishedModel) -> Painter:
    """What paints with this model.

    Raises: CheckpointError if it cannot edit faces.
    """
    editor: object = model
    if isinstance(editor, EditsPhoto):
        return PhotoPainter(model, editor)
    return LabelPainter(model, editor) if isinstance(editor, EditsByLabel) else CodePainter(model)


def check_follows_faces(model: PublishedModel) -> None:
    """Raises: CheckpointError if the model edits by an expression's name alone, so that no face can drive it."""
    if isinstance(model, EditsByLabel):
        raise CheckpointError(
            "This model knows expressions by their names alone and cannot follow another face; name one of "
            f"{', '.join(BASIC)}, or choose another model."
        )


def wholly(codes: Float[Tensor, "faces dims"]) -> EditTargets:
    """These codes, each with the whole of its edit."""
    return EditTargets(codes, torch.ones(len(codes)))


def code_of(
    painter: Painter, wanted: FaceCrop | str, person: FaceCrop, label: str | None = None
) -> Float[Tensor, "1 dims"]:
    """The target code for this person: from a driver's face, or of a basic expression by name.

    label: the expression that the driver shows, if it is known.

    Raises: SettingsError for any other name.
    """
    if isinstance(wanted, FaceCrop):
        return painter.codes([wanted], [person], label)
    return code_of_name(painter, wanted)


def code_of_name(painter: Painter, expression: str) -> Float[Tensor, "1 dims"]:
    """The prototype of a basic expression.

    Raises: SettingsError for any other name.
    """
    return painter.prototypes()[[index_of(expression)]]


def index_of(expression: str) -> int:
    """The index of a basic expression in BASIC.

    Raises: SettingsError for any other name.
    """
    if expression not in BASIC:
        raise SettingsError(f"There is no prototype of {expression!r}; choose one of: {', '.join(BASIC)}.")
    return BASIC.index(expression)


def _different(
    codes: Float[Tensor, "faces dims"], one_person: bool
) -> tuple[Float[Tensor, "fewer dims"], Int[Tensor, " faces"]]:
    """The codes that one person has to be edited towards, each once, and which of them every row has.

    The first frames of a strip have one code; they differ in how much of its edit is applied.
    """
    if one_person:
        return torch.unique_consecutive(codes, dim=0, return_inverse=True)
    return codes, torch.arange(len(codes), device=codes.device)


def _between(
    own: Float[Tensor, "#faces dims"], wanted: Float[Tensor, "#faces dims"], amounts: Float[Tensor, " faces"]
) -> Float[Tensor, "faces dims"]:
    shape = (len(amounts), -1)
    return torch.lerp(own.expand(shape), wanted.to(own).expand(shape), amounts[:, None].to(own))
