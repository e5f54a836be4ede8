"""Research sets as they are handed out: what their folders and file names mean. One function for each layout.

A layout takes the tree, its pictures' paths and the columns of the lists that came with them (see `label_files`), and
gives a column for each thing it knows, row by row as the pictures come; None if this is not its set.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from fer_demo.data.columns import word
from fer_demo.data.file_trees import Tree, TreeFile
from fer_demo.data.limits import LARGEST_TEXT
from fer_demo.errors import DataError
from fer_demo.expressions import LABEL_ORDERS, canonical

Columns = dict[str, list[str | None]]
Layout = Callable[[Tree, Sequence[PurePosixPath], Columns], Columns | None]

_SMALL = 10_000  # bytes of a label file
_JAFFE = re.compile(r"(?P<person>[A-Z]{2})\.(?P<code>AN|DI|FE|HA|NE|SA|SU)\d\.\d+", re.IGNORECASE)
_KDEF = re.compile(r"[AB](?P<person>[FM]\d\d)(?P<code>AF|AN|DI|HA|NE|SA|SU)(?:S|HL|HR|FL|FR)", re.IGNORECASE)
_RAFD = re.compile(r"Rafd\d+_(?P<person>\d+)_\w+?_\w+?_(?P<code>[a-z]+)_\w+", re.IGNORECASE)
_CK = re.compile(r"(?P<person>S\d{3})_(?P<sequence>\d{3})_(?P<frame>\d{8})", re.IGNORECASE)
_OULU = re.compile(
    r"(?:.*/)?(?:NI|VL)(?:_Acropped)?/(?P<light>Strong|Weak|Dark)/(?P<person>P\d{3})/(?P<word>[A-Za-z]+)/\d{3}\.\w+",
    re.IGNORECASE,
)
_SFEW = re.compile(r"(?P<film>[A-Z]\w*?)_\d{9}_\d{8}\.\w+", re.IGNORECASE)
_EXPW_LIST = "label.lst"
_EXPW_CELLS = 8  # name, number of the face, four sides of its box, confidence, label
_IMAGES = re.compile(r"(train|val)_set/images/\d+\.\w+$", re.IGNORECASE)  # AffectNet, since 2021
# Sets whose labels come in a list: how their pictures are called, and the list.
_HASHED = re.compile(r"[0-9a-f]{56}\.\w+", re.IGNORECASE)  # AffectNet calls its pictures so
_LISTED = (
    ("RAF-DB", re.compile(r"(train|test)_\d{5}(_aligned)?\.jpg", re.IGNORECASE), "EmoLabel/list_patition_label.txt"),
    ("FER+", re.compile(r"fer\d{7}\.png", re.IGNORECASE), "fer2013new.csv"),
    ("AffectNet", _HASHED, "training.csv or validation.csv"),
)
_VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
_PEAK_FRAMES = 3  # at the end of a sequence; the usual choice


def columns_of_set(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> tuple[str, Columns] | None:
    """The set's name and what is known of each picture, or None if the layout is of no known set.

    Raises: DataError if it is a known set without the file that holds its labels.
    """
    for name, layout in LAYOUTS.items():
        columns = layout(tree, pictures, listed)
        if columns is not None:
            return name, columns
    return None


def check_listed(pictures: Sequence[PurePosixPath]) -> None:
    """For pictures whose labels nobody found.

    Raises: DataError if they are those of a set whose labels come in a list.
    """
    for name, pattern, file in _LISTED:
        if _matches(pattern, pictures) is not None:
            raise DataError(
                f"These are pictures of {name} without their labels; put {file} beside them and open both together."
            )


def _raf_db(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """train_00001_aligned.jpg: the split stands in the name, the label in a list or in the folder's number."""
    found = _matches(_LISTED[0][1], pictures)
    return None if found is None else {"split": [None if match is None else match[1].lower() for match in found]}


