"""Strangers of LFW who show different things in two press photographs: points alone, with the head's turn taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float

from fer_demo.data.loading import load_lfw
from fer_demo.data.sources import FaceSource
from fer_demo.faces.alignment import fit_similarity
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import Detector
from fer_demo.faces.stable_frame import PLACES, STABLE, in_stable_frame
from fer_demo.images import to_colour
from fer_demo.inference.landmarks import find_landmarks
from fer_demo.inference.transfer.true_pairs import OTHER_PHOTO
from fer_demo.published.model import PublishedModel
from fer_demo.synthetic.units import UNITS
from training.data.splits import is_stranger
from training.evaluation.pairs.data import LFW, Case, Photo, Task

AHEAD = 20.0  # degrees: heads turned and nodded less look ahead
APART = 0.8  # between the units of two photographs of one person that show different things


@dataclass(frozen=True)
class Photographs:
    """Those of LFW whose heads look ahead and of which everything is known."""

    source: FaceSource
    people: tuple[tuple[int, ...], ...]  # rows of everybody with two photographs or more
    turns: Float[np.ndarray, "photos 2"]  # yaw and pitch, degrees; the stable frame takes out roll
    units: Float[np.ndarray, "photos 52"]

    @classmethod
    def read(cls, data: Path) -> Photographs:
        """From `data`/lfw; nobody if that file says nothing of poses, units and landmarks."""
        lfw = load_lfw(data)
        facts = zip(*(lfw.column(name) for name in ("head_pose", "units", "landmarks")), strict=True)
        whole = [row for row, known in enumerate(facts) if all(fact is not None for fact in known)]
        poses = lfw.select(np.array(whole, int)).column("head_pose")
        ahead = [row for row, pose in zip(whole, poses, strict=True) if max(abs(pose[0]), abs(pose[1])) < AHEAD]
        source = lfw.select(np.array(ahead, int))
        rows = defaultdict(list)
        for row, name in enumerate(source.column("person")):
            rows[name].append(row)
        several = tuple(tuple(own) for own in rows.values() if len(own) > 1)
        turns = np.array(source.column("head_pose")).reshape(-1, 3)[:, :2]
        return cls(source, several, turns, np.array(source.column("units")).reshape(-1, len(UNITS)))

    def strangers(self, strange: bool) -> tuple[tuple[int, ...], ...]:
        """The people who are kept out of training, or all others."""
        names = self.source.column("person")
        return tuple(own for own in self.people if is_stranger(str(names[own[0]])) == strange)


def photo_task(data: Path, detector: Detector, landmarker: PublishedModel) -> Task | None:
    """Each stranger's two photographs that differ most, both ways; the other one drives and is the truth.

    Its points are turned as the source's are. None if there are no such photographs.
    """
    lfw = Photographs.read(data)
    couples = [pair for own in lfw.strangers(True) if (pair := most_different(lfw.units, own)) is not None]
    others = lfw.strangers(False)
    if not couples or not others:
        return None
    turning = motion_of_turns(lfw, others)
    photos = _photos(lfw.source, [row for couple in couples for row in couple], detector, landmarker)
    cases = [
        Case(photos[row], turned(photos[other], (lfw.turns[row] - lfw.turns[other]) @ turning), photos[other])
        for couple in couples
        for row, other in (couple, couple[::-1])
        if row in photos and other in photos
    ]
    return Task(LFW, OTHER_PHOTO, True, tuple(cases)) if cases else None


def most_different(units: Float[np.ndarray, "photos 52"], own: Sequence[int]) -> tuple[int, int] | None:
    """The rows of one person's two photographs whose units differ most; None if they hardly do."""
    shown = units[list(own)]
    apart = np.linalg.norm(shown[:, None] - shown[None], axis=-1)
    one, other = np.unravel_index(apart.argmax(), apart.shape)
    return (own[one], own[other]) if apart[one, other] >= APART else None


def motion_of_turns(lfw: Photographs, people: Sequence[Sequence[int]]) -> Float[np.ndarray, "2 136"]:
    """How a degree of yaw and of pitch moves the landmarks on the stable frame, from people's pairs of photographs.

    Least squares with the change of the units beside it: people who nod as they smile would make a smile of a nod. The
    landmarks of LFW's own file do for this; nothing else is measured with them.
    """
    pairs = np.array([pair for own in people for pair in pairwise(own)])
    landmarks = lfw.source.column("landmarks")
    shapes = np.stack([in_stable_frame(np.asarray(marks, float)).ravel() for marks in landmarks])
    shapes_moved, turned, shown = (
        values[pairs[:, 1]] - values[pairs[:, 0]] for values in (shapes, lfw.turns, lfw.units)
    )
    return np.linalg.lstsq(np.concatenate([turned, shown], axis=1), shapes_moved, rcond=None)[0][:2]


def turned(photo: Photo, motion: Float[np.ndarray, "136"]) -> Photo:
    """The photo with its landmarks moved by a motion of the stable frame; its picture stays."""
    to_frame = fit_similarity(photo.landmarks[list(STABLE)], PLACES)
    by = motion.reshape(-1, 2) @ np.linalg.inv(to_frame[:, :2]).T
    return replace(photo, landmarks=photo.landmarks + by)


def _photos(
    source: FaceSource, rows: Sequence[int], detector: Detector, landmarker: PublishedModel
) -> dict[int, Photo]:
    """By row; a picture without a face is left out."""
    kept: dict[int, FaceCrop] = {}
    for row in rows:
        photo = to_colour(source.picture(row))
        if faces := detector.detect(photo):
            kept[row] = FaceCrop(photo, faces[0])
    points = [crop.face.points for crop in kept.values() if crop.face is not None]
    found = find_landmarks(landmarker, [crop.photo for crop in kept.values()], points)
    names = source.column("person")
    return {
        row: Photo(str(names[row]), OTHER_PHOTO, crop, marks)
        for (row, crop), marks in zip(kept.items(), found, strict=True)
    }
