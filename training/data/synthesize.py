"""The synthesize command: a folder of synthetic faces with their ground truth, as sharded Parquet."""

from __future__ import annotations

import io
import multiprocessing
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Array2D, Features, Image, List, Value
from PIL import Image as PillowImage
from tqdm import tqdm

from fer_demo.errors import DataError
from fer_demo.expressions import WITH_CONTEMPT
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
from fer_demo.synthetic.factors import Identity, SyntheticFace
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.rendering import Rendering, render
from training.data.shards import prepare_folder

_PERSONS_PER_SHARD = 10
_LOSSLESS_BYTES_PER_PIXEL = 1.6  # more than lossless WebP of these pictures needs
# One stream of random numbers per factor, so that drawing more of one never changes another.
_STREAMS = {
    name: number
    for number, name in enumerate(
        ("identity", "hair", "glasses", "clothing", "background", "expression", "pose", "light", "intensity")
    )
}
FEATURES = Features(
    {
        "image": Image(),
        "key": Value("string"),
        "person": Value("string"),
        "instance": Value("int32"),
        "expression": Value("string"),
        "intensity": Value("float32"),
        "asymmetry": Value("float32"),
        "landmarks": Array2D((68, 2), "float32"),
        "head_pose": List(Value("float32"), length=3),
        "units": List(Value("float32"), length=52),
        "box": List(Value("float32"), length=4),
        "skin": Value("float32"),
        "hair": Value("string"),
        "hair_colour": List(Value("float32"), length=3),
        "glasses": Value("bool"),
        "clothing": List(Value("float32"), length=3),
        "background": List(Value("float32"), length=3),
        "light": List(Value("float32"), length=3),
    }
)


@dataclass(frozen=True)
class SynthesizeSettings:
    """Which synthetic faces to make."""

    identities: int  # number of persons
    per_expression: int  # pictures of each person with each expression
    out: Path  # folder for the shards
    size: int = 128  # side of the pictures in pixels
    seed: int = 0  # same seed, same pixels
    expressions: int = 7  # 7 basic expressions, or 8 with contempt
    first_identity: int = 0  # number of the first person; the bundled set holds 0 to 69
    # independent: every picture in a scene of its own; factorial: each person keeps one scene, and all persons show the
    # same expression instances, so that every transfer between two of them has an exact answer
    design: Literal["independent", "factorial"] = "independent"
    hair_with_person: bool = False  # keep hair and glasses the same in all pictures of a person
    vivid: bool = False  # draw at least half of the intensities above 0.6
    quality: int = 0  # 0 for lossless WebP, or its quality 1..100
    workers: int = 2  # processes

    def __post_init__(self) -> None:
        """Raises: DataError for values nothing can be made from."""
        _check(self.identities >= 1, f"{self.identities} identities make no data set; ask for at least 1.")
        _check(self.per_expression >= 1, f"{self.per_expression} pictures per expression; ask for at least 1.")
        _check(16 <= self.size <= 1024, f"Pictures of {self.size} pixels cannot be drawn; choose 16 to 1024.")
        _check(
            self.expressions in (7, 8), f"{self.expressions} expressions are not known; choose 7, or 8 for contempt."
        )
        _check(self.first_identity >= 0 and self.seed >= 0, "Seeds and identity numbers start at 0.")
        _check(0 <= self.quality <= 100, f"WebP has no quality {self.quality}; choose 0 (lossless) to 100.")
        _check(self.workers >= 1, f"{self.workers} workers cannot work; ask for at least 1.")


def synthesize(settings: SynthesizeSettings) -> Path:
    """Write all shards that are not there yet and return the folder.

    Raises: DataError when the folder holds faces made with other settings or has no room.
    """
    out = Path(settings.out)
    _prepare(out, settings)
    shards = {path: persons for path, persons in _shards(out, settings).items() if not path.exists()}
    per_person = settings.expressions * settings.per_expression
    total = settings.identities * per_person
    missing = sum(len(persons) for persons in shards.values()) * per_person
    _check_room(out, settings, missing)
    with (
        tqdm(total=total, initial=total - missing, unit="images", desc="synthesize") as progress,
        multiprocessing.get_context("spawn").Pool(settings.workers) as pool,
    ):
        jobs = [(settings, person) for persons in shards.values() for person in persons]
        people = pool.imap(_person_rows, jobs)
        for path, persons in shards.items():
            rows: list[dict[str, Any]] = []
            for _ in persons:
                rows.extend(next(people))
                progress.update(per_person)
            _write_shard(path, rows)
    return out


