"""Other people's words in ours: what a label or a split's name means."""

from __future__ import annotations

import re

from fer_demo.errors import DataError
from fer_demo.expressions import canonical

_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "eval", "holdout"),
    "test": ("test", "testing", "publictest", "privatetest", "public", "private"),
}
# Words that stand beside a split's or an expression's name without changing it: test_set, happy_faces, 3_happy.
_FILLERS = {"set", "data", "split", "images", "image", "imgs", "img", "faces", "face", "photos", "pictures", "crops"}
_FILLERS |= {"expression", "expressions", "emotion", "fer2013", "class", "folder", "aligned"}
# Folders that part a set by other things than persons, with or without a number: part1, original, grey, RAF-DB.
_NO_NAMES = {
    "original",
    "raw",
    "augmented",
    "clean",
    "cropped",
    "grey",
    "gray",
    "color",
    "colour",
    "rgb",
    "fold",
    "part",
}
_NO_NAMES |= {"batch", "new", "old", "extra", "more", "small", "large", "session", "sequence", "frontal", "profile"}
_NO_NAMES |= {"fer", "ferplus", "fer+", "affectnet", "raf", "db", "rafdb", "ck", "ck+", "jaffe", "kdef", "rafd", "sfew"}


def word(label: str) -> str | None:
    """Our word for a label, None if it names no expression ("unknown", or a class of another kind)."""
    for text in (label, _without_fillers(label)):
        try:
            return canonical(text)
        except DataError:
            continue
    return None


def split_word(name: str) -> str | None:
    """train, validation or test, as the name of a folder, file or split says; None if it names none of them."""
    plain = _without_fillers(name).replace(" ", "")
    for ours, theirs in _SPLITS.items():
        if plain in theirs or plain in {f"{one}set" for one in theirs}:
            return ours
    return None


def may_be_a_name(folder: str) -> bool:
    """Whether a folder may be called after a person: not as parts of a set, splits or expressions are."""
    if split_word(folder) is not None or word(folder) is not None:
        return False
    words = [re.sub(r"(?<=.)\d+$", "", one) for one in re.split(r"[\s_\-.]+", folder.strip().casefold()) if one]
    known = [one in _NO_NAMES or one in _FILLERS for one in words if not one.isdecimal()]
    return not known or not all(known)


def _without_fillers(name: str) -> str:
    """The words of a name that say something, with spaces between them; numbers in front only count."""
    words = re.split(r"[\s_\-.]+", name.strip().casefold())
    kept = [one for one in words if one and one not in _FILLERS and not one.isdecimal()]
    return " ".join(kept)
