"""The mesh of one person with one expression, hair and glasses included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fer_demo.synthetic.factors import Hair, Identity, Pose, SyntheticFace
from fer_demo.synthetic.glasses import glasses_mesh
from fer_demo.synthetic.hair import hair_sheets, hair_shell, shell_height
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.kernels import vertex_areas, vertex_normals
from fer_demo.synthetic.parts import FRAME, HAIR_SHEET, HAIR_SHELL, SKIN
from fer_demo.synthetic.units import UNIT_INDEX, as_units, sides

# The artists' resting face frowns a little. This lift makes it look at rest; it belongs to every identity's shape, so
# that unit weights of 0 are a neutral face.
_RESTING_UNITS = as_units(
    {
        "browInnerUp": 0.35,
        **{side: weight for stem, weight in (("eyeWide", 0.18), ("browOuterUp", 0.06)) for side in sides(stem)},
    }
)
_EYE_DISTANCE = 0.62
_FRAME_CENTRE = np.array([0.0, -0.22, -0.55], np.float32)  # from between the eyes to the middle of the picture


@dataclass(frozen=True, eq=False)
class NeutralHead:
    """A person at rest; the picture is framed on it, so that the expression does not move the crop."""

    coarse: np.ndarray  # (coarse, 3)
    areas: np.ndarray  # (vertices,) of the fine mesh
    centre: np.ndarray  # (3,)
    unit: float


@dataclass(frozen=True, eq=False)
class FaceMesh:
    """Every triangle of a face in head coordinates; the head's own come first."""

    points: np.ndarray  # (vertices, 3)
    normals: np.ndarray  # (vertices, 3)
    triangles: np.ndarray  # (triangles, 3) int32
    uv: np.ndarray  # (triangles, 3, 2)
    material: np.ndarray  # (triangles,) int32
    occlusion: np.ndarray  # (vertices,)
    crease: np.ndarray  # (vertices,)
    space: np.ndarray  # (vertices, 3)


@lru_cache(maxsize=32)
def neutral_head(head: HeadModel, identity: Identity) -> NeutralHead:
    """The mesh of an identity without expression."""
    moved = head.macro_basis @ np.asarray(identity.macro, np.float32)
    moved = moved + head.detail_basis @ np.asarray(identity.detail, np.float32)
    moved = moved + head.unit_basis @ np.asarray(_RESTING_UNITS, np.float32)
    coarse = (head.coarse + moved.reshape(-1, 3)).astype(np.float32)
    fine = (head.subdivision @ coarse).astype(np.float32)
    left, right = (coarse[eye].mean(0) for eye in head.eye_vertices)
    unit = float(np.linalg.norm(left - right)) / _EYE_DISTANCE
    return NeutralHead(coarse, vertex_areas(fine, head.triangles), (left + right) / 2 + _FRAME_CENTRE, unit)


def shown_units(face: SyntheticFace) -> np.ndarray:
    """All unit weights (52,) of a picture: the expression's and, where stronger, the gaze's."""
    units = np.asarray(face.expression.units, np.float32)
    return np.maximum(units, _gaze_units(face.pose))


def _gaze_units(pose: Pose) -> np.ndarray:
    to_left, upwards = pose.gaze
    row = np.zeros(len(UNIT_INDEX), np.float32)
    for name, weight in (
        ("eyeLookOutLeft", to_left),
        ("eyeLookInRight", to_left),
        ("eyeLookInLeft", -to_left),
        ("eyeLookOutRight", -to_left),
        ("eyeLookUpLeft", upwards),
        ("eyeLookUpRight", upwards),
        ("eyeLookDownLeft", -upwards),
        ("eyeLookDownRight", -upwards),
    ):
        row[UNIT_INDEX[name]] = max(weight, 0.0)
    return row


def face_mesh(head: HeadModel, face: SyntheticFace) -> FaceMesh:
    """Head, hair and glasses of a face as one mesh."""
    neutral = neutral_head(head, face.identity)
    points = head.displaced(neutral.coarse, shown_units(face))
    normals = vertex_normals(points, head.triangles)
    parts = [_head_part(head, neutral, points, normals)]
    if face.hair.style != "bald":
        parts.extend(_hair_parts(head, face.hair, points, normals))
    if face.glasses is not None:
        still = (head.subdivision @ neutral.coarse).astype(np.float32)
        frame, triangles = glasses_mesh(head, still, face.glasses)
        parts.append(_plain_part(frame, triangles, np.zeros((len(triangles), 3, 2), np.float32), FRAME, frame))
    return _joined(parts)


def _head_part(head: HeadModel, neutral: NeutralHead, points: np.ndarray, normals: np.ndarray) -> FaceMesh:
    """The head itself; skin that an expression has gathered up is creased."""
    shrunk = 1 - vertex_areas(points, head.triangles) / np.maximum(neutral.areas, 1e-9)
    crease = np.clip(shrunk - 0.06, 0, 0.75).astype(np.float32)
    crease[_not_skin(head)] = 0
    return FaceMesh(points, normals, head.triangles, head.uv, head.material, head.occlusion, crease, head.texture_space)


@lru_cache(maxsize=1)
def _not_skin(head: HeadModel) -> np.ndarray:
    return np.unique(head.triangles[head.material != SKIN])


def _hair_parts(head: HeadModel, hair: Hair, points: np.ndarray, normals: np.ndarray) -> list[FaceMesh]:
    shell = hair_shell(head)
    lifted = points[shell.vertices] + normals[shell.vertices] * shell_height(head, hair)[:, None]
    parts = [_plain_part(lifted, shell.triangles, shell.uv, HAIR_SHELL, head.rest[shell.vertices])]
    for sheet in hair_sheets(head, hair):
        hanging = sheet.points + points[sheet.roots] - head.rest[sheet.roots]
        parts.append(_plain_part(hanging, sheet.triangles, sheet.uv, HAIR_SHEET, sheet.points))
    return parts


def _plain_part(
    points: np.ndarray, triangles: np.ndarray, uv: np.ndarray, material: int, space: np.ndarray
) -> FaceMesh:
    points = np.ascontiguousarray(points, np.float32)
    return FaceMesh(
        points=points,
        normals=vertex_normals(points, triangles),
        triangles=triangles,
        uv=uv,
        material=np.full(len(triangles), material, np.int32),
        occlusion=np.ones(len(points), np.float32),
        crease=np.zeros(len(points), np.float32),
        space=space.astype(np.float32),
    )


def _joined(parts: list[FaceMesh]) -> FaceMesh:
    first = np.cumsum([0, *(len(part.points) for part in parts)])
    triangles = [part.triangles + start for part, start in zip(parts, first, strict=False)]
    return FaceMesh(
        points=np.concatenate([part.points for part in parts]),
        normals=np.concatenate([part.normals for part in parts]),
        triangles=np.concatenate(triangles).astype(np.int32),
        uv=np.concatenate([part.uv for part in parts]),
        material=np.concatenate([part.material for part in parts]),
        occlusion=np.concatenate([part.occlusion for part in parts]),
        crease=np.concatenate([part.crease for part in parts]),
        space=np.concatenate([part.space for part in parts]),
    )
