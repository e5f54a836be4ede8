"""Editing a photo's own pixels: by a driver's face, by name, by single facial units, and layer upon layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import Edit, EditsPhoto
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.transfer.hidden_mouths import leave_hidden_mouths
from fer_demo.inference.transfer.painters import PhotoPainter, code_of, wholly
from fer_demo.inference.transfer.transfer import ALPHA_RANGE, Direction, checked, targets_along
from fer_demo.published.model import PublishedModel
from fer_demo.synthetic.units import UNIT_INDEX, UNITS, sides

Region = Literal["face", "eyes", "mouth"]
# Each slider moves units that no other slider moves, so their directions are orthogonal.
SLIDERS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "smile": ("mouthSmile", "cheekSquint"),
    "frown": ("mouthFrown", "mouthShrugLower"),
    "jaw open": ("jawOpen",),
    "lip pucker": ("mouthPucker",),
    "lip stretch": ("mouthStretch",),
    "upper lip raise": ("mouthUpperUp",),
    "lower lip drop": ("mouthLowerDown",),
    "lip press": ("mouthPress",),
    "nose wrinkle": ("noseSneer",),
    "inner brow raise": ("browInnerUp",),
    "outer brow raise": ("browOuterUp",),
    "brow lower": ("browDown",),
    "eye widen": ("eyeWide",),
    "eye squint": ("eyeSquint",),
    "blink": ("eyeBlink",),
})  # fmt: skip
SLIDER_RANGE = (-1.0, 1.0)
_EYE_STEMS = ("brow", "eye", "cheekSquint")


@dataclass(frozen=True, eq=False)
class EditLayer:
    """One instruction: towards a driver's face or a named expression, or a step along sliders."""

    target: FaceCrop | str | Mapping[str, float]
    intensity: float = 1.0  # 0 leaves the face as it is, 1 goes all the way
    region: Region = "face"
    code: np.ndarray | None = None  # (1, 52) float32 of a face or a name, if it is known already

    def __post_init__(self) -> None:
        """Raises: SettingsError for an intensity out of range, or a name that is unknown."""
        low, high = ALPHA_RANGE
        if not low <= self.intensity <= high:
            raise SettingsError(f"An intensity must lie between {low} and {high}, not {self.intensity}.")
        if isinstance(self.target, str) and self.target not in BASIC:
            raise SettingsError(f"There is no expression {self.target!r}; choose one of: {', '.join(BASIC)}.")
        if isinstance(self.target, Mapping):
            for name, value in self.target.items():
                if name not in SLIDERS:
                    raise SettingsError(f"There is no slider {name!r}; choose one of: {', '.join(SLIDERS)}.")
                if not SLIDER_RANGE[0] <= value <= SLIDER_RANGE[1]:
                    raise SettingsError(f"The slider {name!r} goes from -1 to 1, not to {value}.")


@dataclass(frozen=True, eq=False)
class EditedFace:
    """A face crop after an edit, with what was asked for."""

    pixels: np.ndarray  # (S, S, 3) uint8, on the alignment template
    before: np.ndarray  # the same crop as it was
    own: np.ndarray  # (52,) float32 units read from the face
    wanted: np.ndarray  # (52,) float32 target units
    moved: np.ndarray  # (F, F, 2) float32 flow, where the crop is 2 wide
    painted: np.ndarray  # (M, M) float32 0..1
    shaded: np.ndarray  # (F, F) float32 logarithm of how many times as bright the skin became
    landmarks: np.ndarray  # (2, 68, 2) float32 before and after, iBUG order, in parts of the crop's side


