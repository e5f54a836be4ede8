"""The skin's albedo, painted from resting positions: no photograph is involved."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fer_demo.synthetic.factors import Brows, Identity
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.noise import noise
from fer_demo.synthetic.scalp import blob, smooth_step

_PALE = np.array([0.745, 0.456, 0.327])
_MELANIN = np.array([0.70, 0.94, 1.12])  # absorbed per unit of melanin
_BLOOD = np.array([-0.10, 1.10, 0.80])  # absorbed per unit of redness
_LIPS = np.array([0.50, 0.17, 0.15])


@lru_cache(maxsize=8)
def paint_skin(head: HeadModel, identity: Identity) -> np.ndarray:
    """Linear RGB albedo (side, side, 3) float32 without hair."""
    place = head.texel_rest
    mirrored = np.concatenate([np.abs(place[..., :1]), place[..., 1:]], axis=-1)
    lips = head.masks["lips"]
    albedo = _complexion(head, identity, mirrored)
    lip_colour = _LIPS * np.exp(-np.array([0.35, 0.55, 0.60]) * identity.melanin) * identity.lip_tint
    albedo = _blend(albedo, lip_colour, 0.75 * lips)
    inside = 0.72 * head.masks["inside-mouth"] * (1 - 0.5 * lips)
    albedo = albedo * (1 - inside[..., None] * np.array([0.75, 1, 1]))
    if identity.beard > 0:
        stubble = _beard_density(place, lips) * identity.beard * (1 + 0.18 * noise(360, identity.mottle + 4))
        albedo = _blend(albedo, np.asarray(identity.brows.colour), np.clip(stubble, 0, 0.85))
    albedo = _blend(albedo, np.asarray(identity.brows.colour), _brow_density(place, identity.brows))
    return np.clip(albedo, 0.003, 0.92).astype(np.float32)


def _complexion(head: HeadModel, identity: Identity, mirrored: np.ndarray) -> np.ndarray:
    """Melanin and blood absorb light (Beer-Lambert); both vary over the face."""
    seed = identity.mottle
    red = 0.55 * blob(mirrored, (0.40, -0.20, 0.45), 0.24) + 0.55 * blob(mirrored, (0, -0.18, 0.78), 0.16)
    red += 0.22 * head.masks["ears"] + 0.25 * blob(mirrored, (0, -0.95, 0.55), 0.15) + 0.09 * noise(64, seed)
    pale = blob(mirrored, (0, 0.45, 0.6), 0.35)
    dark = 0.55 * blob(mirrored, (0.30, -0.05, 0.50), 0.13) * (0.5 + identity.age_marks)
    dark += 0.30 * head.masks["eyelids"]
    melanin = identity.melanin + 0.22 * dark - 0.025 * pale
    melanin = melanin + 0.035 * noise(40, seed + 1) + 0.02 * noise(240, seed + 2)
    if identity.freckles > 0:
        spots = smooth_step(1.3, 2.0, noise(200, seed + 3)) * blob(mirrored, (0.3, -0.15, 0.5), 0.4)
        melanin = melanin + 0.9 * identity.freckles * spots
    blood = (identity.redness + 0.16 * red) * max(0.25, 1.1 - 0.45 * identity.melanin)
    return _PALE * np.exp(-_MELANIN * melanin[..., None] - _BLOOD * blood[..., None])


def _beard_density(place: np.ndarray, lips: np.ndarray) -> np.ndarray:
    """Jaw, chin and upper lip, 0..1."""
    jaw = smooth_step(-0.33, -0.45, place[..., 1]) * smooth_step(-0.10, 0.25, place[..., 2])
    jaw = jaw * smooth_step(-1.25, -1.05, place[..., 1])
    moustache = 0.8 * blob(place, (0, -0.40, 0.70), 0.14)
    return np.clip(jaw + moustache, 0, 1) * (1 - lips)


def _brow_density(place: np.ndarray, brows: Brows) -> np.ndarray:
    """Both eyebrows as tapered arches with hair-like strokes, 0..1."""
    across = np.abs(place[..., 0])
    along = np.clip((across - brows.inner) / (brows.outer - brows.inner), 0, 1)
    middle = brows.height + brows.arch * np.sin(np.pi * 0.85 * along) - 0.06 * along**3 + 0.03 * along
    distance = np.abs(place[..., 1] - middle) / (1.15 - 0.65 * along)
    density = smooth_step(brows.thickness * 1.35, brows.thickness * 0.45, distance)
    density = density * smooth_step(brows.inner - 0.03, brows.inner + 0.04, across)
    density = density * smooth_step(brows.outer + 0.03, brows.outer - 0.08, across) * (place[..., 2] > 0.1)
    strokes = 0.92 + 0.16 * np.sin(across * 140 + place[..., 1] * 170)
    return np.clip(density * strokes * brows.density, 0, 1)


def _blend(under: np.ndarray, colour: np.ndarray, cover: np.ndarray) -> np.ndarray:
    return under + (colour - under) * cover[..., None]
