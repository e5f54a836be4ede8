"""Rendered strangers at rest and with each expression, seen by one camera in one light: nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import five_points
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.landmarks import find_landmarks
from fer_demo.published.model import PublishedModel
from fer_demo.synthetic.expression_recipes import NEUTRAL, draw_expression
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.rendering import render
from training.evaluation.pairs.data import RENDERED, Photo, Task, make_tasks
from training.evaluation.sliders.scenes import draw_stranger

PEOPLE = 10  # each is rendered seven times, edited twelve times
_SIDE = 192  # pixels of a picture
_INTENSITY = (0.5, 1.0)  # from which an expression's is drawn
_SHOWN = 8_191  # mixed into the seed of what people show


def rendered_tasks(people: int, seed: int, landmarker: PublishedModel) -> list[Task]:
    """From rest to each expression, by name and driven by another of them."""
    return make_tasks(RENDERED, rendered_photos(people, seed, landmarker), seed)


def rendered_photos(people: int, seed: int, landmarker: PublishedModel) -> list[Photo]:
    """Everybody with each basic expression; the same arguments give the same pictures.

    Landmarks are found and not taken from the head, as they are in the edits, so that the two have the same bias.
    """
    head, names, crops = load_head_model(), [], []
    for number in range(people):
        resting, rng = draw_stranger(number, seed), np.random.default_rng([_SHOWN, seed, number])
        for name in BASIC:
            shown = NEUTRAL if name == NEUTRAL.name else draw_expression(rng, name, rng.uniform(*_INTENSITY))
            picture = render(head, replace(resting, expression=shown), _SIDE)
            face = DetectedFace((0, 0, _SIDE, _SIDE), five_points(picture.landmarks68), 1.0)
            crops.append(FaceCrop(picture.image, face))
            names.append((f"rendered {number}", name))
    points = [crop.face.points for crop in crops if crop.face is not None]
    found = find_landmarks(landmarker, [crop.photo for crop in crops], points)
    return [Photo(*who, crop, marks) for who, crop, marks in zip(names, crops, found, strict=True)]
