"""Other people's words in ours: what a label, a split's name and the folders above a picture mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from fer_demo.errors import DataError
from fer_demo.expressions import canonical

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "public_test", "publictest", "private_test", "privatetest", "public", "private"),
}


def word(label: str) -> str | None:
    """Our word for a label, None if it names no expression ("unknown", or a class of another kind)."""
    try:
        return canonical(label)
    except DataError:
        return None


def split_word(name: str) -> str | None:
    """train, validation or test, as the name of a folder, file or split says; None if it names none of them."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return next((ours for ours, theirs in _SPLITS.items() if plain in theirs), None)


def columns_of_paths(paths: Sequence[PurePath]) -> dict[str, list[str | None]]:
    """What the folders that pictures lie in say about them: `expression` or `person`, and `split` if any names one.

    The folder a picture lies in names its expression if most of the folders' names are expressions, else its person.
    """
    folders = [path.parent.name or None for path in paths]
    words = {folder: word(folder) for folder in set(folders) if folder is not None}
    are_expressions = 2 * sum(known is not None for known in words.values()) > len(words)
    columns: dict[str, list[str | None]] = {}
    if are_expressions:
        columns["expression"] = [None if folder is None else words[folder] for folder in folders]
    else:
        columns["person"] = [folder if folder is None or split_word(folder) is None else None for folder in folders]
    splits = [next((known for part in path.parent.parts if (known := split_word(part))), None) for path in paths]
    if any(splits):
        columns["split"] = splits
    return columns
