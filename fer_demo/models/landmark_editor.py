"""Landmark editor: it finds a face's landmarks, moves and shades them as people do, and repaints the mouth.

Where the landmarks go is a linear map of the change of the expression code, learnt from people who were photographed
twice, and so is how the skin's shading changes. Thin-plate splines (Bookstein 1989) carry the photo's own pixels along.
What no warp can fetch, such as teeth and the inside of a mouth, a small diffusion model can paint; without one, a wide
mouth is dark inside.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from fer_demo.capabilities import Edit, Guidance
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC, NEUTRAL
from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.faces.mouth_frame import COLUMNS, OUTER_LIPS, ROWS, WIDTH
from fer_demo.faces.stable_frame import PLACES, STABLE
from fer_demo.layers.contours import signed_distance, soft_area
from fer_demo.layers.driver_head import DriverHead
from fer_demo.layers.face_motion import CELLS, flow_between
from fer_demo.layers.face_reader import POINTS, FaceReader
from fer_demo.layers.frames import cut, inverse, moved_by, similarity_onto
from fer_demo.layers.mouth_painter import BY_EXPRESSION, BY_PERSON, GROUPS, MouthPainter, lip_areas
from fer_demo.layers.painting import warp_and_paint, warp_and_shade
from fer_demo.layers.shading import Shading
from fer_demo.layers.warping import pixel_places
from fer_demo.published.model import FaceModelConfig, PublishedModel
from fer_demo.synthetic.units import MIRRORED_UNITS, UNITS

_MOST_WIDTHS = 4
_SHAPE = 0.05  # of a frame 2 wide: about as far as the landmarks of people differ
MOUTH, OUTER, INNER = slice(48, 68), slice(0, 12), slice(12, 20)  # of the landmarks, and of those of the mouth
_STILL = 0.5  # pixels of the mouth frame by which the lips may part or close before the mouth is painted
_WIDE = 3.0  # pixels of it by which lips may part before the mouth is dark inside
_DARK = 0.35  # how bright the inside of a mouth is, of the face around it
# How much farther from rest drivers' expressions are asked of others: in doubt they are a mixture of expressions, which
# falls short of each. Chosen over people who had no part in the motion (docs/experiments.md).
_FURTHER = 1.2
_GROWN = 1.0  # pixels of the lips that are painted with the inside of the mouth; more would blur them


@dataclass(frozen=True)
class LandmarkEditorConfig(FaceModelConfig):
    """Defaults: small enough to be trained on two CPU cores in an afternoon."""

    size: int = 128
    stem: int = 24  # channels of the reader at half the side
    reader_widths: tuple[int, ...] = (48, 96, 160)  # at a quarter of the side, an eighth, a sixteenth
    painter_widths: tuple[int, ...] = ()  # none: nothing is painted; (48, 96, 128) are 3.2 million weights

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels != 1:
            raise CheckpointError("A landmark editor sees grey faces; it edits colour photos by their luma.")
        if not 1 <= len(self.reader_widths) <= _MOST_WIDTHS or min(self.stem, *self.reader_widths) < 1:
            raise CheckpointError(f"The reader of a landmark editor has one to {_MOST_WIDTHS} widths of at least 1.")
        if len(self.painter_widths) > _MOST_WIDTHS or any(w < 1 or w % GROUPS for w in self.painter_widths):
            raise CheckpointError(
                f"The painter of a landmark editor has at most {_MOST_WIDTHS} widths, multiples of {GROUPS}."
            )


class LandmarkEditor(PublishedModel):
    """Reader, motion and painter; the expression code is 52 facial units, as the landmarks confirm them."""

    config_class = LandmarkEditorConfig
    config: LandmarkEditorConfig
    mean_face: Tensor
    expression_prototypes: Tensor

    def __init__(self, config: LandmarkEditorConfig) -> None:
        super().__init__(config)
        self.reader = FaceReader(config.stem, config.reader_widths, len(UNITS))
        self.code = nn.Linear(2 * POINTS + len(UNITS), len(UNITS))
        self.motion = nn.Linear(len(UNITS), 2 * POINTS, bias=False)
        self.shading = Shading(len(UNITS))
        self.painter = MouthPainter(config.painter_widths, ROWS, COLUMNS) if config.painter_widths else None
        self.guidance = Guidance(BY_PERSON, BY_EXPRESSION) if config.painter_widths else None
        self.driver = DriverHead(len(UNITS), len(BASIC))
        self.register_buffer("mean_face", torch.zeros(POINTS, 2))  # on the stable frame
        self.register_buffer("expression_prototypes", torch.zeros(len(BASIC), len(UNITS)))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.reader.trunk

    def read(
        self, faces: Float[Tensor, "batch 1 size size"]
    ) -> tuple[Float[Tensor, "batch 68 2"], Float[Tensor, "batch 52"]]:
        """Landmarks from -1 to 1 across the face, in iBUG order, and units from 0 to 1; mirrored faces read alike."""
        read, mirrored = (self.reader(view.float()) for view in (faces, faces.flip(3)))
        flipped = mirrored[0][:, MIRRORED] * mirrored[0].new_tensor([-1.0, 1.0])
        units = (read[1].sigmoid() + mirrored[1].sigmoid()[:, MIRRORED_UNITS]) / 2
        return (read[0] + flipped) / 2, units

    def code_of(
        self, landmarks: Float[Tensor, "batch 68 2"], units: Float[Tensor, "batch 52"]
    ) -> Float[Tensor, "batch 52"]:
        """The units as the shape of the face confirms them."""
        return self.code_in_frame(moved_by(to_stable_frame(landmarks), landmarks), units)

    def code_in_frame(
        self, shapes: Float[Tensor, "batch 68 2"], units: Float[Tensor, "batch 52"]
    ) -> Float[Tensor, "batch 52"]:
        """The same for landmarks on the stable frame."""
        shape = (shapes - self.mean_face) / _SHAPE
        return self.code(torch.cat([shape.flatten(1), units], dim=1))

    def expression_code(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 52"]:
        """What faces in [-1, 1] show, in the order of UNITS, about 0 to 1; a face at rest is near 0."""
        return self.code_of(*self.read(faces))

    def driver_code(
        self,
        faces: Float[Tensor, "batch 1 size size"],
        people: Float[Tensor, "batch 1 size size"],
        label: int | None = None,
    ) -> Float[Tensor, "batch 52"]:
        """What drivers ask of other people, who show the same expression in a size of their own."""
        if label is not None:
            return self.expression_prototypes[label].expand(len(faces), -1)
        return self.asked_by(self.expression_code(faces))

    def asked_by(self, drivers: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 52"]:
        """The code that people are given whose drivers have these codes."""
        rest = self.expression_prototypes[NEUTRAL]
        return self.driver(drivers, rest + _FURTHER * (self.expression_prototypes - rest))

    def displacement(self, change: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 68 2"]:
        """How a change of the code moves the landmarks, on the stable frame, which is 2 wide."""
        return self.motion(change).unflatten(1, (POINTS, 2))

    def mean_face_places(
        self, landmarks: Float[Tensor, "batch 68 2"], frame: Float[Tensor, "batch 2 3"]
    ) -> Float[Tensor, "batch cells cells 2"]:
        """Where on the mean face, on the stable frame, each cell of faces with these landmarks lies."""
        mean = moved_by(inverse(frame), self.mean_face.expand(len(landmarks), -1, -1))
        flow = flow_between(mean, landmarks).flatten(2).transpose(1, 2)
        cells = pixel_places(CELLS, CELLS).to(flow).flatten(0, 1)
        return moved_by(frame, cells + flow).unflatten(1, (CELLS, CELLS))

    def prototypes(self) -> Float[Tensor, "7 52"]:
        return self.expression_prototypes

    def guided(self, guidance: Guidance) -> LandmarkEditor:
        """The same editor, weights shared, that paints with this guidance."""
        other = copy(self)
        other.guidance = guidance
        return other

    def edit(
        self,
        faces: Float[Tensor, "batch 1 size size"],
        target: Float[Tensor, "batch 52"],
        own: Float[Tensor, "batch 52"] | None = None,
    ) -> Edit:
        """The same faces showing the target code; `own` is the code they show now, read from them if not given."""
        faces = faces.float()
        landmarks, units = self.read(faces)
        own = self.code_of(landmarks, units) if own is None else own
        frame = to_stable_frame(landmarks)
        back = torch.linalg.inv(frame[:, :, :2]).transpose(1, 2)
        aims = landmarks + self.displacement(target - own) @ back
        flow = flow_between(landmarks, aims)
        shading = cut(self.shading(target - own), self.mean_face_places(aims, frame), "zeros")
        warped = warp_and_shade(faces, flow, shading).clamp(-1, 1)
        mask, paint, inside = self._repaint(warped, landmarks, aims, frame)
        return Edit((1 - mask) * warped + mask * paint, flow, mask, paint, inside, shading, landmarks, aims)

    def _repaint(
        self,
        warped: Float[Tensor, "batch 1 size size"],
        landmarks: Float[Tensor, "batch 68 2"],
        aims: Float[Tensor, "batch 68 2"],
        frame: Float[Tensor, "batch 2 3"],
    ) -> tuple[Float[Tensor, "batch 1 size size"], ...]:
        """Where the mouth of warped faces has to be painted, 0 to 1, what (without a painter, darkness), and what of it
        lies between the lips."""
        to_mouth = mouth_frame(aims, frame)
        patches = cut(warped, frame_places(inverse(to_mouth)))
        before, lips = (moved_by(to_mouth, points[:, MOUTH]) for points in (landmarks, aims))
        outer, inner = (signed_distance(lips[:, part], ROWS, COLUMNS)[:, None] for part in (OUTER, INNER))
        opened = _gap(lips) - _gap(before)
        if self.painter is None:
            needed = (opened / _WIDE - 1).clamp(0, 1)
            hidden = soft_area(inner, softness=3.0)
            painted = (patches.mean(dim=(2, 3), keepdim=True) + 1).expand_as(patches) * _DARK - 1
        else:
            needed = ((opened.abs() - _STILL) / _STILL).clamp(0, 1)
            hidden = soft_area(inner, _GROWN, softness=2.0)
            painted = self.paint_where(needed > 0, patches, (hidden > 0).to(hidden), lip_areas(outer, inner))
        size = warped.shape[-1]
        places = moved_by(to_mouth, pixel_places(size, size).to(warped).flatten(0, 1).expand(len(warped), -1, -1))
        places = (places * (2 / places.new_tensor([COLUMNS, ROWS])) - 1).unflatten(1, (size, size))
        mask, between = cut(
            torch.cat([needed[:, None, None, None] * hidden, soft_area(inner)], dim=1), places, "zeros"
        ).split(1, dim=1)
        return mask, cut(painted, places), between

    def paint_where(
        self,
        rows: Bool[Tensor, " batch"],
        patches: Float[Tensor, "batch 1 48 64"],
        hidden: Float[Tensor, "batch 1 48 64"],
        lips: Float[Tensor, "batch 2 48 64"],
    ) -> Float[Tensor, "batch 1 48 64"]:
        """Mouth frames, repainted in the rows that need it: in a strip, some mouths have hardly moved."""
        painted = patches.clone()
        if rows.any():
            painted[rows] = self.paint_mouths(patches[rows], hidden[rows], lips[rows])
        return painted

    def paint_mouths(
        self,
        patches: Float[Tensor, "batch 1 48 64"],
        hidden: Float[Tensor, "batch 1 48 64"],
        lips: Float[Tensor, "batch 2 48 64"],
    ) -> Float[Tensor, "batch 1 48 64"]:
        """Mouth frames in [-1, 1] with the hidden part repainted; only an editor with a painter can."""
        assert self.painter is not None
        assert self.guidance is not None
        detail = torch.zeros(len(patches), device=patches.device)
        return self.painter.paint(
            patches, hidden, lips, detail, by_person=self.guidance.person, by_expression=self.guidance.expression
        )

    def apply_edit(
        self, edit: Edit, photos: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The edit on the same aligned crops, grey or RGB, at any size; the warp carries the photo's detail."""
        return warp_and_paint(photos, edit.flow, edit.shading, edit.mask, edit.paint, edit.inside)


