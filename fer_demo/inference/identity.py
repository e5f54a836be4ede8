"""Identity: how far apart two faces are to the identity embedder, and how that compares with photographs of people."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8

from fer_demo.capabilities import EmbedsIdentity
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.images import to_tensor
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel

SAME_PERSON = 0.6  # the distance below which the descriptor's author takes two photographs for one person
BANDS_FILE = "bands.json"
EMBEDDER_FOLDER = BUNDLED_FOLDER / "identity_embedder"
QUANTILES = tuple(range(0, 101, 5))  # of the distances that a band keeps, in per cent
CROP_SIDE = 160  # photos are aligned at this side first: about as fine as the embedder looks
BATCH_SIZE = 32


@dataclass(frozen=True)
class IdentityBand:
    """Distances between photographs of one person, and of two, that were all brought to one resolution."""

    size: int  # side of the aligned grey crop, pixels
    same: tuple[float, ...]  # distances at QUANTILES between two photographs of one person
    different: tuple[float, ...]  # the same between two people
    limit: float  # the distance that parts the two best; up to it a pair is inside the same-person band
    accuracy: float  # of `limit`, chosen on other people than it is tried on; as many same as different pairs
    accuracy_at_usual: float  # of SAME_PERSON
    rank1: float  # share of photographs whose nearest among one of each person is the right one
    people: int
    data: str

    def contains(self, distances: Float[np.ndarray, "..."]) -> np.ndarray:
        """Whether pairs so far apart are inside the same-person band."""
        return np.asarray(distances) <= self.limit

    def share_farther(self, distance: float) -> float:
        """The share of same-person pairs that are farther apart: 1 = closer than all of them."""
        return 1.0 - float(np.interp(distance, self.same, QUANTILES, left=0.0, right=100.0)) / 100

    def share_closer(self, distance: float) -> float:
        """The share of different-person pairs that are closer: 0 = closer than all of them."""
        return float(np.interp(distance, self.different, QUANTILES, left=0.0, right=100.0)) / 100

    def sentence(self, distance: float) -> str:
        """What a distance means, in words."""
        if distance <= self.limit:
            return (
                f"Still the same person: {self.share_farther(distance):.0%} of the pairs of photos of one person "
                "differ more than these two pictures."
            )
        return (
            f"Perhaps another person: only {self.share_farther(distance):.0%} of the pairs of photos of one person "
            f"differ more, and {self.share_closer(distance):.0%} of the pairs of two people differ less."
        )


def as_embedder(model: PublishedModel) -> EmbedsIdentity:
    """The same model, known to embed identities.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, EmbedsIdentity):
        raise CheckpointError(f"{type(model).__name__} does not embed identities; load the identity_embedder.")
    return model


def embed_crops(model: PublishedModel, crops: Sequence[FaceCrop]) -> Float[np.ndarray, "faces dims"]:
    """A descriptor for each face of a photo, in the photo's own colour and detail."""
    return embed_aligned(model, np.stack([crop.pixels(CROP_SIDE) for crop in crops]))


def embed_both_ways(model: PublishedModel, crops: Sequence[FaceCrop]) -> Float[np.ndarray, "faces dims"]:
    """The sum of the descriptors of each face and of its mirror image, which tells people apart better than either."""
    faces = np.stack([crop.pixels(CROP_SIDE) for crop in crops])
    straight, mirrored = np.split(embed_aligned(model, np.concatenate([faces, faces[:, :, ::-1]])), 2)
    return straight + mirrored


@torch.inference_mode()
def embed_aligned(model: PublishedModel, faces: UInt8[np.ndarray, "faces ..."]) -> Float[np.ndarray, "faces dims"]:
    """A descriptor for each aligned face, (N, S, S) or (N, S, S, 3) uint8 of any side, such as a model paints them.

    Compare pictures of like detail only: a face of 64 pixels with its source brought to 64 pixels, grey with grey.
    """
    embedder = as_embedder(model)
    channels = 1 if faces.ndim == 3 else 3
    parts = [faces[start : start + BATCH_SIZE] for start in range(0, len(faces), BATCH_SIZE)]
    codes = [embedder.embed_aligned(to_tensor(part, channels).to(model.device)) for part in parts]
    return torch.cat(codes).float().cpu().numpy()


def distances(
    one: Float[np.ndarray, "faces dims"], other: Float[np.ndarray, "faces dims"]
) -> Float[np.ndarray, " faces"]:
    """Euclidean distances between descriptors, row by row; one row on either side is compared with all."""
    return np.linalg.norm(one - other, axis=-1)


def load_bands(folder: Path = EMBEDDER_FOLDER) -> tuple[IdentityBand, ...]:
    """The bands that travel with the embedder, the coarsest resolution first.

    Raises: CheckpointError if they are missing or damaged.
    """
    path = folder / BANDS_FILE
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["bands"]
        lists = ("same", "different")
        bands = [IdentityBand(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in rows]
        if not bands or any(len(getattr(band, name)) != len(QUANTILES) for band in bands for name in lists):
            raise ValueError(f"every band needs {len(QUANTILES)} quantiles")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"The identity bands in {path} cannot be read ({error}). Install fer_demo again, or measure them with "
            "tools/measure_identity_bands.py."
        ) from error
    return tuple(sorted(bands, key=lambda band: band.size))


def save_bands(bands: Sequence[IdentityBand], folder: Path) -> None:
    """Write the bands beside the embedder's weights."""
    rows = [dataclasses.asdict(band) for band in bands]
    write_whole(folder / BANDS_FILE, json.dumps({"bands": rows}, indent=1) + "\n")


def band_for(bands: Sequence[IdentityBand], size: int) -> IdentityBand:
    """The band of the resolution next to a face's side in pixels."""
    return min(bands, key=lambda band: abs(np.log(band.size / size)))
