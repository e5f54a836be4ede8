"""Measure how photographs of one person differ to the identity embedder, and people, into likeness.npz."""

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
from fer_demo.inference.identity import EMBEDDER_FOLDER, embed_both_ways
from fer_demo.outputs import write_whole
from training.data.splits import is_stranger, teaches

RENDERED = 0.7  # the part of rendered faces; to the embedder they vary along other directions than photographs
SHRINKAGE = 0.1  # of the mean variance, added to every direction's
MOST_AXES, LEAST_TELLING = 80, 0.05
MOST_EACH = 12  # photographs of a person, or the famous would be most of them
GROUP = 32


def spreads(source: FaceSource) -> tuple[np.ndarray, np.ndarray]:
    """The covariances within and between people, as parts of the trace of the one within."""
    model, detector = load_model(str(EMBEDDER_FOLDER)), RetinaFaceDetector()
    found = []
    for start in range(0, len(source), GROUP):
        part = source.select(range(start, min(start + GROUP, len(source))))
        crops = [crop_or_whole(record.image, detector) for record in part]  # as faces come that nobody has aligned
        found.append(embed_both_ways(model, crops))
    descriptors = np.concatenate(found).astype(np.float64)
    _, person, each = np.unique(source.column("person"), return_inverse=True, return_counts=True)
    means = np.stack([descriptors[person == number].mean(axis=0) for number in range(len(each))])
    apart, centred = descriptors - means[person], means - means.mean(axis=0)
    within = apart.T @ apart / (len(descriptors) - len(each))
    between = centred.T @ centred / (len(each) - 1) - within * (1 / each).mean()  # means of few photographs scatter
    return within / np.trace(within), between / np.trace(within)


def likeness(within: np.ndarray, between: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes (D, K) along which faces of a person vary by 1 and persons by `between` (K,), the most telling first."""
    variances, axes = np.linalg.eigh(within)
    even = axes / np.sqrt(variances + SHRINKAGE * variances.mean())
    differ, turn = np.linalg.eigh(even.T @ between @ even)
    kept = np.argsort(-differ)[:MOST_AXES]
    kept = kept[differ[kept] > LEAST_TELLING]
    return even @ turn[:, kept], differ[kept]


def usual_faces(names: list[str]) -> list[int]:
    """Rows of people who teach and have several photographs, at most MOST_EACH of each; the others measure."""
    seen: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        if teaches(name) and not is_stranger(name):
            seen.setdefault(name, []).append(row)
    return sorted(row for rows in seen.values() if len(rows) > 1 for row in rows[:MOST_EACH])


def main() -> None:
    """Rendered people who are not bundled, and those of LFW whom other models are taught on too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with lfw/")
    parser.add_argument("--rendered", type=Path, required=True, help="folder of `training synthesize`")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    photographs = load_lfw(arguments.data)
    taught = photographs.select(usual_faces(photographs.column("person")))
    rendered, photographed = spreads(load_parquet(arguments.rendered)), spreads(taught)
    mixed = [RENDERED * one + (1 - RENDERED) * other for one, other in zip(rendered, photographed, strict=True)]
    axes, between = likeness(*mixed)
    stored = {"axes": axes.astype(np.float16), "between": between.astype(np.float16)}
    write_whole(EMBEDDER_FOLDER / LIKENESS_FILE, lambda file: np.savez(file, **stored))


if __name__ == "__main__":
    main()
