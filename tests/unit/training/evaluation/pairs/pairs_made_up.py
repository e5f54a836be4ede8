"""True pairs of rendered people, and photographs of them, in the form of the real sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_demo.data.loading import load_bundled
from fer_demo.images import save_png
from fer_demo.synthetic.drawing import draw_background, draw_clothing, draw_hair, draw_identity
from fer_demo.synthetic.expression_recipes import NEUTRAL, draw_expression
from fer_demo.synthetic.factors import Light, Pose, SyntheticFace
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.rendering import render
from training.evaluation.pairs.data import CKPLUS, LONDON

STRANGERS, KNOWN = ("057", "063"), ("000", "001", "002")  # names of LFW
PEOPLE = ("00002", "00000", "00005", "00001", "00006", "00003", "00009", "00004")  # every other one may teach


def render_person(number: int) -> dict[str, np.ndarray]:
    """One person in one scene, seen from the front, with each expression."""
    rng, head = np.random.default_rng([7, number]), load_head_model()
    face = SyntheticFace(
        identity=draw_identity(rng, head),
        hair=draw_hair(rng),
        glasses=None,
        clothing=draw_clothing(rng),
        background=draw_background(rng),
        expression=NEUTRAL,
        pose=Pose(),
        light=Light(),
    )
    shown = {name: draw_expression(rng, name, 0.8) for name in ("happy", "surprise", "sad")}
    return {
        name: render(head, replace(face, expression=expression), 160).image
        for name, expression in {"neutral": NEUTRAL, **shown}.items()
    }


def write_pairs(data: Path, people: int = len(PEOPLE)) -> None:
    """`pairs/` with the first of them."""
    rendered = {person: render_person(number) for number, person in enumerate(PEOPLE[:people])}
    folder = data / "pairs"
    folder.mkdir(parents=True)
    for pairs, expressions in ((LONDON, ("neutral", "happy")), (CKPLUS, ("neutral", "surprise", "sad"))):
        columns: dict[str, list[object]] = {"image": [], "person": [], "expression": [], "sequence": []}
        for person in rendered:
            for expression in expressions:
                file = data / "face.png"
                save_png(rendered[person][expression], file)
                values = (file.read_bytes(), person, expression, f"{person}_001_{len(columns['image']):08}")
                for column, value in zip(columns.values(), values, strict=True):
                    column.append(value)
        pq.write_table(pa.table(columns), folder / pairs.file)


def write_photographs(data: Path) -> None:
    """`lfw/` with two photographs of everybody, neutral and happy, whose heads are turned a little differently."""
    faces = load_bundled()
    people, shown, how_much = (faces.column(name) for name in ("person", "expression", "intensity"))
    clearest = {(people[row], shown[row]): row for row in np.argsort(how_much)}
    columns: dict[str, list[object]] = {"image": [], "person": [], "photo": []}
    columns |= {"landmarks": [], "head_pose": [], "units": []}
    for number, name in enumerate((*STRANGERS, *KNOWN)):
        rows = np.array([clearest[sorted(set(people))[number], what] for what in ("neutral", "happy")])
        for photo, record in enumerate(faces.select(rows)):
            assert record.landmarks is not None
            assert record.head_pose is not None
            assert record.units is not None
            save_png(record.image, data / "photo.png")
            values = ((data / "photo.png").read_bytes(), name, photo, record.landmarks.tolist())
            for column, value in zip(columns.values(), values, strict=False):
                column.append(value)
            columns["head_pose"].append((record.head_pose / 10 + photo).tolist())
            columns["units"].append(record.units.tolist())
    (data / "lfw").mkdir()
    pq.write_table(pa.table(columns), data / "lfw" / "train.parquet")
