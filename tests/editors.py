"""A tiny editor of photos: untrained, but its landmarks lie where a face's are, and its motion shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from fer_demo.layers.frames import moved_by
from fer_demo.models.landmark_editor import LandmarkEditor, LandmarkEditorConfig, to_stable_frame
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES


def a_face() -> Tensor:
    """The landmarks of the resting head, in the middle of a picture 2 wide."""
    points = load_head_model().rest[LANDMARK_VERTICES][:, :2] * [1, -1]
    points = (points - points.mean(axis=0)) / np.ptp(points, axis=0).max() * 1.5
    return torch.from_numpy(points.astype(np.float32))[None]


def tiny_landmark_editor(size: int = 32, painter_widths: tuple[int, ...] = ()) -> LandmarkEditor:
    """Random weights, always the same ones; every expression has a prototype of its own."""
    torch.manual_seed(0)
    config = LandmarkEditorConfig(size=size, stem=4, reader_widths=(4, 4, 4), painter_widths=painter_widths)
    model = LandmarkEditor(config).eval()
    model.requires_grad_(False)
    face = a_face()
    model.reader.mean_face.copy_(face[0])
    model.mean_face.copy_(moved_by(to_stable_frame(face), face)[0])
    model.reader.places.weight.mul_(0.01)
    model.reader.units.weight.mul_(400)  # faces differ in what they show
    model.code.weight.mul_(5)
    nn.init.normal_(model.motion.weight, std=0.01)
    model.expression_prototypes.normal_()
    nn.init.zeros_(model.driver.choice.weight)
    nn.init.zeros_(model.driver.choice.bias)
    nn.init.eye_(model.driver.remainder.weight)  # what drivers show is what they ask for
    model.driver.remainder.bias.copy_(-model.expression_prototypes.mean(dim=0))
    return model
