"""WarpEditor: another expression on the very same photo, by moving its pixels and painting only what was hidden.

An expression encoder reads 52 facial units from a face. An editor sees a face and the wanted change of its units, and
predicts a warp of the picture, a mask of what no warp can bring (teeth, tongue, folds) and the paint for it. Person,
hair and background are carried over by construction; the fields fit the photo at any size and in colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_shuffle, silu

from fer_demo.capabilities import Edit
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.layers.conditioning import GROUPS, ConditionedBlock
from fer_demo.layers.residual import ResidualTrunk
from fer_demo.layers.trim import BackInPlace, trimmed
from fer_demo.layers.warping import warp, warp_and_paint
from fer_demo.published.model import FaceModelConfig, PublishedModel
from fer_demo.synthetic.units import UNITS

STEPS_DOWN = 4  # halvings from the picture to the coarsest features
_NO_CHANGE = 0.05  # squared length of a change of units at which half of the edit is shown
_FLAT = 0.1  # the least contrast a picture is held to have
# The residual encoder has the shape of the expression classifier, so that it can start from what that has learnt.
_SEEN_SIZE, _SEEN_TRIM, _STEM, _BLOCKS, _SQUEEZE = 56, (1 / 7, 1 / 7, 1 / 7, 0.0), 32, (1, 2, 2), 16
_CONTRAST = 0.5  # standard deviation of a face in [-1, 1], as classifiers see it
_PLAINER = 1.5  # how much stronger a driver's expression is asked for than it is, up to the prototype's strength
_FAINT = 0.05  # the least squared length of a prototype that strength is measured by
_RECOGNIZED = 0.5  # probability from which an expression shows
_CERTAIN = 10.0  # a logit beside which the others count for nothing
_DECISIVENESS = 4  # a driver seen as half one expression and half another is asked for one of them: a mean is neither


@dataclass(frozen=True)
class WarpEditorConfig(FaceModelConfig):
    """Defaults: small enough to be trained on one CPU core in an hour."""

    size: int = 96
    encoder: str = "plain"  # or "residual"
    encoder_widths: tuple[int, ...] = (16, 32, 64, 128, 192)  # channels at half the side, a quarter ...
    editor_widths: tuple[int, ...] = (24, 64, 96, 160)  # as above, down to a sixteenth
    condition: int = 128
    reach: float = 0.4  # the farthest a pixel may move, where the picture is 2 wide
    emphasis: float = 0.0  # how far a driver's units are drawn to the prototype of the expression recognized in it

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels != 1:
            raise CheckpointError("A warp editor sees grey faces; it edits colour photos by their luma.")
        if self.size % 2**STEPS_DOWN or len(self.editor_widths) != STEPS_DOWN or len(self.encoder_widths) < 2:
            raise CheckpointError(
                f"A warp editor needs a size that divides by {2**STEPS_DOWN}, {STEPS_DOWN} editor widths and at least "
                "2 encoder widths."
            )
        if self.encoder not in ("plain", "residual"):
            raise CheckpointError(f"A warp editor has a plain or a residual encoder, not {self.encoder!r}.")
        if self.encoder == "residual" and len(self.encoder_widths) != len(_BLOCKS):
            raise CheckpointError(f"The residual encoder of a warp editor has {len(_BLOCKS)} widths.")
        if not 0 <= self.emphasis <= 1:
            raise CheckpointError("The emphasis of a warp editor is a share from 0 to 1.")
        if self.emphasis and self.encoder != "residual":
            raise CheckpointError("A warp editor with emphasis needs a residual encoder.")
        widths = (*self.editor_widths, *self.encoder_widths)
        if min(widths) < 1 or any(width % GROUPS for width in widths):
            raise CheckpointError(f"The widths of a warp editor are multiples of {GROUPS}.")
        if self.condition < 1 or not 0 < self.reach <= 1:
            raise CheckpointError("A warp editor needs condition >= 1 and a reach above 0, at most 1.")


class PlainEncoder(nn.Module):
    """Standardized face -> 52 facial units, by convolutions alone: quick to train."""

    def __init__(self, widths: tuple[int, ...], size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        previous, cells = 1, size
        for step, width in enumerate(widths):
            kernel = 5 if step == 0 else 3
            layers += [nn.Conv2d(previous, width, kernel, 2, kernel // 2), nn.GroupNorm(GROUPS, width), nn.SiLU()]
            if step > 1:  # the first two steps see many pixels; a second convolution there would cost most of the time
                layers += [nn.Conv2d(width, width, 3, 1, 1), nn.GroupNorm(GROUPS, width), nn.SiLU()]
            previous, cells = width, (cells + 1) // 2
        self.trunk = nn.Sequential(*layers)
        # Not averaged over the picture: on an aligned face it matters where something is seen.
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(previous * cells**2, len(UNITS)))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.trunk

    def forward(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 52"]:
        return self.head(self.trunk(faces))


class ClassifierTrunk(ResidualTrunk, nn.Module):
    """What an expression classifier sees where, on the size and the part of the face that it looks at."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.add_trunk(1, _STEM, widths, _BLOCKS, _SQUEEZE)

    def looked_at(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch width rows columns"]:
        seen = interpolate(faces, (_SEEN_SIZE, _SEEN_SIZE), mode="bilinear", antialias=True)
        return self.maps(trimmed(seen, _SEEN_TRIM))


class ResidualEncoder(ClassifierTrunk):
    """Standardized face -> 52 facial units; it can start from what a classifier has learnt."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__(widths)
        self.back_in_place = BackInPlace(_SEEN_TRIM)
        cells = _SEEN_SIZE // 2 ** len(widths)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(widths[-1] * cells**2, len(UNITS)))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.back_in_place

    def forward(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 52"]:
        return self.head(self.back_in_place(self.looked_at(faces * _CONTRAST)))


class DriverRecognizer(ClassifierTrunk):
    """Face as it is -> logits of the expressions of BASIC: an expression classifier's own network, which never learns.

    Beside the encoder, because a trunk that learns to read units unlearns to recognize.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__(widths)
        self.basic_head = nn.Linear(widths[-1], len(BASIC))
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> DriverRecognizer:
        """Never in earnest, for a batch norm that trains has other statistics."""
        return super().train(False)

    def forward(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 7"]:
        return self.basic_head(self.looked_at(faces).mean(dim=(2, 3)))


class EditNetwork(nn.Module):
    """Face and condition -> flow at half the side, mask and paint at the full side, all before their ranges."""

    def __init__(self, widths: tuple[int, ...], condition: int) -> None:
        super().__init__()
        fine, *coarser = widths
        self.embed = nn.Sequential(
            nn.Linear(2 * len(UNITS), condition), nn.SiLU(), nn.Linear(condition, condition), nn.SiLU()
        )
        self.stem = nn.Conv2d(1, fine, 5, 2, 2)
        self.down = nn.ModuleList([nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(widths, coarser, strict=False)])
        self.seen = nn.ModuleList([ConditionedBlock(width, condition) for width in coarser])
        self.deepest = ConditionedBlock(coarser[-1], condition)
        upwards = list(zip(coarser[::-1], widths[-2::-1], strict=True))
        self.up = nn.ModuleList([nn.Conv2d(a, b, 1) for a, b in upwards])
        self.drawn = nn.ModuleList([ConditionedBlock(width, condition) for _, width in upwards])
        self.out = nn.Conv2d(fine, 2 + 4 + 4, 3, 1, 1)
        for starts_at_zero in self.out.parameters():
            nn.init.zeros_(starts_at_zero)

    def forward(
        self, faces: Float[Tensor, "batch 1 size size"], condition: Float[Tensor, "batch 104"]
    ) -> tuple[Tensor, Tensor, Tensor]:
        embedded = self.embed(condition)
        features = self.stem(faces)
        kept = [features]
        for down, block in zip(self.down, self.seen, strict=True):
            features = block(down(silu(features)), embedded)
            kept.append(features)
        features = self.deepest(kept.pop(), embedded)
        for up, block in zip(self.up, self.drawn, strict=True):
            # The source's own features join on the way up: the skips of US-GAN, here for the field and not the picture.
            features = block(interpolate(up(features), scale_factor=2.0) + kept.pop(), embedded)
        flow, mask, paint = self.out(silu(features)).float().split((2, 4, 4), dim=1)
        return flow, pixel_shuffle(mask, 2), pixel_shuffle(paint, 2)


class WarpEditor(PublishedModel):
    """The expression encoder and the editor; the expression code is the 52 units themselves.

    With emphasis there is a recognizer as well, which looks at drivers.
    """

    config_class = WarpEditorConfig
    config: WarpEditorConfig
    expression_prototypes: Tensor

    def __init__(self, config: WarpEditorConfig) -> None:
        super().__init__(config)
        self.expression_encoder: PlainEncoder | ResidualEncoder
        if config.encoder == "plain":
            self.expression_encoder = PlainEncoder(config.encoder_widths, config.size)
        else:
            self.expression_encoder = ResidualEncoder(config.encoder_widths)
        self.editor = EditNetwork(config.editor_widths, config.condition)
        self.recognizer = DriverRecognizer(config.encoder_widths) if config.emphasis else None
        self.register_buffer("expression_prototypes", torch.zeros(len(BASIC), len(UNITS)))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.expression_encoder.attribution_layer

    def expression_code(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 52"]:
        """Facial units in the order of UNITS, about 0 to 1; neither brightness nor contrast matters."""
        return self.expression_encoder(standardized(faces)[0]).float()

    def driver_code(
        self,
        faces: Float[Tensor, "batch 1 size size"],
        people: Float[Tensor, "batch 1 size size"],
        label: int | None = None,
    ) -> Float[Tensor, "batch 52"]:
        """What drivers ask of people: their units, drawn to the prototype of the expression recognized in them.

        Units follow how the mouth and the brows move, but miss what folds of the skin tell a recognizer; and an
        expression that is plain on its owner is weak on a stranger, whose skin no warp can fold. Both that and the
        prototype at its own strength are tried on the person; the second is asked for where the first is not recognized
        and the second better. A label of the drivers replaces what is recognized.
        """
        units = self.expression_code(faces)
        if self.recognizer is None:
            return units
        seen = self.recognizer(faces.float()).float()
        if label is not None:
            seen = torch.full_like(seen, -_CERTAIN).index_fill(1, torch.tensor([label], device=seen.device), _CERTAIN)
        own, shown = self.expression_code(people), seen.argmax(dim=1, keepdim=True)
        asked, named = self.emphasized(units, seen), self._named(seen)
        first, second = (
            self.recognizer(self.edit(people, code, own).result).float().softmax(dim=1).gather(1, shown)
            for code in (asked, named)
        )
        return torch.where((first < _RECOGNIZED) & (second > first), named, asked)

    def emphasized(self, units: Float[Tensor, "batch 52"], seen: Float[Tensor, "batch 7"]) -> Float[Tensor, "batch 52"]:
        """The units of drivers, drawn to the prototype of what the recognizer has seen in them."""
        named = self._named(seen)
        # A faint smile asks for a faint smile, though for a plainer one.
        strength = (units * named).sum(dim=1, keepdim=True) / named.square().sum(dim=1, keepdim=True).clamp_min(_FAINT)
        return units + self.config.emphasis * (named * (_PLAINER * strength).clamp(0, 1) - units)

    def _named(self, seen: Float[Tensor, "batch 7"]) -> Float[Tensor, "batch 52"]:
        """The prototype of what the recognizer has seen."""
        return (_DECISIVENESS * seen).softmax(dim=1) @ self.expression_prototypes

    def edit(
        self,
        faces: Float[Tensor, "batch 1 size size"],
        target: Float[Tensor, "batch 52"],
        own: Float[Tensor, "batch 52"] | None = None,
    ) -> Edit:
        """The same faces showing the target units; `own` are the units they show now, read from them if not given."""
        own = self.expression_code(faces) if own is None else own
        change = target - own
        seen, mean, spread = standardized(faces)
        raw_flow, raw_mask, raw_paint = self.editor(seen, torch.cat([own, change], dim=1))
        # No change of units moves and paints nothing at all, whatever the weights are.
        length = change.float().square().sum(dim=1)[:, None, None, None]
        shown = length / (length + _NO_CHANGE)
        flow = self.config.reach * torch.tanh(raw_flow) * shown
        mask = torch.sigmoid(raw_mask - 2) * shown
        paint = (mean + spread * 3 * torch.tanh(raw_paint)).clamp(-1, 1)
        faces = faces.float()
        result = ((1 - mask) * warp(faces, flow) + mask * paint).clamp(-1, 1)
        return Edit(result, flow, mask, paint)

    def apply_edit(
        self, edit: Edit, photos: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The edit on the same aligned crops, grey or RGB, at any size; the warp carries chroma and detail."""
        return warp_and_paint(photos, edit.flow, edit.mask, edit.paint)

    def prototypes(self) -> Float[Tensor, "7 52"]:
        return self.expression_prototypes


def standardized(faces: Float[Tensor, "batch 1 h w"]) -> tuple[Tensor, Tensor, Tensor]:
    """Faces with mean 0 and standard deviation 1 each, their means and their deviations."""
    faces = faces.float()
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    spread = faces.std(dim=(1, 2, 3), keepdim=True, correction=0).clamp_min(_FLAT)
    return (faces - mean) / spread, mean, spread
