"""What the batch commands read: crops in groups, the faces of photos, and the sentences about those that are bad."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fer_demo.errors import DataError, FerDemoError
from fer_demo.expressions import BASIC, canonical

if TYPE_CHECKING:  # heavy imports happen inside the functions, so that `--help` answers at once
    from fer_demo.faces.crops import FaceCrop
    from fer_demo.faces.detection import Detector

Item = TypeVar("Item")
GROUP = 64  # crops that are in memory at once


def crop_groups(path: Path, detector: Detector) -> Iterator[tuple[str, int, list[FaceCrop]]]:
    """File name, row of the first crop, and up to 64 crops at a time, aligned again where a face is found."""
    from fer_demo.inference.crop_files import face_crops, read_crops

    crops = read_crops(path)
    aligned = iter(progress(face_crops(crops, detector), len(crops), "crop"))
    for first in range(0, len(crops), GROUP):
        yield str(path), first, [next(aligned) for _ in crops[first : first + GROUP]]
    next(aligned, None)  # lets the progress bar reach its end


def photo_groups(paths: Sequence[Path], detector: Detector) -> Iterator[tuple[str, int, Sequence[FaceCrop]]]:
    """File name, 0, and the faces of one photo, largest first; photos without any are named on stderr."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    for path in progress(paths, len(paths), "photo"):
        try:
            yield str(path), 0, crop_faces(load_photo(path), detector)
        except FerDemoError as error:
            say(named(path, error))


def face_or_name(wanted: str, detector: Detector) -> FaceCrop | str:
    """The largest face of a photo, or the name of a basic expression."""
    if Path(wanted).exists():
        return largest_face(Path(wanted), detector)
    try:
        name = canonical(wanted)
    except DataError:
        name = ""
    if name not in BASIC:
        raise DataError(f"{wanted!r} is neither a photo nor an expression; the expressions are: {', '.join(BASIC)}.")
    return name


def largest_face(path: Path, detector: Detector) -> FaceCrop:
    """The largest face of a photo; says so when there are more."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    try:
        found = crop_faces(load_photo(path), detector)
    except FerDemoError as error:
        raise type(error)(named(path, error)) from error
    if len(found) > 1:
        say(f"{path}: {len(found)} faces were found; the largest is used.")
    return found[0]


def named(path: Path, error: FerDemoError) -> str:
    """The error's sentence, beginning with the file unless it names it already."""
    return str(error) if path.name in str(error) else f"{path}: {error}"


def progress(items: Iterable[Item], total: int, unit: str) -> Iterable[Item]:
    """The items, with a progress bar on stderr where somebody watches."""
    from tqdm import tqdm

    return tqdm(items, total=total, unit=unit, disable=None, file=sys.stderr)


def say(sentence: str) -> None:
    """One sentence on stderr."""
    print(sentence, file=sys.stderr)
