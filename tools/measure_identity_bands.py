"""Measure how far apart photographs of one person and of two people lie to the identity embedder, into bands.json."""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.distance import cdist

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_lfw
from fer_demo.data.records import FaceRecord
from fer_demo.images import to_uint8
from fer_demo.inference.identity import (
    EMBEDDER_FOLDER,
    QUANTILES,
    SAME_PERSON,
    IdentityBand,
    embed_aligned,
    save_bands,
)
from fer_demo.published.model import PublishedModel
from training.data.splits import is_stranger
from training.evaluation.transfer.pairs import aligned_faces

SIZES = (48, 64, 96, 128, 160)  # sides of aligned grey crops
FOLDS = 10


def balanced_accuracy(same: np.ndarray, different: np.ndarray, limit: float) -> float:
    """Accuracy of the answer `same person up to this distance` if both answers were asked equally often."""
    return float((same <= limit).mean() + (different > limit).mean()) / 2


def best_limit(same: np.ndarray, different: np.ndarray) -> float:
    """The distance, in hundredths, with the highest balanced accuracy; the middle one if several are equal."""
    limits = np.arange(0.20, 1.0, 0.01)
    accuracies = np.array([balanced_accuracy(same, different, limit) for limit in limits])
    return round(float(np.median(limits[accuracies >= accuracies.max() - 1e-9])), 3)


def measure(first: np.ndarray, second: np.ndarray, size: int, data: str, seed: int) -> IdentityBand:
    """The band from descriptors (people, 128) of two photographs of each person."""
    table = cdist(first, second)
    people = len(table)
    others = ~np.eye(people, dtype=bool)
    same, different = np.diag(table), table[others]
    accuracies = []
    for fold in np.array_split(np.random.default_rng(seed).permutation(people), FOLDS):
        rest = np.setdiff1d(np.arange(people), fold)
        limit = best_limit(same[rest], table[np.ix_(rest, rest)][others[np.ix_(rest, rest)]])
        away = table[np.ix_(fold, fold)][others[np.ix_(fold, fold)]]
        accuracies.append(balanced_accuracy(same[fold], away, limit))
    return IdentityBand(
        size=size,
        same=tuple(np.percentile(same, QUANTILES).round(4).tolist()),
        different=tuple(np.percentile(different, QUANTILES).round(4).tolist()),
        limit=best_limit(same, different),
        accuracy=round(float(np.mean(accuracies)), 4),
        accuracy_at_usual=round(balanced_accuracy(same, different, SAME_PERSON), 4),
        rank1=round(float((table.argmin(axis=0) == np.arange(people)).mean()), 4),
        people=people,
        data=data,
    )


def descriptors(model: PublishedModel, records: list[FaceRecord], size: int) -> np.ndarray:
    """A descriptor for each photograph at this resolution, grey."""
    return embed_aligned(model, to_uint8(aligned_faces(records, size, channels=1)))


def main() -> None:
    """Two photographs each of so many LFW people, those that no model of ours is taught on among them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with lfw/")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    source = load_lfw(arguments.data)
    photos: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(source.column("person")):
        photos[name].append(index)
    several = [name for name, indices in photos.items() if len(indices) > 1]
    np.random.default_rng(arguments.seed).shuffle(several)
    chosen = sorted(several, key=lambda name: not is_stranger(name))[: arguments.people]
    strangers = sum(map(is_stranger, chosen))
    pairs = [[source[photos[name][number]] for name in chosen] for number in (0, 1)]
    data = f"two LFW photographs each of {len(chosen)} people, {strangers} of whom no model here was taught on; grey"
    model = load_model(str(EMBEDDER_FOLDER))
    bands = []
    for size in SIZES:
        first, second = (descriptors(model, records, size) for records in pairs)
        bands.append(measure(first, second, size, data, arguments.seed))
        print(bands[-1], flush=True)
    save_bands(bands, EMBEDDER_FOLDER)


if __name__ == "__main__":
    main()
