"""What a published model can do, as protocols that services and tabs ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.errors import SettingsError
from fer_demo.published.model import PublishedModel

GUIDANCE_RANGE = (0.0, 4.0)  # beyond it paint breaks into grain and glare


class FactorCodes(NamedTuple):
    """The two codes of a face, flat: who it is and what it shows."""

    identity: Float[Tensor, "batch identity_dims"]
    expression: Float[Tensor, "batch expression_dims"]


class Edit(NamedTuple):
    """An edited face, and how it came about: (1 - mask) * warped and shaded source + mask * paint."""

    result: Float[Tensor, "batch channels height width"]  # in [-1, 1]
    flow: Float[Tensor, "batch 2 rows columns"]  # the result at p shows the source at p + flow; the picture is 2 wide
    mask: Float[Tensor, "batch 1 height width"]  # 0..1, where the source has nothing to move there
    paint: Float[Tensor, "batch 1 height width"]  # luma in [-1, 1]
    inside: Float[Tensor, "batch 1 height width"]  # 0..1, where the paint shows the inside of a mouth
    shading: Float[Tensor, "batch 1 rows columns"]  # natural logarithm of how many times as bright the skin becomes
    landmarks: Float[Tensor, "batch 68 2"]  # as they were, in iBUG order, from -1 to 1 across the picture
    aims: Float[Tensor, "batch 68 2"]  # where they were sent, before any pixel was moved

    def partly(self, shares: Float[Tensor, "#batch"]) -> Edit:
        """So much of each edit, 0..1; `result` is not made anew."""
        by = shares.to(self.flow)[:, None, None, None]
        aims = torch.lerp(self.landmarks, self.aims, by[..., 0])
        return self._replace(flow=by * self.flow, mask=by * self.mask, shading=by * self.shading, aims=aims)


@dataclass(frozen=True)
class Guidance:
    """How firmly what is painted is held to what it is given; 1 is as it was taught (Ho and Salimans 2022)."""

    person: float  # to the face that is seen around it
    expression: float  # to the lips that are asked for

    def __post_init__(self) -> None:
        """Raises: SettingsError for a strength out of range."""
        low, high = GUIDANCE_RANGE
        for strength in (self.person, self.expression):
            if not (math.isfinite(strength) and low <= strength <= high):
                raise SettingsError(f"Guidance must lie between {low:g} and {high:g}, not {strength:g}.")


@runtime_checkable
class RecognizesExpression(Protocol):
    """Tells the expression of aligned faces."""

    def expression_logits(
        self, faces: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch expressions"]:
        """Logits in the order of `config.expressions`; faces are in [-1, 1] at `config.size`."""
        ...


@runtime_checkable
class RecognizesVotes(Protocol):
    """Tells what share of the people asked would vote for each expression."""

    def vote_logits(self, faces: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch 8"]:
        """Logits in the order of expressions.WITH_CONTEMPT; their softmax stands for the shares of FER+ votes."""
        ...


@runtime_checkable
class EncodesFactors(Protocol):
    """Splits aligned faces into an identity code and an expression code."""

    def encode(self, faces: Float[Tensor, "batch channels height width"]) -> FactorCodes:
        """Both codes of faces in [-1, 1] at `config.size`."""
        ...


@runtime_checkable
class EditsExpression(EncodesFactors, Protocol):
    """Paints a face from any identity code and any expression code."""

    def decode(self, codes: FactorCodes) -> Float[Tensor, "batch channels height width"]:
        """Faces in [-1, 1]; the same codes always give the same faces."""
        ...

    def adds_change(self) -> bool:
        """Whether an edit is the face with a change added to it; else every pixel is painted."""
        ...

    def edit_to_code(
        self, faces: Float[Tensor, "#batch channels height width"], expression: Float[Tensor, "batch expression_dims"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The people, or the only one, with these expression codes; faces in [-1, 1]."""
        ...

    def prototypes(self) -> Float[Tensor, "basic_expressions expression_dims"]:
        """The mean expression code of each basic expression, in the order of expressions.BASIC."""
        ...


