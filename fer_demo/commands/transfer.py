"""`transfer`: the expression of one face, or a named one, on the person of another."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_demo.commands.inputs import (
    crop_groups,
    expression_named,
    largest_face,
    pictures_in,
    progress,
    reporting,
    shown,
)
from fer_demo.commands.options import CROPS_HELP, NOTHING_DONE, add_guidance, add_model, default_detector, load_editor
from fer_demo.errors import DataError

if TYPE_CHECKING:
    from fer_demo.faces.crops import FaceCrop
    from fer_demo.faces.detection import Detector


@dataclass(frozen=True)
class Faces:
    """One face from each crop or photo, or an expression by name; counted at once, read as they are used."""

    source: str
    count: int
    each: Iterator[tuple[str, FaceCrop | str | None]]  # what it is called, and None where it could not be had


def add(commands: Any) -> None:
    """Its place on the command line."""
    command = commands.add_parser("transfer", help="put an expression on people's faces")
    people = f"the people: a photo, a folder of photos, or {CROPS_HELP}"
    command.add_argument("--identity", type=Path, required=True, metavar="A", help=people)
    drivers = "the expression: its name, a photo, a folder or crops; as many as people, or one for all"
    command.add_argument("--expression", required=True, metavar="B", help=drivers)
    add_model(command, None)
    add_guidance(command)
    contents = "O.npy: the edited faces, uint8 N x S x S (x 3 in colour); a folder: each photo with its face edited"
    command.add_argument("--output", type=Path, required=True, metavar="O.npy|DIR", help=contents)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, detector: Detector | None) -> int:
    """Every pair; one that fails is named, and is black in an array, so that row i stays pair i."""
    import numpy as np

    from fer_demo.commands.results import collected
    from fer_demo.inference.transfer.painters import check_follows_faces
    from fer_demo.inference.transfer.transfer import direction_to, edited
    from fer_demo.outputs import write_whole

    model = load_editor(options)
    if expression_named(options.expression) is None:
        check_follows_faces(model)
    detector = detector or default_detector()
    people, drivers = faces_of(options.identity, detector), drivers_of(options.expression, detector)
    count = people.count if drivers.count == 1 else drivers.count
    if people.count not in (1, count):
        raise DataError(
            f"{people.source} holds {people.count} faces and {drivers.source} {drivers.count}; make them equal, or "
            "give one expression for all."
        )
    pairs = progress(zip(_spread(people, count), _spread(drivers, count), strict=True), count, "face")
    if options.output.suffix != ".npy":
        return _to_folder(model, pairs, options.output)

    def save(faces: list[Any]) -> None:
        good = next((face for face in faces if face is not None), None)
        if good is not None:
            whole = np.stack([np.zeros_like(good) if face is None else face for face in faces])
            write_whole(options.output, lambda file: np.save(file, whole))

    with collected(save) as faces:
        for (who, person), (what, driver) in pairs:
            face = None
            if isinstance(person, str) or person is None or driver is None:
                faces.append(None)
                continue
            with reporting(f"{who} with {what}"):
                face = edited(model, direction_to(model, person, driver))
            faces.append(face)
    return 0 if any(face is not None for face in faces) else NOTHING_DONE


def _to_folder(model: Any, pairs: Any, folder: Path) -> int:
    """Each edited photo as soon as it is done, marked as synthetic."""
    from fer_demo.inference.study.synthetic_files import png_bytes
    from fer_demo.inference.transfer.transfer import direction_to, photo_or_face
    from fer_demo.outputs import write_whole

    done = 0
    for number, ((who, person), (what, driver)) in enumerate(pairs):
        if isinstance(person, str) or person is None or driver is None:
            continue
        edited = None
        with reporting(f"{who} with {what}"):
            edited = png_bytes(photo_or_face(model, direction_to(model, person, driver)))
        if edited is not None:
            write_whole(folder / f"{number:04d}_{Path(who).stem[:60]}_{Path(what).stem[:60]}.png", edited)
            done += 1
    return 0 if done else NOTHING_DONE


def drivers_of(wanted: str, detector: Detector) -> Faces:
    """An expression by its name, or the faces that show it."""
    name = expression_named(wanted)
    return faces_of(Path(wanted), detector) if name is None else Faces(name, 1, iter([(name, name)]))


def faces_of(path: Path, detector: Detector) -> Faces:
    """The crops of a file, or the largest face of a photo or of each photo in a folder."""
    if path.suffix.lower() == ".npy":
        from fer_demo.inference.crop_files import read_crops

        count = len(read_crops(path))
        crops = (
            (f"{shown(path.with_suffix(''))}_{group.first + index}", crop)
            for group in crop_groups(path, detector)
            for index, crop in enumerate(group.crops)
        )
        return Faces(shown(path), count, crops)
    photos = pictures_in([path])
    return Faces(shown(path), len(photos), _largest_faces(photos, detector))


def _largest_faces(photos: list[Path], detector: Detector) -> Iterator[tuple[str, FaceCrop | None]]:
    for path in photos:
        face = None
        with reporting(shown(path)):
            face = largest_face(path, detector)
        yield shown(path), face


def _spread(faces: Faces, count: int) -> Iterator[tuple[str, FaceCrop | str | None]]:
    """One face for every pair: each its own, or one for all."""
    return itertools.repeat(next(faces.each), count) if faces.count == 1 else faces.each
