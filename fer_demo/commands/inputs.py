"""What the batch commands read: crops in groups, the faces of photos, and the sentences about those that are bad."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fer_demo.errors import DataError, FerDemoError, ImageError
from fer_demo.expressions import BASIC, canonical

if TYPE_CHECKING:  # heavy imports happen inside the functions, so that `--help` answers at once
    import numpy as np

    from fer_demo.faces.crops import FaceCrop
    from fer_demo.faces.detection import Detector

Item = TypeVar("Item")
Answer = TypeVar("Answer")
GROUP = 64  # crops that are in memory at once


@dataclass(frozen=True)
class Group:
    """Faces that are looked at together: all of one photo, or some crops of a file; None where one could not be had."""

    file: str
    first: int  # number of the first of them in the file
    crops: Sequence[FaceCrop | None]
    is_photo: bool = False

    def name(self, index: int) -> str:
        """How sentences call one of them."""
        return self.file if self.is_photo else f"{self.file}, crop {self.first + index}"


def groups_of(photos: Sequence[Path], crops: Path | None, detector: Detector) -> Iterator[Group]:
    """The faces of photos and of folders of photos, or those of a crop file."""
    return photo_groups(pictures_in(photos), detector) if crops is None else crop_groups(crops, detector)


def crop_groups(path: Path, detector: Detector) -> Iterator[Group]:
    """Up to 64 crops at a time, aligned again where a face is found."""
    from fer_demo.inference.crop_files import read_crops

    crops = read_crops(path)
    rows = iter(progress(range(len(crops)), len(crops), "crop"))
    for first in range(0, len(crops), GROUP):
        yield Group(shown(path), first, [_crop(crops[row], path, row, detector) for row in islice(rows, GROUP)])


def _crop(crop: np.ndarray, path: Path, row: int, detector: Detector) -> FaceCrop | None:
    from fer_demo.inference.crop_files import face_crop

    found: FaceCrop | None = None
    with reporting(f"{shown(path)}, crop {row}"):
        found = face_crop(crop, detector)
    return found


def photo_groups(paths: Sequence[Path], detector: Detector) -> Iterator[Group]:
    """The faces of one photo at a time, largest first; photos without any are named on stderr."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    for path in progress(paths, len(paths), "photo"):
        with reporting(shown(path)):
            yield Group(shown(path), 0, crop_faces(load_photo(path), detector), is_photo=True)


def pictures_in(paths: Sequence[Path]) -> list[Path]:
    """The photos named, and those in the folders named, in the order of their names.

    Raises: DataError for a folder without any.
    """
    from fer_demo.data.file_trees import folder_tree
    from fer_demo.data.picture_trees import pictures_of

    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        below = [file.place for file in pictures_of(folder_tree(path)) if file.place is not None]
        if not below:
            raise DataError(f"{shown(path)} holds no pictures; name a folder with JPEG or PNG files.")
        found += below
    return found


def answered(
    ask: Callable[[Sequence[FaceCrop]], Sequence[Answer]], group: Group
) -> Iterator[tuple[int, FaceCrop | None, Answer | None]]:
    """The number of each face in its file, the face, and the answer; None where it has none, which is said.

    All are asked about at once. If that fails, each alone, so that one bad face takes no other with it.
    """
    crops = [crop for crop in group.crops if crop is not None]
    try:
        together: list[Answer] | None = list(ask(crops)) if crops else []
    except Exception:
        together = None
    for index, crop in enumerate(group.crops):
        answer: Answer | None = None
        if crop is not None and together is not None:
            answer = together.pop(0)
        elif crop is not None:
            with reporting(group.name(index)):
                (answer,) = ask([crop])
        yield group.first + index, crop, answer


def face_or_name(wanted: str, detector: Detector) -> FaceCrop | str:
    """The name of a basic expression, or the largest face of a photo; a word is the word, whatever lies beside it."""
    name = expression_named(wanted)
    if name is not None:
        return name
    if not Path(wanted).exists():
        raise DataError(f"{wanted!r} is neither a photo nor an expression; the expressions are: {', '.join(BASIC)}.")
    return largest_face(Path(wanted), detector)


def expression_named(wanted: str) -> str | None:
    """Our word for a basic expression; None if the text is not such a word."""
    try:
        name = canonical(wanted)
    except DataError:
        return None
    return name if name in BASIC else None


def largest_face(path: Path, detector: Detector) -> FaceCrop:
    """The largest face of a photo; says so when there are more."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    if path.is_dir():
        raise ImageError(f"{shown(path)} is a folder; name one photo.")
    try:
        found = crop_faces(load_photo(path), detector)
    except FerDemoError as error:
        raise type(error)(named(shown(path), error)) from error
    if len(found) > 1:
        say(f"{shown(path)}: {len(found)} faces were found; the largest is used.")
    return found[0]


@contextmanager
def reporting(name: str) -> Iterator[None]:
    """Reports an error inside in one sentence with the name, and lets the rest go on."""
    try:
        yield
    except FerDemoError as error:
        say(named(name, error))
    except Exception as error:
        say(f"{name}: something unexpected went wrong ({reason(error)}), so it is left out.")


def named(name: str, error: FerDemoError) -> str:
    """The error's sentence, beginning with the name unless it has it already."""
    return str(error) if Path(name).name in str(error) else f"{name}: {error}"


def reason(error: Exception) -> str:
    """An unexpected error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def shown(path: str | Path) -> str:
    """A path that can be printed and written: bytes of its name that are not UTF-8 become \\x.."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def progress(items: Iterable[Item], total: int, unit: str) -> Iterable[Item]:
    """The items, with a progress bar on stderr where somebody watches."""
    from tqdm import tqdm

    return tqdm(items, total=total, unit=unit, disable=None, file=sys.stderr)


def say(sentence: str) -> None:
    """One sentence on stderr, above a progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(sentence.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
