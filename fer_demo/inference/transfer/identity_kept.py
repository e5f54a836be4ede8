"""Metering: how far edited faces are from their person, to a network that no editor learned from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from fer_demo import images
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.identity import IdentityBand, band_for, distances, embed_aligned, load_bands
from fer_demo.inference.transfer.into_photo import side_in_photo
from fer_demo.published.model import PublishedModel


@dataclass(frozen=True, eq=False)
class IdentityKept:
    """How far faces are from the person they should show, beside photographs of like detail."""

    distances: np.ndarray  # (T,) float32, between descriptors
    band: IdentityBand

    @property
    def inside(self) -> np.ndarray:
        """(T,) bool: no farther than two photographs of one person are."""
        return self.band.contains(self.distances)


def identity_kept(embedder: PublishedModel, faces: np.ndarray, person: FaceCrop) -> IdentityKept:
    """The distances of aligned faces, uint8 (T, S, S) or (T, S, S, 3), to a person's own picture.

    All are compared in grey and at the faces' size, as the bands were measured; the band is that of the finest detail
    both pictures can hold.
    """
    side = faces.shape[1]
    grey = images.to_grey(np.concatenate([images.to_colour(faces), person.pixels(side)[np.newaxis]]))
    *codes, own = embed_aligned(embedder, grey)
    return IdentityKept(distances(np.stack(codes), own), band_for(_bands(), round(min(side, side_in_photo(person)))))


_bands = cache(load_bands)
