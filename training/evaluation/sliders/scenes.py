"""Rendered strangers at rest and, exactly, with each slider of the editor moved: what a slider ought to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import Tensor
from tqdm import tqdm

from fer_demo.faces.alignment import align, five_points, similarity
from fer_demo.images import to_grey, to_tensor
from fer_demo.inference.transfer.editing import SLIDERS, slider_direction
from fer_demo.synthetic.drawing import (
    draw_background,
    draw_clothing,
    draw_glasses,
    draw_hair,
    draw_identity,
    draw_light,
    draw_pose,
)
from fer_demo.synthetic.expression_recipes import NEUTRAL
from fer_demo.synthetic.factors import Expression, SyntheticFace
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.rendering import render

_STRANGERS = 104_729  # mixed into the seed, so that nobody here was drawn for training


@dataclass(frozen=True)
class SliderScenes:
    """People in a scene of their own, all cut as they are at rest."""

    amount: float  # how far each slider is moved, of 1
    sources: Float[Tensor, "people 1 size size"]
    truth: Float[Tensor, "people sliders 1 size size"]  # in the order of SLIDERS
    points: Float[np.ndarray, "people 68 2"]  # the sources' landmarks, pixels of the crop
    moved: Float[np.ndarray, "people sliders 68 2"]  # how far the truth moves them


def render_slider_scenes(people: int, size: int, amount: float, seed: int) -> SliderScenes:
    """The same arguments give the same pictures; a second or two per person."""
    faces, points = [], []
    for number in tqdm(range(people), desc="render", unit="people", leave=False):
        resting = draw_stranger(number, seed)
        faces_of_one, points_of_one = _pictures(resting, size, amount)
        faces.append(faces_of_one)
        points.append(points_of_one)
    pictures = to_tensor(np.concatenate(faces), 1).unflatten(0, (people, 1 + len(SLIDERS)))
    places = np.stack(points)
    return SliderScenes(amount, pictures[:, 0], pictures[:, 1:], places[:, 0], places[:, 1:] - places[:, :1])


def _pictures(resting: SyntheticFace, size: int, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """(1 + sliders, S, S) uint8 and (1 + sliders, 68, 2) landmarks of one person: at rest, then slider by slider."""
    expressions = [NEUTRAL]
    for name in SLIDERS:
        units = tuple(float(weight) for weight in amount * slider_direction(name))
        expressions.append(Expression(name, amount, 0.0, units))
    head = load_head_model()
    shown = [render(head, replace(resting, expression=expression), size) for expression in expressions]
    cut = five_points(shown[0].landmarks68)
    forward = similarity(cut, size)
    crops = np.stack([align(to_grey(rendering.image), cut, size) for rendering in shown])
    points = np.stack([rendering.landmarks68 for rendering in shown])
    return crops, points @ forward[:, :2].T + forward[:, 2]


def draw_stranger(number: int, seed: int) -> SyntheticFace:
    """A rendered person at rest whom no training drew, in a scene of their own."""

    def stream(factor: int) -> np.random.Generator:
        return np.random.default_rng([_STRANGERS, seed, factor, number])

    return SyntheticFace(
        identity=draw_identity(stream(0), load_head_model()),
        hair=draw_hair(stream(1)),
        glasses=draw_glasses(stream(2)),
        clothing=draw_clothing(stream(3)),
        background=draw_background(stream(4)),
        expression=NEUTRAL,
        pose=draw_pose(stream(5)),
        light=draw_light(stream(6)),
    )