def _fer_plus(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """fer0000000.png with ten counts of votes in fer2013new.csv, or without names in label.csv.

    The label is what more than half of the votes say.
    """
    columns = _VOTES if _VOTES[0] in listed else [f"column_{number}" for number in range(3, 13)]
    votes = [listed.get(name) for name in columns]
    if _matches(_LISTED[1][1], pictures) is None or None in votes:
        return None
    labels: list[str | None] = []
    for row in zip(*(column for column in votes if column is not None), strict=True):
        counts = [int(count) if count is not None and count.isdecimal() else 0 for count in row]
        most = max(range(len(counts)), key=counts.__getitem__)
        labels.append(LABEL_ORDERS["ferplus"][most] if 2 * counts[most] > sum(counts) else None)
    return {"label": labels}


def _affectnet(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """A list with valence and arousal, with or without a line of names, or images/0.jpg beside annotations/0_exp.npy.

    Raises: DataError for such images without their annotations.
    """
    order = LABEL_ORDERS["affectnet"]
    named = {"expression", "valence", "arousal", "facial_landmarks"} <= listed.keys()
    if named or ("column_9" in listed and _matches(_HASHED, pictures) is not None):
        stated = [_whole(value) for value in listed["expression" if named else "column_7"]]
        labels = [None if number is None or number >= len(order) else order[number] for number in stated]
        return {"expression" if named else "label": labels}
    files_of = {
        (file.path.parent.parent, file.path.stem.removesuffix("_exp")): file
        for file in tree.files
        if file.path.name.endswith("_exp.npy")
    }
    if not files_of:
        if all(_IMAGES.search(str(path)) for path in pictures):
            raise DataError(
                "These are pictures of AffectNet without their labels; put the folder annotations, with the files "
                "..._exp.npy, beside the folder images and open both together."
            )
        return None
    files = [files_of.get((path.parent.parent, path.stem)) for path in pictures]
    numbers = [None if file is None else _number(file) for file in files]
    return {"label": [None if number is None or not 0 <= number < len(order) else order[number] for number in numbers]}


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() else None


def _number(file: TreeFile) -> int | None:
    """The whole number in a .npy file, which AffectNet stores as a word."""
    content = file.read(_SMALL)
    if content is None:
        return None
    try:
        return int(str(np.load(io.BytesIO(content), allow_pickle=False).item()))
    except (ValueError, EOFError, OSError):
        return None


def _ck_plus(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """Sequences that begin neutral and end at the peak, with Emotion/S005/001/..._emotion.txt for the labelled ones."""
    found = _matches(_CK, pictures)
    if found is None:
        return None
    people: list[str | None] = [None if match is None else match["person"].upper() for match in found]
    labels = {
        match["person"].upper() + match["sequence"]: _sequence_label(file)
        for file in tree.files
        if file.path.name.endswith("_emotion.txt") and (match := _CK.match(file.path.name))
    }
    if not labels:
        # CK+48 and the like: peaks sorted into folders named after expressions. Only the persons are in the names.
        if any(len(frames) > _PEAK_FRAMES + 1 for frames in _sequences(found).values()):
            raise DataError(
                "These are CK+ sequences without their labels; put the folder Emotion, with the files "
                "..._emotion.txt, beside cohn-kanade-images and open both together."
            )
        return {"person": people}
    by_label = [(labels.get(sequence), rows) for sequence, rows in _sequences(found).items()]
    return {"label": _peaks(by_label, pictures), "person": people}


def _sequences(found: Sequence[re.Match[str] | None]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, match in enumerate(found):
        if match is not None:
            rows.setdefault(match["person"].upper() + match["sequence"], []).append(row)
    return rows


def _peaks(sequences: Iterable[tuple[str | None, list[int]]], pictures: Sequence[PurePosixPath]) -> list[str | None]:
    """Labels of sequences from neutral to the peak: the last frames show it, the first is neutral, others are neither.

    A sequence without a label leaves all of its frames without one.
    """
    shown: list[str | None] = [None] * len(pictures)
    for label, rows in sequences:
        order = sorted(rows, key=lambda row: pictures[row].name)
        if label is not None:
            for row in order[-_PEAK_FRAMES:]:
                shown[row] = label
            shown[order[0]] = "neutral"
    return shown


def _sequence_label(file: TreeFile) -> str | None:
    content = file.read(_SMALL) or b""
    try:
        return LABEL_ORDERS["ck+"][int(float(content.decode("ascii", "ignore").strip()))]
    except (ValueError, IndexError):
        return None


def _oulu_casia(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """VL/Strong/P001/Anger/000.jpeg: sequences that begin neutral and end at the peak, in six expressions."""
    found = [_OULU.fullmatch(str(path)) for path in pictures]
    if not _nearly_all(found):
        return None
    sequences: dict[PurePosixPath, list[int]] = {}
    for row, match in enumerate(found):
        if match is not None:
            sequences.setdefault(pictures[row].parent, []).append(row)
    return {
        "label": _peaks(((word(folder.name), rows) for folder, rows in sequences.items()), pictures),
        "person": [None if match is None else match["person"].upper() for match in found],
        "light": [None if match is None else match["light"].lower() for match in found],
    }


def _sfew(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """Frames of films, in folders by split and expression: Train/Angry/Airheads_000519240_00000005.png."""
    found = _matches(_SFEW, pictures)
    return None if found is None else {"film": [None if match is None else match["film"] for match in found]}


def _expw(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
    """Web pictures with label.lst, a line for each face; a picture whose faces differ has no one label."""
    lists = [file for file in tree.files if file.path.name == _EXPW_LIST]
    shown: dict[str, set[str | None]] = {}
    order = LABEL_ORDERS["expw"]
    for line in b"\n".join(file.read(LARGEST_TEXT) or b"" for file in lists).decode("utf-8", "replace").splitlines():
        cells = line.split()
        number = _whole(cells[-1]) if len(cells) == _EXPW_CELLS else None
        if cells:
            shown.setdefault(cells[0], set()).add(order[number] if number is not None and number < len(order) else None)
    if not any(path.name in shown for path in pictures):
        return None
    faces = [shown.get(path.name, set()) for path in pictures]
    return {"label": [next(iter(labels)) if len(labels) == 1 else None for labels in faces]}


def _named(pattern: re.Pattern[str]) -> Layout:
    """A set whose file names hold the person and a code for the expression."""

    def layout(tree: Tree, pictures: Sequence[PurePosixPath], listed: Columns) -> Columns | None:
        found = _matches(pattern, pictures)
        if found is None:
            return None
        return {
            "label": [None if match is None else canonical(match["code"]) for match in found],
            "person": [None if match is None else match["person"].upper() for match in found],
        }

    return layout


def _matches(pattern: re.Pattern[str], pictures: Sequence[PurePosixPath]) -> list[re.Match[str] | None] | None:
    """How each name fits a set's pattern; None if not nearly all of them do."""
    found = [pattern.match(path.name) for path in pictures]
    return found if _nearly_all(found) else None


def _nearly_all(found: Sequence[re.Match[str] | None]) -> bool:
    return sum(match is not None for match in found) >= 0.9 * len(found)


LAYOUTS: Mapping[str, Layout] = {
    "RAF-DB": _raf_db,
    "FER+": _fer_plus,
    "AffectNet": _affectnet,
    "CK+": _ck_plus,
    "JAFFE": _named(_JAFFE),
    "KDEF": _named(_KDEF),
    "RaFD": _named(_RAFD),
    "ExpW": _expw,
    "Oulu-CASIA": _oulu_casia,
    "SFEW": _sfew,
}
