"""Hair: a tuft-textured shell over the scalp and sheets that fall over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from fer_demo.synthetic.factors import Hair
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.noise import SIDE, noise
from fer_demo.synthetic.parts import SKIN
from fer_demo.synthetic.scalp import scalp_density, smooth_step
from fer_demo.synthetic.subdivision import triangulate

_AXIS_Z = -0.30  # falling hair is described around a vertical axis through the middle of the skull
_AZIMUTHS, _HEIGHTS = 72, 48
_TOP, _LOWEST = 1.25, -0.55
_SHEET_COLUMNS, _SHEET_ROWS = 48, 20


@dataclass(frozen=True, eq=False)
class HairShell:
    """The part of the skin that hair can grow on."""

    vertices: np.ndarray  # (shell,) fine vertices of the head
    triangles: np.ndarray  # (triangles, 3) int32 into `vertices`
    uv: np.ndarray  # (triangles, 3, 2)


@dataclass(frozen=True, eq=False)
class HairSheet:
    """A surface of strands in resting coordinates."""

    points: np.ndarray  # (points, 3)
    triangles: np.ndarray  # (triangles, 3) int32
    uv: np.ndarray  # (triangles, 3, 2); u around the head, v from the tips (0) to the roots (1)
    roots: np.ndarray  # (points,) fine head vertices whose movement each point follows


@lru_cache(maxsize=1)
def _bare_ears(head: HeadModel) -> np.ndarray:
    """0 on the ears, 1 elsewhere, for each fine vertex; 0 on everything that is not skin."""
    skin = head.material == SKIN
    corners = head.triangles[skin]
    row = np.clip(((1 - head.uv[skin][..., 1]) * SIDE).astype(int), 0, SIDE - 1)
    column = np.clip((head.uv[skin][..., 0] * SIDE).astype(int), 0, SIDE - 1)
    bare = np.zeros(len(head.rest), np.float32)
    bare[corners.ravel()] = 1 - np.clip(head.masks["ears"][row, column].ravel() * 1.5, 0, 1)
    return bare


@lru_cache(maxsize=1)
def hair_shell(head: HeadModel) -> HairShell:
    """Skin triangles that touch the largest possible scalp."""
    grows = scalp_density(head.rest, -0.08) * _bare_ears(head)
    kept = (head.material == SKIN) & (grows[head.triangles].max(1) > 0.02)
    vertices, inverse = np.unique(head.triangles[kept], return_inverse=True)
    return HairShell(vertices, inverse.reshape(-1, 3).astype(np.int32), head.uv[kept])


def shell_height(head: HeadModel, hair: Hair) -> np.ndarray:
    """How far the shell stands off the skin at each of its vertices (shell,)."""
    vertices = hair_shell(head).vertices
    density = scalp_density(head.rest[vertices], hair.hairline) * _bare_ears(head)[vertices]
    return (hair.thickness * np.sqrt(density)).astype(np.float32)


@lru_cache(maxsize=64)
def hair_textures(head: HeadModel, hair: Hair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cover of the scalp (side, side) 0..1, and opacity and brightness (2, side, side) of shell and sheets."""
    grown = _scalp_texture(head, hair.hairline)
    seed = hair.pattern
    cover = np.clip(grown + 0.10 * noise(280, seed) * ((grown > 0.02) & (grown < 0.98)), 0, 1)
    # thin growth is only painted: tufts that float over bare skin look like dirt
    tufts = smooth_step(0.15, 0.60, cover)
    opacity = np.stack([tufts, _sheet_opacity(seed)]).astype(np.float32)
    shade = np.stack([_shell_shade(head, hair), _sheet_shade(seed)])
    return cover, opacity, (0.35 + 0.65 * shade**2).astype(np.float32)


@lru_cache(maxsize=16)
def _scalp_texture(head: HeadModel, hairline: float) -> np.ndarray:
    bare_ears = 1 - np.clip(head.masks["ears"] * 1.5, 0, 1)
    return (scalp_density(head.texel_rest, hairline) * bare_ears).astype(np.float32)


def _shell_shade(head: HeadModel, hair: Hair) -> np.ndarray:
    if hair.style == "curly":
        strands = 1.1 * noise(260, hair.pattern + 2)
    else:
        combed = np.sin(head.texel_rest[..., 0] * 90 + 2.0 * noise(80, hair.pattern + 3))
        strands = 0.6 * noise(300, hair.pattern + 2) + 0.6 * combed
    return np.clip(1 + 0.18 * strands, 0.4, 1.6)


def _sheet_shade(seed: int) -> np.ndarray:
    """Vertical strands with slow waves."""
    along = np.linspace(1, 0, SIDE, dtype=np.float32)[:, None]
    waves = 0.5 * noise(40, seed + 5)[:1] + 0.35 * noise(40, seed + 6)
    streaks = 0.13 * noise(400, seed + 4)[:1]
    return np.clip(1 + streaks + 0.10 * waves + 0.06 * np.sin(along * 9 + 3 * waves), 0.4, 1.6)


def _sheet_opacity(seed: int) -> np.ndarray:
    """Uneven tips below, soft edges at the sides."""
    along = np.linspace(1, 0, SIDE, dtype=np.float32)[:, None]
    around = np.linspace(0, 1, SIDE, dtype=np.float32)[None]
    tips = smooth_step(0.0, 0.10, along - 0.02 - 0.025 * np.abs(noise(90, seed + 7)[:1]))
    edge = np.minimum(around, 1 - around) - 0.006 * (noise(30, seed + 8)[:, :1] + 1)
    return tips * smooth_step(0.0, 0.03, edge)


