"""What makes the picture held against the true one: an editor, or a baseline that it must beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import torch
from jaxtyping import Float
from scipy.interpolate import RBFInterpolator

from fer_demo.faces.alignment import align, fit_similarity, paste_back
from fer_demo.faces.stable_frame import PLACES, STABLE, in_stable_frame, stable_points
from fer_demo.images import to_tensor, to_uint8
from fer_demo.inference.transfer.painters import code_of, painter_of
from fer_demo.layers.warping import pixel_places, warp
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import Case, Photo

Method = Callable[[Case], np.ndarray]  # the source's photo after the edit
_CELLS = 64  # in which a displacement is interpolated, along each side of the photo
_ANCHORS = 9  # along each side of the photo, which stay
_SMOOTHING = 1e-4  # inner and outer corners of the lips nearly coincide and need not move alike


def do_nothing(case: Case) -> np.ndarray:
    """The untouched photo."""
    return case.source.crop.photo


def blend_pixels(case: Case) -> np.ndarray:
    """The mean of the person and the driver, eye on eye; by name there is nobody to blend with."""
    if case.driver is None:
        return case.source.crop.photo
    side = max(case.source.crop.photo.shape[:2])
    own, other = (stable_points(photo.landmarks) for photo in (case.source, case.driver))
    both = [align(photo.crop.photo, points, side) for photo, points in ((case.source, own), (case.driver, other))]
    mean = np.mean(both, axis=0).round().astype(np.uint8)
    return paste_back(case.source.crop.photo, mean, own)


def editing(model: PublishedModel) -> Method:
    """The editor's photo at amount 1, where the person's own code goes all the way to the wanted one."""
    painter = painter_of(model)

    @torch.inference_mode()
    def edit(case: Case) -> np.ndarray:
        person = case.source.crop
        own, wanted = painter.codes([person]), code_of(painter, case.wanted, person)
        return painter.paint_in_photo(person, painter.towards(own, wanted.to(own), torch.ones(1)))[1]

    return edit


def displacements(cases: Sequence[Case]) -> Float[np.ndarray, "cases 68 2"]:
    """How the landmarks of each case moved, on the stable frame, in fractions of its side."""
    before, after = (
        np.stack([in_stable_frame(photo.landmarks) for photo in photos])
        for photos in ([case.source for case in cases], [case.truth for case in cases])
    )
    return after - before


def means_of_others(cases: Sequence[Case]) -> Float[np.ndarray, "cases 68 2"]:
    """For each case the mean displacement of all other people: what somebody new is told. Needs two people."""
    people, moved = np.array([case.source.person for case in cases]), displacements(cases)
    return np.stack([moved[people != person].mean(axis=0) for person in people])


def warp_photo(photo: Photo, displacement: Float[np.ndarray, "68 2"]) -> np.ndarray:
    """A photo whose landmarks move by a displacement of the stable frame; the photo's border stays."""
    pixels = photo.crop.photo
    height, width = pixels.shape[:2]
    if not displacement.any():
        return pixels
    to_frame = fit_similarity(photo.landmarks[list(STABLE)], PLACES)
    unit = np.array((2 / width, 2 / height))  # flows measure the picture as 2 wide and 2 high
    by = displacement @ np.linalg.inv(to_frame[:, :2]).T * unit
    to = photo.landmarks * unit - 1 + by
    border = np.array([place for place in product(np.linspace(-1, 1, _ANCHORS), repeat=2) if max(map(abs, place)) == 1])
    known = np.concatenate([to, border]), np.concatenate([-by, np.zeros_like(border)])
    places = pixel_places(_CELLS, _CELLS).flatten(0, 1).numpy()
    flow = RBFInterpolator(*known, kernel="thin_plate_spline", smoothing=_SMOOTHING)(places)
    field = torch.from_numpy(flow.T.reshape(2, _CELLS, _CELLS).astype(np.float32))[None]
    return to_uint8(warp(to_tensor(pixels[None], 3), field))[0]
