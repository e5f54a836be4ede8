"""Learn to see that something is before a mouth, from photographs into which covers are drawn; and count the hits."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from fer_demo.data.loading import load_bundled, load_lfw
from fer_demo.data.sources import FaceSource
from fer_demo.faces.alignment import align
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.hidden_mouth import SIDE, WEIGHTS, edges
from fer_demo.images import to_colour
from fer_demo.outputs import write_whole
from tools.drawn_covers import COVERS, HELD_OUT, covered
from training.data.splits import is_stranger, teaches

EACH = 2  # photographs of a person
COARSE = (48, 28)  # sides at which each crop is shown once more
RENDERED = 400  # bundled faces that are looked at
PENALTY = 0.003  # C of the regression
CLEAR = "clear"


@dataclass(frozen=True)
class Crop:
    """An aligned face, and what was drawn before its mouth."""

    pixels: np.ndarray  # (SIDE, SIDE) grey
    cover: str


def crops_of(source: FaceSource, rows: list[int], kinds: list[str]) -> Iterator[Crop]:
    """Each face as it is, and as it is found again with a cover drawn before its mouth."""
    detector, rng = RetinaFaceDetector(1), np.random.default_rng(5)
    for number, row in enumerate(rows):
        photo = np.ascontiguousarray(to_colour(source.picture(row)))
        found = detector.detect(photo)[:1]
        for face in found:
            yield Crop(align(photo, face.points, SIDE, in_grey=True), CLEAR)
            kind = kinds[number % len(kinds)]
            spoilt = covered(photo, face.points, kind, rng)
            for again in detector.detect(spoilt)[:1]:
                yield Crop(align(spoilt, again.points, SIDE, in_grey=True), kind)


def coarse(pixels: np.ndarray, side: int) -> np.ndarray:
    """The crop as a smaller photo would show it."""
    small = Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def numbers(crops: list[Crop], side: int = SIDE) -> np.ndarray:
    """What the regression sees of crops."""
    shown = (crop.pixels if side == SIDE else coarse(crop.pixels, side) for crop in crops)
    return np.stack([edges(pixels.astype(np.float32)) for pixels in shown])


def learn(crops: list[Crop]) -> tuple[np.ndarray, float]:
    """Weights and bias."""
    seen = np.concatenate([numbers(crops, side) for side in (SIDE, *COARSE)])
    hidden = np.tile([crop.cover != CLEAR for crop in crops], 1 + len(COARSE))
    scale = StandardScaler().fit(seen)
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit(scale.transform(seen), hidden)
    weights = model.coef_[0] / scale.scale_
    return weights, float(model.intercept_[0] - weights @ scale.mean_)


def people(names: list[str], teaching: bool) -> list[int]:
    """Rows of LFW: a few photographs of each person who teaches, or of each of the others."""
    taken: Counter[str] = Counter()
    rows = []
    for row, name in enumerate(names):
        if (teaches(name) and not is_stranger(name)) == teaching and taken[name] < EACH:
            taken[name] += 1
            rows.append(row)
    return rows


def count(title: str, crops: list[Crop], weights: np.ndarray, bias: float) -> None:
    """Print the share of crops that are said to be hidden, by what is before the mouth."""
    for side in (SIDE, *COARSE):
        said = numbers(crops, side) @ weights + bias > 0
        found = defaultdict(list)
        for crop, one in zip(crops, said, strict=True):
            found[crop.cover].append(bool(one))
        shares = ", ".join(f"{kind} {sum(ones)} of {len(ones)}" for kind, ones in sorted(found.items()))
        print(f"{title}, {side} pixels: {shares}")


def main() -> None:
    """Learn from LFW's people who teach, measure on its others and on bundled faces, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds lfw/")
    arguments = parser.parse_args()
    photographs = load_lfw(arguments.data)
    names = photographs.column("person")
    known = [kind for kind in COVERS if kind not in HELD_OUT]
    weights, bias = learn(list(crops_of(photographs, people(names, True), known)))
    stored = {"weights": weights.astype(np.float16), "bias": np.float32(bias)}
    write_whole(WEIGHTS, lambda file: np.savez(file, **stored))
    count("photographs", list(crops_of(photographs, people(names, False), list(COVERS))), weights, bias)
    rendered = load_bundled()
    rows = np.linspace(0, len(rendered) - 1, RENDERED).round().astype(int).tolist()
    count("rendered faces", list(crops_of(rendered, rows, list(COVERS))), weights, bias)


if __name__ == "__main__":
    main()
