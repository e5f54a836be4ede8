"""What can be read from a code: the labels and the true factors of a set of faces, in the words and units of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError

PERSON, BRIGHTNESS = "person", "brightness"
_BRIGHTNESS_TITLE = "the brightness of the face"
_LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709, of linear RGB


@dataclass(frozen=True, eq=False)
class Target:
    """One label of N faces."""

    name: str
    title: str  # within a sentence, such as "the head's turn"
    values: Sequence[Any]  # names or numbers; None where a face has none
    is_class: bool

    def select(self, rows: np.ndarray) -> Target:
        """The same label of some of the faces."""
        return Target(self.name, self.title, [self.values[row] for row in rows], self.is_class)


class _Known(NamedTuple):
    """Where a label is in the columns of a set."""

    column: str
    title: str
    is_class: bool = False
    number: Callable[[Any], float] = float


def _entry(place: int) -> Callable[[Any], float]:
    return lambda values: float(values[place])


def _lightness(colour: Any) -> float:
    return float(_LUMA @ np.asarray(colour, float))


_KNOWN: Mapping[str, _Known] = {
    PERSON: _Known("person", "the person", True),
    "expression": _Known("expression", "the expression", True),
    "intensity": _Known("intensity", "the intensity of the expression"),
    "asymmetry": _Known("asymmetry", "the asymmetry of the expression"),
    "head turn": _Known("head_pose", "the head's turn to a side", number=_entry(0)),
    "head nod": _Known("head_pose", "the head's nod", number=_entry(1)),
    "head tilt": _Known("head_pose", "the head's tilt", number=_entry(2)),
    "light side": _Known("light", "the side the light comes from", number=_entry(0)),
    "light height": _Known("light", "the height of the light", number=_entry(1)),
    "light strength": _Known("light", "the strength of the light", number=_entry(2)),
    "skin": _Known("skin", "the darkness of the skin"),
    "hair": _Known("hair", "the hair style", True),
    "hair colour": _Known("hair_colour", "the lightness of the hair", number=_lightness),
    "glasses": _Known("glasses", "whether glasses are worn", True),
    "clothing": _Known("clothing", "the lightness of the clothing", number=_lightness),
    "background": _Known("background", "the lightness of the background", number=_lightness),
}
_OF_MAPS: Mapping[str, str] = {  # how embedding tables call these labels, if not by their own names
    "head turn": "yaw",
    "head nod": "pitch",
    "head tilt": "roll",
    "light side": "light_azimuth",
    "light height": "light_elevation",
    "light strength": "light_strength",
}


def target_names(source: FaceSource) -> tuple[str, ...]:
    """What can be asked about the faces of a set, people first."""
    there = ("expression", "person", "head_pose", *source.columns)
    found = [name for name, known in _KNOWN.items() if known.column in there]
    return (*found[:2], BRIGHTNESS, *found[2:])


def target_of(source: FaceSource, brightness: Iterable[float], name: str) -> Target:
    """One label of all faces of a set; `brightness` is that of each aligned face, 0..255.

    Raises: DataError if the set has no such label.
    """
    if name == BRIGHTNESS:
        return Target(name, _BRIGHTNESS_TITLE, [float(value) for value in brightness], False)
    if name not in target_names(source):
        raise DataError(f"{source.name} has no label “{name}”; choose one from the list.")
    known = _KNOWN[name]
    return Target(name, known.title, [_value(known, value) for value in source.column(known.column)], known.is_class)


def target_of_labels(labels: Mapping[str, Sequence[Any]], name: str) -> Target:
    """One label of the faces of a map, where head and light are columns of their own.

    Raises: DataError if the map has no such label.
    """
    column = _OF_MAPS.get(name, name)
    if name not in (*_KNOWN, BRIGHTNESS) or column not in labels:
        raise DataError(f"The faces of this map have no label “{name}”; choose another.")
    if name == BRIGHTNESS:
        return Target(name, _BRIGHTNESS_TITLE, list(labels[column]), False)
    known = _KNOWN[name]._replace(number=float)
    return Target(name, known.title, [_value(known, value) for value in labels[column]], known.is_class)


def _value(known: _Known, value: Any) -> Any:
    if value is None:
        return None
    if known.is_class:
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return known.number(value)
