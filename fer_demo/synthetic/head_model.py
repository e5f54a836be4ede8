"""The head mesh: resting shape, identity and unit bases, subdivision and everything fixed by its topology."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage, sparse

from fer_demo.synthetic.noise import SIDE
from fer_demo.synthetic.parts import LASHES, LEFT_EYE, RIGHT_EYE, SKIN, TONGUE
from fer_demo.synthetic.rasterizer import rasterize
from fer_demo.synthetic.subdivision import catmull_clark, subdivide_corners, triangulate
from fer_demo.synthetic.units import UNITS, unit_reach

HEAD_ASSET = Path(__file__).parents[1] / "assets" / "synthetic" / "head.npz"
_HEAD_PARTS = (*range(TONGUE + 1), LASHES)  # the asset's hair helper is left out


@dataclass(frozen=True, eq=False)
class HeadModel:
    """Positions are in head units: the eyes of the resting head are 0.62 apart, x to the person's left, z forward."""

    coarse: np.ndarray  # (coarse, 3) artists' resting mesh
    unit_basis: sparse.csr_matrix  # (3 * coarse, 52) displacement per unit weight, in the order of UNITS
    macro_basis: sparse.csr_matrix  # (3 * coarse, macro)
    detail_basis: sparse.csr_matrix  # (3 * coarse, detail)
    macro_names: tuple[str, ...]
    detail_names: tuple[str, ...]
    subdivision: sparse.csr_matrix  # (vertices, coarse)
    rest: np.ndarray  # (vertices, 3) subdivided resting mesh
    triangles: np.ndarray  # (triangles, 3) int32
    uv: np.ndarray  # (triangles, 3, 2)
    material: np.ndarray  # (triangles,) int32, see parts.py
    occlusion: np.ndarray  # (vertices,) 0..1 share of the surroundings' light that arrives, baked
    texture_space: np.ndarray  # (vertices, 3) direction on the eyeball, or resting position elsewhere
    texel_rest: np.ndarray  # (SIDE, SIDE, 3) resting position of each skin texel
    masks: Mapping[str, np.ndarray]  # name -> (SIDE, SIDE) 0..1: ears, eyelids, face, inside-mouth, lips
    eye_vertices: tuple[np.ndarray, np.ndarray]  # coarse vertices of both eyeballs

    def displaced(self, coarse: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Fine vertices (vertices, 3) of a coarse mesh with unit weights applied."""
        moved = coarse + (self.unit_basis @ units).reshape(-1, 3)
        return (self.subdivision @ moved).astype(np.float32)

    def vertices_of(self, *materials: int) -> np.ndarray:
        """Fine vertices used by some materials."""
        return np.unique(self.triangles[np.isin(self.material, materials)])


@lru_cache(maxsize=1)
def load_head_model() -> HeadModel:
    """The bundled head (0.2 s the first time)."""
    return read_head_model(HEAD_ASSET)


def read_head_model(path: Path) -> HeadModel:
    """Read a head asset and derive the rest; an asset without baked occlusion gets full light everywhere."""
    with np.load(path) as asset:
        arrays = {name: asset[name] for name in asset.files}
    coarse = arrays["V0"].astype(np.float32)
    kept = np.isin(arrays["part"], _HEAD_PARTS)
    quads, part = arrays["quad"][kept].astype(np.int64), arrays["part"][kept].astype(np.int32)
    corners = arrays["vt"][arrays["quadt"][kept].astype(np.int64)]
    subdivision, fine_quads = catmull_clark(quads, len(coarse))
    triangles = triangulate(fine_quads).astype(np.int32)
    uv = triangulate(subdivide_corners(corners)).astype(np.float32)
    material = np.tile(np.repeat(part, 4), 2).astype(np.int32)
    rest = (subdivision @ coarse).astype(np.float32)
    names, units = _basis(arrays, "exp", len(coarse))
    order = [names.index(name) if name in names else -1 for name in UNITS]
    unit_basis = sparse.hstack([units[:, [i]] if i >= 0 else sparse.csc_matrix((len(coarse) * 3, 1)) for i in order])
    macro_names, macro = _basis(arrays, "macro", len(coarse))
    detail_names, detail = _basis(arrays, "detail", len(coarse))
    return HeadModel(
        coarse=coarse,
        unit_basis=(unit_basis @ sparse.diags(unit_reach())).tocsr().astype(np.float32),
        macro_basis=macro.tocsr(),
        detail_basis=detail.tocsr(),
        macro_names=macro_names,
        detail_names=detail_names,
        subdivision=subdivision,
        rest=rest,
        triangles=triangles,
        uv=uv,
        material=material,
        occlusion=arrays.get("occlusion", np.ones(len(rest))).astype(np.float32),
        texture_space=_texture_space(rest, triangles, material),
        texel_rest=_texel_positions(rest, triangles[material == SKIN], uv[material == SKIN]),
        masks={name[5:]: _decoded(arrays[name]) for name in arrays if name.startswith("mask_")},
        eye_vertices=(np.unique(quads[part == LEFT_EYE]), np.unique(quads[part == RIGHT_EYE])),
    )


def _basis(arrays: Mapping[str, np.ndarray], kind: str, vertices: int) -> tuple[tuple[str, ...], sparse.csc_matrix]:
    """Names and displacements (3 * vertices, shapes) of a family of shapes stored as sparse vertex rows."""
    starts, rows, moves = (arrays[f"{kind}_{part}"] for part in ("ptr", "idx", "val"))
    columns = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    entries = (rows.astype(np.int64)[:, None] * 3 + np.arange(3)).ravel()
    matrix = sparse.csc_matrix(
        (moves.astype(np.float32).ravel(), (entries, np.repeat(columns, 3))), (vertices * 3, len(starts) - 1)
    )
    return tuple(str(name) for name in arrays[f"{kind}_names"]), matrix


def _decoded(png: np.ndarray) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png.tobytes())), np.float32) / 255


def _texture_space(rest: np.ndarray, triangles: np.ndarray, material: np.ndarray) -> np.ndarray:
    """Coordinates that procedural materials are painted in; they travel with the vertices."""
    space = rest.copy()
    for eye in (LEFT_EYE, RIGHT_EYE):
        vertices = np.unique(triangles[material == eye])
        centre = (rest[vertices].min(0) + rest[vertices].max(0)) / 2
        direction = rest[vertices] - centre
        space[vertices] = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    return space


def _texel_positions(rest: np.ndarray, triangles: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Resting position under each texel of the skin; texels outside the skin take their nearest neighbour's."""
    points = np.zeros((len(triangles) * 3, 3), np.float32)
    points[:, 0] = uv[..., 0].ravel() * SIDE
    points[:, 1] = (1 - uv[..., 1].ravel()) * SIDE
    corners = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
    opaque = np.ones((2, 1, 1), np.float32)
    seen = rasterize(points, corners, uv, np.zeros(len(triangles), np.int32), opaque, SIDE, from_camera=False)
    filled = seen.triangle >= 0
    w1, w2 = seen.weight1[..., None], seen.weight2[..., None]
    a, b, c = (rest[triangles[seen.triangle][..., k]] for k in range(3))
    positions = a * (1 - w1 - w2) + b * w1 + c * w2
    rows, columns = ndimage.distance_transform_edt(~filled, return_distances=False, return_indices=True)
    return positions[rows, columns].astype(np.float32)