def to_stable_frame(landmarks: Float[Tensor, "batch 68 2"]) -> Float[Tensor, "batch 2 3"]:
    """The ways onto the stable frame (faces/stable_frame.py), from -1 to 1 across its square."""
    return similarity_onto(landmarks[:, list(STABLE)], landmarks.new_tensor(PLACES) * 2 - 1)


def mouth_frame(
    landmarks: Float[Tensor, "batch 68 2"], frame: Float[Tensor, "batch 2 3"]
) -> Float[Tensor, "batch 2 3"]:
    """From places across the face to pixels of the mouth frame, as faces/mouth_frame.py has it."""
    linear = frame[:, :, :2] * (COLUMNS / WIDTH / 2)
    middle = linear @ landmarks[:, OUTER_LIPS].mean(dim=1)[:, :, None]
    shift = landmarks.new_tensor([[COLUMNS / 2], [ROWS / 2]]) - middle
    return torch.cat([linear, shift], dim=2)


def frame_places(from_mouth: Float[Tensor, "batch 2 3"]) -> Float[Tensor, "batch 48 64 2"]:
    """Where on the face each pixel of the mouth frame lies."""
    pixels = (pixel_places(ROWS, COLUMNS) + 1) * torch.tensor([COLUMNS / 2, ROWS / 2])
    places = pixels.to(from_mouth).flatten(0, 1).expand(len(from_mouth), -1, -1)
    return moved_by(from_mouth, places).unflatten(1, (ROWS, COLUMNS))


def _gap(lips: Float[Tensor, "batch 20 2"]) -> Float[Tensor, " batch"]:
    """How far the inner lips are apart, pixels of the mouth frame."""
    return (lips[:, [19, 18, 17], 1] - lips[:, [13, 14, 15], 1]).mean(dim=1)
