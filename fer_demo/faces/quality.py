"""What about a face in a photo may make the answer less reliable, and what was done about it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from fer_demo.faces.alignment import TEMPLATE, align, similarity
from fer_demo.faces.detection import DetectedFace
from fer_demo.faces.hidden_mouth import SIDE, hidden_mouth

TILTED = "This face is tilted; it was turned upright first."
LYING = "This face lies on its side; it was turned upright first."
UPSIDE_DOWN = "This face is upside down; it was turned upright first."
MANY_FACES = "This photo shows very many faces: only the clearest are here, and smaller faces may be missing."
MOUTH_HIDDEN = "The mouth of this face seems hidden, or is not a person's, so only the rest of the face could be read."
NO_LANDMARKS = "The points that come with this picture do not form a face, so a face was looked for."
HARMLESS = (TILTED, LYING, UPSIDE_DOWN, MANY_FACES, NO_LANDMARKS)  # notes that take nothing from the answer

_SMALL_EYE_DISTANCE = 12.0  # photo pixels between the eyes
_TURNED = 0.22  # the nose's distance from the middle of the eyes, along the eye line, in eye distances
_WAYS_UP = ((135.0, UPSIDE_DOWN), (60.0, LYING), (30.0, TILTED))  # degrees of roll from which each is said
_BLURRED = 3.0  # mean absolute Laplacian of the crop, in grey levels
_DARK, _FLAT = 45.0, 12.0  # mean and standard deviation of the crop, in grey levels
_BRIGHT = 225.0
_CUT_OFF = 0.45  # part of the crop that lies beyond the photo
# Of 70 photographed and 70 rendered faces none had plainer eyes than this: both a standard deviation in grey levels and
# its ratio to that of the whole crop.
_PLAIN_EYES = (14.0, 0.3)
# Sunglasses: the part of each eye's surroundings that is darker than half the cheeks. Of 1,000 photographed faces six
# got this note. Of 160 rendered faces with glasses drawn over their eyes it finds 39 in 40 black ones and 24 in 40 grey
# ones.
_DARK_EYES, _OF_CHEEKS = 0.9, 0.5
_PART = 9  # half the height of an eye's surroundings in the crop, pixels
_HIDDEN = (0.0, 3.0)  # log of the odds that a mouth is hidden, of a face to the camera and of a turned one
# The detector's score: 98 in 100 photographed faces reach 0.99. Drawings, statues, animals and half-hidden faces that
# are found at all often stay below.
_DOUBTFUL = 0.96


def quality_notes(photo: UInt8[np.ndarray, "..."], face: DetectedFace) -> tuple[str, ...]:
    """One sentence for each doubt about this face: small, turned, blurred, dark, hidden, cut off, or no face."""
    crop = align(photo, face.points, SIDE, in_grey=True).astype(np.float32)
    eyes = face.points[1] - face.points[0]
    distance = max(math.hypot(*eyes), 1e-6)
    notes = []
    if distance < _SMALL_EYE_DISTANCE:
        notes.append("This face is small in the photo, so fine details are missing.")
    nose_shift = float((face.points[2] - face.points[:2].mean(axis=0)) @ eyes) / distance**2
    turned = abs(nose_shift) > _TURNED
    if turned:
        notes.append("This face is turned to the side, so half of its expression is hard to see.")
    roll = abs(math.degrees(math.atan2(eyes[1], eyes[0])))
    notes += [said for least, said in _WAYS_UP if roll > least][:1]
    dark = crop.mean() < _DARK  # a dark face has faint edges, blurred or not
    blurred = not dark and distance >= _SMALL_EYE_DISTANCE and _sharpness(crop) < _BLURRED
    if blurred:
        notes.append("This face is blurred, so only its rough shape could be read.")
    if dark:
        notes.append("This face is dark; more light would help.")
    elif crop.mean() > _BRIGHT or crop.std() < _FLAT:
        notes.append("This face has little contrast; a more evenly lit photo would help.")
    shown = not blurred and crop.std() >= _FLAT
    eyes_hidden, mouth_hidden = shown and _eyes_hidden(crop), shown and hidden_mouth(crop) > _HIDDEN[turned]
    if eyes_hidden:
        notes.append("The eyes of this face seem hidden, so only the rest of it could be read.")
    if mouth_hidden:
        notes.append(MOUTH_HIDDEN)
    if face.score < _DOUBTFUL and not (eyes_hidden or mouth_hidden):
        notes.append(
            "This does not look like a clear photo of a person's face. Part of it may be hidden, or it may be a "
            "drawing, a statue or an animal."
        )
    if _part_beyond(photo, face) > _CUT_OFF:
        notes.append("This face is cut off by the edge of the photo, and the missing part was filled in.")
    return tuple(notes)


def _sharpness(grey: np.ndarray) -> float:
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.abs(around - 4 * inner).mean())


def _eyes_hidden(grey: np.ndarray) -> bool:
    """Whether both eyes are too plain or too dark to be seen."""
    points = TEMPLATE * SIDE
    around_eyes = [_surroundings(grey, eye, _PART) for eye in points[:2]]
    cheeks = [_surroundings(grey, (eye[0], points[2, 1]), 6) for eye in points[:2]]
    dark = _OF_CHEEKS * float(np.median(np.concatenate(cheeks)))
    plain = all(_is_plain(part, grey, _PLAIN_EYES) for part in around_eyes)
    return plain or all(float((part[4:15] < dark).mean()) >= _DARK_EYES for part in around_eyes)


def _surroundings(grey: np.ndarray, centre: Sequence[float], half: float) -> np.ndarray:
    x, y = centre
    return grey[int(y - half) : int(y + half) + 1, int(x - half) : int(x + half) + 1]


def _is_plain(part: np.ndarray, whole: np.ndarray, limits: tuple[float, float]) -> bool:
    spread = float(part.std())
    return spread < limits[0] and spread < limits[1] * float(whole.std())


def _part_beyond(photo: np.ndarray, face: DetectedFace) -> float:
    """The part of the aligned crop, 0..1, that lies beyond the photo."""
    forward = similarity(face.points, 1)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21)), axis=-1).reshape(-1, 2)
    x, y = np.linalg.solve(forward[:, :2], (grid - forward[:, 2]).T)
    height, width = photo.shape[:2]
    return float(1.0 - ((x >= 0) & (y >= 0) & (x <= width) & (y <= height)).mean())
