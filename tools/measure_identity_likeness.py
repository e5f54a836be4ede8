"""Measure how photographs of one person differ to the identity embedder, into likeness.npy: what tells nobody apart."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_lfw, load_parquet
from fer_demo.data.sources import FaceSource
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.dataset.people import LIKENESS_FILE
from fer_demo.inference.identity import EMBEDDER_FOLDER, embed_crops
from fer_demo.outputs import write_whole
from training.data.splits import is_stranger

RENDERED = 0.7  # the part of rendered faces; to the embedder they vary along other directions than photographs
SHRINKAGE = 0.1  # of the mean variance, added to every direction's
GROUP = 32


def spread_of_a_person(source: FaceSource) -> np.ndarray:
    """The covariance of descriptors about their person's mean, of trace 1."""
    model, detector = load_model(str(EMBEDDER_FOLDER)), RetinaFaceDetector()
    found = []
    for start in range(0, len(source), GROUP):
        part = source.select(range(start, min(start + GROUP, len(source))))
        crops = [crop_or_whole(record.image, detector) for record in part]  # as faces come that nobody has aligned
        found.append(embed_crops(model, crops))
    descriptors, names = np.concatenate(found), np.array(source.column("person"))
    apart = np.concatenate([descriptors[names == name] - descriptors[names == name].mean(0) for name in set(names)])
    covariance = apart.T @ apart
    return covariance / np.trace(covariance)


def main() -> None:
    """Rendered people who are not bundled, and those of LFW whom other models are taught on too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with lfw/")
    parser.add_argument("--rendered", type=Path, required=True, help="folder of `training synthesize`")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    photographs = load_lfw(arguments.data)
    taught = [row for row, name in enumerate(photographs.column("person")) if not is_stranger(name)]
    within = RENDERED * spread_of_a_person(load_parquet(arguments.rendered))
    within += (1 - RENDERED) * spread_of_a_person(photographs.select(taught))
    variances, axes = np.linalg.eigh(within)
    likeness = axes / np.sqrt(variances + SHRINKAGE * variances.mean())
    write_whole(EMBEDDER_FOLDER / LIKENESS_FILE, lambda file: np.save(file, likeness.astype(np.float16)))


if __name__ == "__main__":
    main()
