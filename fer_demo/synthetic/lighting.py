"""From the Light factor to lamps with a shadow map."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.factors import Identity, Light
from fer_demo.synthetic.rasterizer import rasterize
from fer_demo.synthetic.shading import Lamps, Surface

_SHADOW_SIDE = 320
_SHADOW_FIELD = 4.2  # width of the shadow map in head units


def exposure_gain(light: Light, identity: Identity) -> float:
    """Brightness of the picture: a camera that meters the face halfway, plus the light's own exposure."""
    skin = float(np.mean([0.51, 0.30, 0.21]) / 0.34 * np.exp(-0.85 * identity.melanin))
    incoming = 0.45 * float(np.mean(light.key)) + 0.5 * float(np.mean(light.sky) + np.mean(light.ground))
    return 0.62 * 2**light.exposure * (1.25 / incoming) ** 0.6 * (0.75 / skin) ** 0.30


def set_up_lamps(light: Light, gain: float, surface: Surface, hair_opacity: np.ndarray) -> Lamps:
    """Lamps of a scene whose surface is already in camera axes."""
    azimuth, elevation = np.radians([light.azimuth, light.elevation])
    direction = np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)])
    right = np.cross([0.0, 1.0, 0.0], direction)
    right /= np.linalg.norm(right)
    basis = np.stack([right, np.cross(direction, right), direction]).astype(np.float32)
    scale = _SHADOW_SIDE / _SHADOW_FIELD
    seen = (surface.points @ basis.T).astype(np.float32)
    seen[:, :2] = seen[:, :2] * np.float32(scale) + np.float32(_SHADOW_SIDE / 2)
    shadow = rasterize(
        seen, surface.triangles, surface.uv, surface.material, hair_opacity, _SHADOW_SIDE, from_camera=False
    )
    return Lamps(
        direction=direction.astype(np.float32),
        key=np.asarray(light.key, np.float32),
        sky=np.asarray(light.sky, np.float32),
        ground=np.asarray(light.ground, np.float32),
        side=np.asarray(light.side, np.float32),
        basis=basis,
        depth=shadow.depth,
        scale=scale,
        shadow=light.shadow,
        gain=gain,
    )