@runtime_checkable
class EmbedsIdentity(Protocol):
    """Tells who faces are by vectors that lie close together for one person."""

    def embed(self, faces: Float[Tensor, "batch 3 size size"]) -> Float[Tensor, "batch identity_dims"]:
        """Descriptors of faces cut in the model's own way at `config.size`, in [-1, 1]; compare by distance."""
        ...

    def embed_aligned(
        self, faces: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch identity_dims"]:
        """Descriptors of faces on the shared template, grey or colour, at any size."""
        ...


@runtime_checkable
class FindsLandmarks(Protocol):
    """Tells where the points of a face are."""

    def landmarks(self, chips: Float[Tensor, "batch 3 size size"]) -> Float[Tensor, "batch 68 2"]:
        """Places (x, y) in iBUG order, in fractions of the side, on faces cut in the model's own way, in [-1, 1]."""
        ...


@runtime_checkable
class EditsPhoto(Protocol):
    """Moves a photo's own pixels to another expression; it has no identity code, since the picture itself stays."""

    def expression_code(self, faces: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch dims"]:
        """What faces in [-1, 1] at `config.size` show."""
        ...

    def driver_code(
        self,
        faces: Float[Tensor, "batch channels height width"],
        people: Float[Tensor, "batch channels height width"],
        label: int | None = None,
    ) -> Float[Tensor, "batch dims"]:
        """The target code of each person for the driver in the same row; it may emphasize what the driver shows.

        label: the index in expressions.BASIC of what all these faces show, if it is known.
        """
        ...

    def edit(
        self,
        faces: Float[Tensor, "batch channels height width"],
        target: Float[Tensor, "batch dims"],
        own: Float[Tensor, "batch dims"] | None = None,
    ) -> Edit:
        """The same faces with the expression of the target code; `own` is their own code, read if not given."""
        ...

    def apply_edit(
        self, edit: Edit, photos: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The edit on the crops it was made for, at any size, grey or colour."""
        ...

    def prototypes(self) -> Float[Tensor, "basic_expressions dims"]:
        """The expression code of each basic expression, in the order of expressions.BASIC."""
        ...


@runtime_checkable
class PaintsWithGuidance(Protocol):
    """Paints what it cannot move by classifier-free guidance, whose two strengths can be chosen."""

    guidance: Guidance | None  # in use; None where nothing is painted

    def guided(self, guidance: Guidance) -> PublishedModel:
        """The same editor, weights shared, with other strengths."""
        ...


@runtime_checkable
class RegressesPixels(Protocol):
    """Makes each pixel of the result from the same pixel of the face alone, by a line."""

    def pixel_lines(self, label: int) -> tuple[Float[Tensor, "size size"], Float[Tensor, "size size"]]:
        """Weight and bias of every pixel for an expression, an index into expressions.BASIC; pixels are in [-1, 1]."""
        ...


@runtime_checkable
class PaintsNeutralFaces(EditsExpression, Protocol):
    """Paints people without an expression, so that what is missing is the expression."""

    def neutral_faces(
        self, faces: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The same people in the same pose at rest, in [-1, 1]."""
        ...


@runtime_checkable
class EditsByLabel(Protocol):
    """Translates faces to an expression that is named; without codes, it cannot follow another face."""

    def edit_to_label(
        self,
        faces: Float[Tensor, "batch channels height width"],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channels height width"]:
        """Faces in [-1, 1] with these expressions, indices into expressions.BASIC; 0 leaves a face as it is, 1 is all.

        Amounts go from -0.5 to 1.5; what lies beyond 0 and 1 may be cut off.
        """
        ...


@runtime_checkable
class ShowsAttentionMasks(Protocol):
    """Says where each of its stages looked."""

    def attention_masks(
        self, faces: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch stages height width"]:
        """One mask per stage from 0 to 1 on faces in [-1, 1] at `config.size`, the first stage's first."""
        ...


@runtime_checkable
class SharesFeatures(Protocol):
    """Two networks side by side, each taking from the other what helps it."""

    def borrowed(self, faces: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch 2 levels"]:
        """How much recognition, then synthesis, took from the other at each level, 0..1; faces are in [-1, 1]."""
        ...