def as_photo_editor(model: PublishedModel) -> EditsPhoto:
    """The same model, known to edit photos.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, EditsPhoto):
        raise CheckpointError(f"{type(model).__name__} cannot edit a photo's own pixels; choose the landmark editor.")
    return model


@torch.inference_mode()
def read_units(model: PublishedModel, crops: Sequence[FaceCrop]) -> np.ndarray:
    """The expression code of each face: (N, 52) float32 in the order of UNITS."""
    editor = as_photo_editor(model)
    return np.concatenate([editor.expression_code(faces).float().cpu().numpy() for faces in face_batches(model, crops)])


@torch.inference_mode()
def edit_face(model: PublishedModel, crop: FaceCrop, layers: Sequence[EditLayer], size: int = 256) -> EditedFace:
    """The face after all layers, one on the other, as a crop of `size` pixels in colour."""
    own = torch.from_numpy(read_units(model, [crop]))
    return edit_frames(model, crop, own, _code_after(model, crop, own, layers), size)[0]


@torch.inference_mode()
def edit_further(model: PublishedModel, crop: FaceCrop, before: EditedFace, layer: EditLayer) -> EditedFace:
    """The face with one more layer on those that `before` has: what was read for them is not read again."""
    own, code = (torch.from_numpy(units[np.newaxis]) for units in (before.own, before.wanted))
    return edit_frames(model, crop, own, _after(model, crop, code, layer), before.pixels.shape[0])[0]


@torch.inference_mode()
def edit_frames(
    model: PublishedModel,
    crop: FaceCrop,
    own: Float[Tensor, "1 dims"],
    wanted: Float[Tensor, "frames dims"],
    size: int = 256,
    shares: Float[Tensor, " frames"] | None = None,
) -> list[EditedFace]:
    """The face once for each wanted code, with a share of each edit; its own code and picture are the same for all."""
    editor = as_photo_editor(model)
    face = next(face_batches(model, [crop]))
    own, wanted = own.to(face.device), wanted.to(face.device)
    before = crop.pixels(size)
    photo = images.to_tensor(before[None], 3).to(face.device)
    edited = []
    shares = torch.ones(len(wanted)) if shares is None else shares
    for target, share in zip(wanted.split(1), shares.split(1), strict=True):
        edit = leave_hidden_mouths(editor.edit(face, target, own), [crop]).partly(share)
        pixels = images.to_uint8(editor.apply_edit(edit, photo))[0]
        edited.append(_described(edit, pixels, before, own, target))
    return edited


def traced(model: PublishedModel, direction: Direction, alpha: float) -> EditedFace:
    """The face this far along a direction, with what was moved and painted for it."""
    asked = targets_along(model, direction, [checked(alpha)])
    return edit_frames(model, direction.person, torch.from_numpy(direction.own), asked.codes, shares=asked.shares)[0]


@torch.inference_mode()
def photo_with(model: PublishedModel, crop: FaceCrop, edited: EditedFace) -> np.ndarray:
    """The whole photo (H, W, 3) uint8 with its face edited in place; pixels the edit leaves alone stay exactly.

    Where no face was found in the photo, it is the edited square alone.
    """
    if crop.face is None:
        return edited.pixels
    painter = PhotoPainter(model, as_photo_editor(model))
    wanted = torch.from_numpy(edited.wanted[np.newaxis]).to(model.device)
    return painter.paint_in_photo(crop, wholly(wanted))[1]


def slider_direction(name: str) -> np.ndarray:
    """The step of the code (52,) float32 that a slider at 1 makes."""
    row = np.zeros(len(UNITS), np.float32)
    for stem in SLIDERS[name]:
        row[[UNIT_INDEX[unit] for unit in sides(stem)]] = 1
    return row


def region_units(region: Region) -> np.ndarray:
    """Which units (52,) bool an edit of this region may change."""
    upper = np.array([name.startswith(_EYE_STEMS) for name in UNITS])
    return {"face": np.ones(len(UNITS), bool), "eyes": upper, "mouth": ~upper}[region]


def _code_after(
    model: PublishedModel, crop: FaceCrop, code: Float[Tensor, "1 52"], layers: Sequence[EditLayer]
) -> Float[Tensor, "1 52"]:
    for layer in layers:
        code = _after(model, crop, code, layer)
    return code


def _after(
    model: PublishedModel, crop: FaceCrop, code: Float[Tensor, "1 52"], layer: EditLayer
) -> Float[Tensor, "1 52"]:
    if isinstance(layer.target, FaceCrop | str):
        if layer.code is None:
            wanted = code_of(PhotoPainter(model, as_photo_editor(model)), layer.target, crop).cpu()
        else:
            wanted = torch.from_numpy(layer.code)
        step = wanted - code
    else:
        moved = np.zeros(len(UNITS), np.float32)
        for name, value in layer.target.items():
            moved += value * slider_direction(name)
        step = torch.from_numpy(moved)[None]
    return code + layer.intensity * step * torch.from_numpy(region_units(layer.region))


def _described(edit: Edit, pixels: np.ndarray, before: np.ndarray, own: Tensor, wanted: Tensor) -> EditedFace:
    return EditedFace(
        pixels=pixels,
        before=before,
        own=own[0].cpu().numpy(),
        wanted=wanted[0].cpu().numpy(),
        moved=edit.flow[0].permute(1, 2, 0).cpu().numpy(),
        painted=edit.mask[0, 0].cpu().numpy(),
        shaded=edit.shading[0, 0].cpu().numpy(),
        landmarks=((torch.stack([edit.landmarks[0], edit.aims[0]]) + 1) / 2).cpu().numpy(),
    )
