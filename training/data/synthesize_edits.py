"""The synthesize_edits command: people who change only their expression, with the exact flow between pictures."""

from __future__ import annotations

import multiprocessing
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import align, five_points, similarity
from fer_demo.images import to_grey
from fer_demo.outputs import write_whole
from fer_demo.synthetic.drawing import (
    draw_background,
    draw_clothing,
    draw_glasses,
    draw_hair,
    draw_identity,
    draw_light,
    draw_pose,
)
from fer_demo.synthetic.expression_recipes import draw_expression
from fer_demo.synthetic.factors import Expression, SyntheticFace
from fer_demo.synthetic.flow import dense_flow
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.rendering import Rendering, render
from fer_demo.synthetic.units import UNITS, as_units, sides
from training.data.edit_scenes import FLOW_SHRINK, FLOW_STEP
from training.data.face_set import MARGIN, crop_side
from training.data.shards import prepare_folder

SCENES_PER_SHARD = 25
_MIXES = 2  # of the pictures of a scene show units that no recipe joins
_EXPRESSIVE = tuple(name for name in BASIC if name != "neutral")
# Units that are drawn on their own, so that no axis of the code only ever moves together with another. Gaze is drawn
# with the pose, and what the real data's scores cannot see either (jaw and mouth to a side) stays still.
_STEMS = (
    "browDown", "browInnerUp", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "jawOpen",
    "mouthDimple", "mouthFrown", "mouthFunnel", "mouthLowerDown", "mouthPress", "mouthPucker", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmile", "mouthStretch", "mouthUpperUp", "noseSneer",
)  # fmt: skip


@dataclass(frozen=True)
class SynthesizeEditsSettings:
    """How many people to draw, each in one scene with several expressions."""

    scenes: int  # number of people
    out: Path  # folder for the shards
    size: int = 96  # side in pixels of the networks that will learn from them
    pictures: int = 6  # of each person: one neutral, the last two with mixed units, the rest with basic expressions
    seed: int = 3  # same seed, same pixels
    workers: int = 1  # processes

    def __post_init__(self) -> None:
        """Raises: DataError for values nothing can be made from."""
        if self.scenes < 1 or self.workers < 1 or self.seed < 0:
            raise DataError("Ask for at least 1 scene and 1 worker, and a seed of 0 or more.")
        if self.pictures < _MIXES + 2:
            raise DataError(f"{self.pictures} pictures of a person are too few; ask for at least {_MIXES + 2}.")
        if not 16 <= self.size <= 256:
            raise DataError(f"Faces of {self.size} pixels cannot be drawn for training; choose 16 to 256.")


def synthesize_edits(settings: SynthesizeEditsSettings) -> Path:
    """Write all shards that are not there yet and return the folder.

    A shard holds the arrays of EditScenes.

    Raises: DataError when the folder holds scenes made with other settings or cannot be written.
    """
    out = Path(settings.out)
    _prepare(out, settings)
    spans = [range(start, min(start + SCENES_PER_SHARD, settings.scenes)) for start in _starts(settings)]
    shards = {out / f"edits-{span[0]:06d}-{span[-1]:06d}.npz": span for span in spans}
    missing = {path: span for path, span in shards.items() if not path.exists()}
    total, left = settings.scenes, sum(map(len, missing.values()))
    with (
        tqdm(total=total, initial=total - left, unit="scenes", desc="synthesize") as progress,
        multiprocessing.get_context("spawn").Pool(settings.workers) as pool,
    ):
        scenes = pool.imap(_scene, [(settings, number) for span in missing.values() for number in span])
        for path, span in missing.items():
            rows = []
            for _ in span:
                rows.append(next(scenes))
                progress.update()
            _write(path, {name: np.stack([row[name] for row in rows]) for name in rows[0]})
    return out


