"""Draw the factors of a face at random, each from its own generator."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.factors import (
    HAIR_STYLES,
    Background,
    Brows,
    Clothing,
    Colour,
    Glasses,
    Hair,
    Identity,
    Light,
    Pose,
)
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.identity_shapes import draw_detail, draw_macro

_HAIR_COLOURS = np.array(
    [
        [0.018, 0.014, 0.012],
        [0.050, 0.030, 0.018],
        [0.110, 0.060, 0.030],
        [0.220, 0.100, 0.040],
        [0.420, 0.290, 0.140],
        [0.550, 0.420, 0.240],
        [0.420, 0.410, 0.400],
    ]
)
_HAIR_CHANCES = (0.24, 0.27, 0.20, 0.08, 0.09, 0.05, 0.07)
_STYLE_CHANCES = (0.08, 0.17, 0.30, 0.10, 0.15, 0.20)  # in the order of HAIR_STYLES
_IRIS_COLOURS = np.array(
    [
        [0.10, 0.05, 0.02],
        [0.16, 0.08, 0.03],
        [0.07, 0.035, 0.018],
        [0.22, 0.16, 0.06],
        [0.14, 0.22, 0.30],
        [0.16, 0.24, 0.14],
        [0.28, 0.32, 0.34],
    ]
)
_DARK_EYES = (0.40, 0.25, 0.30, 0.05, 0.0, 0.0, 0.0)
_ANY_EYES = (0.15, 0.15, 0.10, 0.15, 0.22, 0.13, 0.10)


def _colour(values: np.ndarray) -> Colour:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 31))


def draw_identity(rng: np.random.Generator, head: HeadModel) -> Identity:
    """Shape and facial colouring of a person; hair, clothing and background are not part of it."""
    macro = draw_macro(rng, head.macro_names)
    detail = draw_detail(rng, head.detail_names)
    melanin = float(np.clip(1.5 * macro.african + 0.22 * macro.asian + rng.normal(0.02, 0.15), -0.05, 1.75))
    iris = _IRIS_COLOURS[rng.choice(len(_IRIS_COLOURS), p=_DARK_EYES if macro.caucasian < 0.5 else _ANY_EYES)]
    thick = rng.uniform(0.022, 0.040) * (1.25 - 0.45 * macro.female)
    inner, outer = 0.085 + rng.normal(0, 0.010), 0.52 + rng.normal(0, 0.025)
    brow_base = _HAIR_COLOURS[rng.choice(3, p=[0.5, 0.3, 0.2])]
    brows = Brows(
        inner=float(inner),
        outer=float(outer),
        height=float(rng.normal(0.190, 0.010)),
        arch=float(rng.uniform(0.02, 0.08)),
        thickness=float(thick),
        density=float(rng.uniform(0.75, 1.0)),
        colour=_colour(np.minimum(brow_base, [0.09, 0.07, 0.06]) * rng.uniform(0.4, 0.8)),
    )
    bearded = rng.random() < 0.6 and macro.female < 0.5
    return Identity(
        macro=macro.weights,
        detail=detail,
        melanin=melanin,
        redness=float(np.clip(rng.normal(-0.02, 0.05), -0.10, 0.08)),
        age_marks=macro.old,
        freckles=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.35 * macro.caucasian else 0.0,
        lip_tint=_colour(rng.uniform(0.85, 1.2) * np.array([1.0, rng.uniform(0.8, 1.1), rng.uniform(0.8, 1.1)])),
        beard=float(rng.choice([rng.uniform(0.05, 0.30), rng.uniform(0.35, 0.75)])) if bearded else 0.0,
        brows=brows,
        iris=_colour(iris * rng.uniform(0.8, 1.2, 3)),
        iris_radius=float(rng.uniform(0.40, 0.45)),
        shine=float(rng.uniform(0.03, 0.09)),
        mottle=_seed(rng),
    )


def draw_hair(rng: np.random.Generator) -> Hair:
    """Any style with any colour."""
    style = str(rng.choice(HAIR_STYLES, p=_STYLE_CHANCES))
    thickness = {
        "bald": 0.0,
        "buzz": 0.022,
        "short": rng.uniform(0.06, 0.14),
        "curly": rng.uniform(0.18, 0.32),
        "bob": rng.uniform(0.07, 0.12),
        "long": rng.uniform(0.06, 0.10),
    }[style]
    falls = style in ("bob", "long")
    return Hair(
        style=style,
        colour=_colour(_HAIR_COLOURS[rng.choice(len(_HAIR_COLOURS), p=_HAIR_CHANCES)] * rng.uniform(0.75, 1.3)),
        thickness=float(thickness),
        hairline=0.02 * int(np.clip(rng.normal(0, 2), -4, 6)),
        fringe=bool(rng.random() < (0.35 if falls else 0.12 if style == "short" else 0.0)),
        length=float(rng.uniform(-1.0, -0.7) if style == "bob" else rng.uniform(-1.9, -1.3)),
        opening=float(rng.uniform(50, 72)),
        flare=float(rng.uniform(-0.03, 0.10)),
        wave=float(rng.uniform(0.0, 0.03)),
        pattern=_seed(rng),
    )


def draw_glasses(rng: np.random.Generator) -> Glasses | None:
    """Glasses on one face in eight."""
    if rng.random() > 0.125:
        return None
    return Glasses(
        colour=_colour(rng.choice([0.008, 0.03, 0.10]) * np.array([1.0, 0.8, 0.65]) ** rng.uniform(0, 2)),
        roundness=float(rng.uniform(0.1, 1.0)),
        width=float(rng.uniform(0.225, 0.265)),
    )


def draw_clothing(rng: np.random.Generator) -> Clothing:
    """A garment of one colour with a trim."""
    colour = rng.uniform(0.02, 0.55, 3) * rng.uniform(0.25, 1.0)
    trim = colour * rng.choice([0.6, 1.0, 1.6], p=[0.3, 0.4, 0.3])
    collar = float(rng.uniform(-1.34, -1.22))
    neckline = float(rng.uniform(0.05, 0.25)) if rng.random() < 0.35 else 0.0
    return Clothing(_colour(colour), _colour(np.minimum(trim, 0.8)), collar, neckline)


def draw_background(rng: np.random.Generator) -> Background:
    """Two related colours."""
    near = rng.uniform(0.04, 0.55) * np.exp(rng.normal(0, 0.15, 3))
    far = np.clip(near * np.exp(rng.normal(0, 0.4)) * np.exp(rng.normal(0, 0.12, 3)), 0.01, 0.8)
    return Background(
        near=_colour(np.clip(near, 0.01, 0.8)),
        far=_colour(far),
        angle=float(rng.uniform(0, 2 * np.pi)),
        clouds=float(rng.uniform(0, 0.14)),
        pattern=_seed(rng),
    )


def draw_pose(rng: np.random.Generator, spread: float = 1.0) -> Pose:
    """Mostly frontal; `spread` scales the rotation angles."""
    yaw, pitch, roll = rng.normal(0, 1, 3) * np.array([13.0, 6.0, 5.0]) * spread
    return Pose(
        yaw=float(np.clip(yaw, -40, 40)),
        pitch=float(np.clip(pitch, -18, 20)),
        roll=float(np.clip(roll, -15, 15)),
        gaze=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.09))),
        pupil=float(rng.uniform(0.13, 0.20)),
        scale=float(rng.normal(1, 0.03)),
        shift=(float(rng.normal(0, 0.015)), float(rng.normal(0, 0.015))),
    )


def draw_light(rng: np.random.Generator) -> Light:
    """A key light from the front half above, warm or cool."""
    warm = rng.normal(0, 0.08)
    key = np.array([1 + warm, 1, 1 - warm]) * rng.uniform(1.0, 2.1)
    around = rng.uniform(0.50, 0.90)
    return Light(
        azimuth=float(np.clip(rng.normal(0, 38), -75, 75)),
        elevation=float(rng.uniform(8, 55)),
        key=_colour(key),
        sky=_colour(np.array([0.96, 1.0, 1.05]) * around),
        ground=_colour(np.array([1.04, 0.96, 0.88]) * around * rng.uniform(0.4, 0.8)),
        side=_colour(np.full(3, rng.normal(0, 0.08))),
        shadow=float(rng.uniform(0.5, 0.9)),
        exposure=float(rng.normal(0, 0.10)),
    )