@lru_cache(maxsize=1)
def _outline(head: HeadModel) -> np.ndarray:
    """Distance of the skin from the axis (heights, azimuths) that hair falling from above must clear.

    Row 0 is the top of the head; column 0 looks forward.
    """
    points = head.rest[head.vertices_of(SKIN)]
    points = points[(points[:, 1] > _LOWEST)]
    radius = np.hypot(points[:, 0], points[:, 2] - _AXIS_Z)
    azimuth = np.arctan2(points[:, 0], points[:, 2] - _AXIS_Z) % (2 * np.pi)
    rows = np.rint((_TOP - points[:, 1]) / (_TOP - _LOWEST) * (_HEIGHTS - 1)).astype(int)
    columns = np.floor(azimuth / (2 * np.pi) * _AZIMUTHS).astype(int) % _AZIMUTHS
    outline = np.zeros((_HEIGHTS, _AZIMUTHS))
    np.maximum.at(outline, (np.clip(rows, 0, _HEIGHTS - 1), columns), radius)
    outline = ndimage.maximum_filter(outline, 3, mode=("nearest", "wrap"))
    outline = np.maximum.accumulate(outline, axis=0)  # hair hangs straight down from the widest place above
    return ndimage.gaussian_filter(outline, 1.5, mode=("nearest", "wrap"))


def _sheet(head: HeadModel, azimuth: np.ndarray, height: np.ndarray, lift: np.ndarray) -> HairSheet:
    """A grid (rows, columns) of azimuths in radians (0 = face) and heights, `lift` above what it falls over."""
    row = (_TOP - height) / (_TOP - _LOWEST) * (_HEIGHTS - 1)
    column = azimuth / (2 * np.pi) * _AZIMUTHS - 0.5
    padded = np.pad(_outline(head), ((0, 0), (_AZIMUTHS, _AZIMUTHS)), mode="wrap")
    radius = ndimage.map_coordinates(padded, [row, column + _AZIMUTHS], order=1, mode="nearest") + lift
    points = np.stack([radius * np.sin(azimuth), height, _AXIS_Z + radius * np.cos(azimuth)], axis=-1)
    rows, columns = height.shape
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.stack([first, first + columns, first + columns + 1, first + 1], axis=1)
    v, u = np.meshgrid(np.linspace(1, 0, rows), np.linspace(0, 1, columns), indexing="ij")
    grid = np.stack([u, v], axis=-1).reshape(-1, 2)
    points = points.reshape(-1, 3).astype(np.float32)
    triangles = triangulate(quads)
    return HairSheet(points, triangles.astype(np.int32), grid[triangles].astype(np.float32), _roots(head, points))


def _roots(head: HeadModel, points: np.ndarray) -> np.ndarray:
    """The scalp vertex nearest to each point, taken at ear height for points below."""
    scalp = np.flatnonzero((head.rest[:, 1] > -0.1) & (scalp_density(head.rest) * _bare_ears(head) > 0.3))
    raised = np.stack([points[:, 0], np.maximum(points[:, 1], 0.1), points[:, 2]], axis=1)
    return scalp[cKDTree(head.rest[scalp]).query(raised)[1]]


@lru_cache(maxsize=64)
def hair_sheets(head: HeadModel, hair: Hair) -> tuple[HairSheet, ...]:
    """Falling hair of the long styles, and the fringe."""
    sheets = []
    if hair.style in ("bob", "long"):
        sheets.append(_falling(head, hair))
    if hair.fringe:
        sheets.append(_fringe(head, hair))
    return tuple(sheets)


def _falling(head: HeadModel, hair: Hair) -> HairSheet:
    """From the temples around the back: open towards the face by `hair.opening`."""
    down = np.linspace(0, 1, _SHEET_ROWS)[:, None]
    around = np.linspace(0, 1, _SHEET_COLUMNS)[None]
    height = 0.82 + (hair.length - 0.82) * down + 0 * around
    edge = np.radians(hair.opening) * (0.62 + 0.38 * smooth_step(0.80, 0.10, height))
    edge = edge - 0.12 * smooth_step(-0.2, -1.0, height)
    azimuth = edge + (2 * np.pi - 2 * edge) * around
    clear = smooth_step(0.85, 0.25, height)
    lift = 0.02 + (hair.thickness + 0.02) * clear + hair.flare * down**1.5 - 0.10 * smooth_step(-0.6, -1.0, height)
    lift = lift + hair.wave * clear * np.sin(7 * azimuth + 9 * down + hair.pattern % 7)
    return _sheet(head, azimuth, height, lift)


def _fringe(head: HeadModel, hair: Hair) -> HairSheet:
    """Over the forehead, down to above the brows."""
    down = np.linspace(0, 1, _SHEET_ROWS)[:, None]
    around = np.linspace(0, 1, _SHEET_COLUMNS)[None]
    azimuth = np.radians(-48 + 96 * around) % (2 * np.pi) + 0 * down
    lowest = 0.34 + 0.10 * np.abs(around - 0.5) * np.sin(hair.pattern % 5)
    height = 0.95 + (lowest - 0.95) * down
    lift = -0.02 + (hair.thickness + 0.04) * smooth_step(0.95, 0.72, height)
    return _sheet(head, azimuth, height, lift)