def faces_of(settings: SynthesizeEditsSettings, scene: int) -> list[SyntheticFace]:
    """One person in one scene with every expression; the same arguments give the same faces."""

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([settings.seed, number, scene])

    rng = stream(0)
    pose = draw_pose(stream(1), spread=1.2)
    person = SyntheticFace(
        identity=draw_identity(stream(2), load_head_model()),
        hair=draw_hair(stream(3)),
        glasses=draw_glasses(stream(4)),
        clothing=draw_clothing(stream(5)),
        background=draw_background(stream(6)),
        expression=draw_expression(rng, "neutral"),
        pose=pose,
        light=draw_light(stream(7)),
    )
    basic = rng.permutation(_EXPRESSIVE)[np.arange(settings.pictures - 1 - _MIXES) % len(_EXPRESSIVE)]
    expressions = [draw_expression(rng, str(name), float(rng.uniform(0.3, 1.0))) for name in basic]
    expressions += [draw_mix(rng) for _ in range(_MIXES)]
    # The gaze counts as expression: it has units of its own.
    gazes = [draw_pose(rng).gaze for _ in expressions]
    changed = zip(expressions, gazes, strict=True)
    return [person, *(replace(person, expression=shows, pose=replace(pose, gaze=gaze)) for shows, gaze in changed)]


def draw_mix(rng: np.random.Generator) -> Expression:
    """A few units in any combination, one in four of the paired ones on one side only."""
    weights: dict[str, float] = {}
    for stem in rng.choice(_STEMS, size=int(rng.integers(1, 5)), replace=False):
        names = sides(str(stem))
        weight = float(rng.uniform(0.2, 1.0))
        if len(names) == 2 and rng.random() < 0.25:
            names = (names[int(rng.integers(2))],)
        weights |= dict.fromkeys(names, weight)
    return Expression("mix", 1.0, 0.0, as_units(weights))


def _scene(job: tuple[SynthesizeEditsSettings, int]) -> dict[str, np.ndarray]:
    settings, number = job
    head, stored = load_head_model(), crop_side(settings.size)
    shown = [render(head, face, stored, surface_map=True) for face in faces_of(settings, number)]
    # One alignment for all: an expression moves the mouth's corners, and with them a crop of its own would move.
    points = np.mean([five_points(rendering.landmarks68) for rendering in shown], axis=0)
    forward = similarity(points, stored, MARGIN)
    between = [_crop_flow(a, b, forward, stored) for a, b in product(shown, shown)]
    cells = stored // FLOW_SHRINK
    square = (len(shown), len(shown), cells, cells)
    return {
        "crops": np.stack([align(to_grey(rendering.image), points, stored, MARGIN) for rendering in shown]),
        "units": np.stack([rendering.units for rendering in shown]).astype(np.float32),
        "flow": np.stack([flow for flow, _ in between]).reshape(*square, 2),
        "visible": np.packbits(np.stack([visible for _, visible in between]).reshape(square), axis=-1),
    }


def _crop_flow(source: Rendering, target: Rendering, forward: np.ndarray, stored: int) -> tuple[np.ndarray, np.ndarray]:
    """From the target's cells to the source's surface, on the crop: (F, F, 2) int8 and (F, F) bool."""
    flow, visible = dense_flow(target, source)
    centres = (np.arange(stored // FLOW_SHRINK) + 0.5) * FLOW_SHRINK
    grid = np.stack(np.meshgrid(centres, centres), axis=-1) - forward[:, 2]
    column, row = np.floor(grid @ np.linalg.inv(forward[:, :2]).T).astype(int).transpose(2, 0, 1)
    inside = (column >= 0) & (row >= 0) & (column < stored) & (row < stored)
    column, row = np.clip(column, 0, stored - 1), np.clip(row, 0, stored - 1)
    moved = flow[row, column] @ forward[:, :2].T / (stored * FLOW_STEP)
    moved[~inside] = 0
    fits = np.abs(moved).max(axis=-1) <= 127
    return np.rint(np.clip(moved, -127, 127)).astype(np.int8), visible[row, column] & inside & fits


def _starts(settings: SynthesizeEditsSettings) -> range:
    return range(0, settings.scenes, SCENES_PER_SHARD)


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    write_whole(path, lambda file: np.savez_compressed(file, **arrays))  # type: ignore[arg-type]


def _prepare(out: Path, settings: SynthesizeEditsSettings) -> None:
    wanted = {name: value for name, value in asdict(settings).items() if name not in ("out", "workers")}
    prepare_folder(out, wanted | {"units": len(UNITS)}, "scenes")
