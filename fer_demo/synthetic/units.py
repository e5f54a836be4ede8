"""The 52 facial unit weights: names, order and how far each one moves the head mesh."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

# The order of ARKit scores as face meshes report them, so that both can be compared entry by entry; `_neutral` stays 0.
UNITS: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
UNIT_INDEX: Mapping[str, int] = MappingProxyType({name: index for index, name in enumerate(UNITS)})

# The artists' unit shapes stop short of what a strong real expression shows. A unit weight of 1 moves the mesh by this
# many times the artists' shape, so that weights stay in 0..1 like the scores of real faces.
_REACH = {
    "browInnerUp": 2.4, "noseSneer": 2.4, "browDown": 1.9, "mouthUpperUp": 1.7, "mouthStretch": 1.7, "mouthFrown": 1.8,
    "browOuterUp": 1.6, "eyeWide": 1.7, "mouthSmile": 1.5, "mouthPress": 1.6, "mouthDimple": 1.7,
    "mouthLowerDown": 1.5, "cheekSquint": 1.3, "eyeSquint": 1.2, "mouthShrugLower": 1.2,
}  # fmt: skip


def sides(stem: str) -> tuple[str, ...]:
    """The unit names of a stem: itself, or its left and right halves."""
    return (stem,) if stem in UNIT_INDEX else (f"{stem}Left", f"{stem}Right")


def stem_of(unit: str) -> str:
    """The name of a unit without its side."""
    return unit.removesuffix("Left").removesuffix("Right")


def unit_reach() -> np.ndarray:
    """How many artists' shapes a weight of 1 stands for, one float32 per unit."""
    return np.array([_REACH.get(stem_of(name), 1.0) for name in UNITS], np.float32)


def as_units(weights: Mapping[str, float]) -> tuple[float, ...]:
    """Named weights as a full row in the order of UNITS; unnamed units are 0."""
    row = [0.0] * len(UNITS)
    for name, weight in weights.items():
        row[UNIT_INDEX[name]] = float(weight)
    return tuple(row)


def _in_mirror(unit: str) -> str:
    """The unit of the other half of the face; one without a side stays."""
    if unit.endswith("Left"):
        return unit.removesuffix("Left") + "Right"
    return unit.removesuffix("Right") + "Left" if unit.endswith("Right") else unit


MIRRORED_UNITS = np.array([UNIT_INDEX[_in_mirror(unit)] for unit in UNITS])  # the unit that each is on a mirrored face
