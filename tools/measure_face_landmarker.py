"""How exact the face landmarker is: beside rendered faces, points set by hand (London) and another landmarker (LFW)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled, load_lfw, load_parquet
from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.faces.alignment import five_points
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.stable_frame import in_stable_frame
from fer_demo.images import to_colour
from fer_demo.inference.landmarks import find_landmarks
from fer_demo.metrics.point_motion import REGIONS

PEOPLE, PHOTOS = 40, 300
# Landmarks that London's template of 189 points has as well, and which of its points they are.
BY_HAND: Mapping[int, int] = {
    **{36: 18, 39: 22, 42: 23, 45: 27},
    **{48 + step: 87 + step for step in range(7)},
    **{55 + step: 108 - step for step in range(5)},
    **{61 + step: 95 + step for step in range(3)},
    **{65 + step: 102 - step for step in range(3)},
}


def main() -> None:
    """Print the mean distances in per cent of the distance of the outer eye corners."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with pairs/ and lfw/")
    data = parser.parse_args().data
    rendered = load_bundled()
    resting, smiling = (_first_of_each(rendered, expression) for expression in ("neutral", "happy"))
    found = [_found(records) for records in (resting, smiling)]
    truth = [np.stack([record.landmarks for record in records]) for records in (resting, smiling)]
    for name, one, true in zip(("neutral", "smiling"), found, truth, strict=True):
        _tell(f"rendered, {name}", one, true)
    _tell_motion(*(_framed(faces) for faces in (*found, *truth)))
    lfw = load_lfw(data)
    drawn = [lfw[int(row)] for row in np.random.default_rng(0).integers(len(lfw), size=PHOTOS)]
    drawn = [record for record in drawn if record.landmarks is not None]
    _tell("LFW, beside MediaPipe", _found(drawn), np.stack([record.landmarks for record in drawn]))
    _by_hand(load_parquet(data / "pairs" / "london.parquet"))


def _first_of_each(source: FaceSource, expression: str) -> list[FaceRecord]:
    """One face of each of the first people with an expression."""
    rows: dict[str, int] = {}
    for row, (person, shown) in enumerate(zip(source.column("person"), source.column("expression"), strict=True)):
        if shown == expression:
            rows.setdefault(person, row)
    return [source[rows[person]] for person in sorted(rows)[:PEOPLE]]


def _found(records: Sequence[FaceRecord]) -> np.ndarray:
    points = [five_points(record.landmarks) for record in records if record.landmarks is not None]
    return find_landmarks(load_model("face_landmarker"), [record.image for record in records], points)


def _framed(landmarks: np.ndarray) -> np.ndarray:
    return np.stack([in_stable_frame(points) for points in landmarks])


def _tell(name: str, found: np.ndarray, truth: np.ndarray) -> None:
    """Mean distances, and those left when each point's mean offset, a matter of definition, is taken out."""
    unit = 100 / np.linalg.norm(truth[:, 36] - truth[:, 45], axis=1)[:, None, None]
    off = (found - truth) * unit
    for region, points in REGIONS.items():
        raw, scattered = off[:, points], (off - off.mean(axis=0))[:, points]
        shown = [np.linalg.norm(part, axis=-1).mean() for part in (raw, scattered)]
        print(f"{name:24} {region:10} {shown[0]:5.2f} %, without the mean offset {shown[1]:5.2f} %  ({len(off)} faces)")


def _tell_motion(found: np.ndarray, found_after: np.ndarray, true: np.ndarray, true_after: np.ndarray) -> None:
    for region, points in REGIONS.items():
        made, right = (found_after - found)[:, points], (true_after - true)[:, points]
        cosine = (made * right).sum() / np.sqrt((made**2).sum() * (right**2).sum())
        size = np.sqrt((made**2).sum() / (right**2).sum())
        print(f"{'rendered, the smile':24} {region:10} cosine {cosine:.3f}, size {size:.2f}")


def _by_hand(london: FaceSource) -> None:
    detector, photos, points, templates = RetinaFaceDetector(threads=1), [], [], []
    for record in london:
        template = record.attributes["template"]
        faces = [] if template is None else detector.detect(to_colour(record.image))
        if faces:
            photos.append(to_colour(record.image))
            points.append(faces[0].points)
            templates.append(np.reshape(template, (-1, 2))[list(BY_HAND.values())])
    found = find_landmarks(load_model("face_landmarker"), photos, points)
    unit = 100 / np.linalg.norm(found[:, 36] - found[:, 45], axis=1)[:, None, None]
    off = (found[:, list(BY_HAND)] - np.stack(templates)) * unit
    for name, part in (("eye corners", slice(0, 4)), ("lips", slice(4, None))):
        shown = [np.linalg.norm(one[:, part], axis=-1).mean() for one in (off, off - off.mean(axis=0))]
        print(
            f"{'London, by hand':24} {name:10} {shown[0]:5.2f} %, without the mean offset {shown[1]:5.2f} %  "
            f"({len(off)} faces)"
        )


if __name__ == "__main__":
    main()