def face_of(settings: SynthesizeSettings, person: int, expression: str, number: int) -> SyntheticFace:
    """The `number`-th picture of a person with an expression; the same arguments give the same face."""
    code = WITH_CONTEMPT.index(expression)

    def stream(factor: str, *of: int) -> np.random.Generator:
        return np.random.default_rng([settings.seed, _STREAMS[factor], person, *of])

    factorial = settings.design == "factorial"
    instance = (code, number)
    each = () if factorial else instance
    hair_of = () if settings.hair_with_person else each
    shown_by = 0 if factorial else person
    expression_rng, intensity_rng = (
        np.random.default_rng([settings.seed, _STREAMS[factor], shown_by, *instance])
        for factor in ("expression", "intensity")
    )
    return SyntheticFace(
        identity=_identity(settings.seed, person),
        hair=draw_hair(stream("hair", *hair_of)),
        glasses=draw_glasses(stream("glasses", *hair_of)),
        clothing=draw_clothing(stream("clothing", *each)),
        background=draw_background(stream("background", *each)),
        expression=draw_expression(expression_rng, expression, _intensity(intensity_rng, settings.vivid)),
        pose=draw_pose(stream("pose", *each)),
        light=draw_light(stream("light", *each)),
    )


@lru_cache(maxsize=4)
def _identity(seed: int, person: int) -> Identity:
    return draw_identity(np.random.default_rng([seed, _STREAMS["identity"], person]), load_head_model())


def _intensity(rng: np.random.Generator, vivid: bool) -> float:
    even, strong = float(rng.uniform(0.1, 1.0)), float(rng.uniform(0.6, 1.0))
    return strong if vivid and rng.random() < 0.45 else even


def _person_rows(job: tuple[SynthesizeSettings, int]) -> list[dict[str, Any]]:
    settings, person = job
    rows = []
    for code, expression in enumerate(WITH_CONTEMPT[: settings.expressions]):
        for number in range(settings.per_expression):
            face = face_of(settings, person, expression, number)
            key = f"{person:05d}-{expression}-{number}"
            row = _row(key, person, face, render(load_head_model(), face, settings.size), settings.quality)
            rows.append({**row, "instance": code * settings.per_expression + number})
    return rows


def _row(key: str, person: int, face: SyntheticFace, rendering: Rendering, quality: int) -> dict[str, Any]:
    units = rendering.units.tolist()
    light = face.light
    return {
        "image": {"bytes": _encoded(rendering.image, quality), "path": f"{key}.webp"},
        "key": key,
        "person": f"{person:05d}",
        "expression": face.expression.name,
        "intensity": face.expression.intensity,
        "asymmetry": face.expression.asymmetry,
        "landmarks": rendering.landmarks68.tolist(),
        "head_pose": list(rendering.head_pose),
        "units": units,
        "box": list(rendering.box),
        "skin": face.identity.melanin,
        "hair": face.hair.style,
        "hair_colour": list(face.hair.colour),
        "glasses": face.glasses is not None,
        "clothing": list(face.clothing.colour),
        "background": list(face.background.near),
        "light": [light.azimuth, light.elevation, float(np.mean(light.key))],
    }


def _encoded(image: np.ndarray, quality: int) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = {"quality": quality, "method": 6} if quality else {"lossless": True, "method": 2}
    PillowImage.fromarray(image).save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _shards(out: Path, settings: SynthesizeSettings) -> dict[Path, range]:
    """File and persons of each shard."""

    def spans() -> Iterator[range]:
        end = settings.first_identity + settings.identities
        for start in range(settings.first_identity, end, _PERSONS_PER_SHARD):
            yield range(start, min(start + _PERSONS_PER_SHARD, end))

    return {out / f"faces-{span[0]:05d}-{span[-1]:05d}.parquet": span for span in spans()}


def _write_shard(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = {name: [row[name] for row in rows] for name in FEATURES}
    table = pa.table(FEATURES.encode_batch(columns), schema=FEATURES.arrow_schema)
    write_whole(path, lambda file: pq.write_table(table, file))


def _prepare(out: Path, settings: SynthesizeSettings) -> None:
    wanted = {name: value for name, value in asdict(settings).items() if name not in ("out", "workers")}
    prepare_folder(out, wanted, "faces")


def _check_room(out: Path, settings: SynthesizeSettings, images: int) -> None:
    needed = images * (settings.size**2 * _LOSSLESS_BYTES_PER_PIXEL * (0.2 if settings.quality else 1) + 2000)
    free = shutil.disk_usage(out).free
    _check(needed < free, f"{out} has {free / 1e6:.0f} MB free, but {needed / 1e6:.0f} MB are needed; free some space.")


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise DataError(message)
