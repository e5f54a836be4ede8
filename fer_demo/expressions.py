"""The expression vocabulary, and the label order of every dataset mapped into it."""

from __future__ import annotations

import csv
import os
import unicodedata
from functools import cache
from pathlib import Path

from fer_demo.errors import DataError

# The order of the seven classes everywhere: in logits, tables, figures and files.
BASIC: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
NEUTRAL = BASIC.index("neutral")
WITH_CONTEMPT: tuple[str, ...] = (*BASIC, "contempt")

# Each dataset's classes in the order of its integer labels; None is a label that names no expression.
# JAFFE, KDEF and RaFD label by code or word in the file name: their order is that of their documentation.
LABEL_ORDERS: dict[str, tuple[str | None, ...]] = {
    "fer2013": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    "ferplus": ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt", None, None),
    "raf-db": ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"),
    "affectnet": ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"),
    "ck+": ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"),
    "ck+48": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt"),  # its copy in one table
    "expw": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    "jaffe": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    "kdef": ("fear", "angry", "disgust", "happy", "neutral", "sad", "surprise"),
    "rafd": ("angry", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise"),
}

# The integer that stands for the first class; every set not named here counts from 0.
FIRST_LABEL: dict[str, int] = {"raf-db": 1}

# Other people's words for an expression, in many languages and misspelt, a line each; a file of the same two columns
# whose path stands in this environment variable is read on top of it.
WORDS_FILE = Path(__file__).parent / "assets" / "expression_words.csv"
OWN_WORDS = "FER_DEMO_EXPRESSION_WORDS"


def canonical(name: str) -> str:
    """Our word for an expression named in any of the usual ways ("Happiness", "HA", "anger").

    Raises: DataError if the word names no expression.
    """
    word = _words().get(_plain(name))
    if word is None:
        raise DataError(f"“{name}” is not an expression we know; use one of {', '.join(WITH_CONTEMPT)}.")
    return word


@cache
def _words() -> dict[str, str]:
    """Every word that is known, plain, and ours for it."""
    known = {word: word for word in WITH_CONTEMPT}
    own = os.environ.get(OWN_WORDS)
    for file in (WORDS_FILE, *([Path(own)] if own else [])):
        try:
            with file.open(encoding="utf-8-sig", newline="") as text:
                known |= {_plain(row["word"]): row["expression"] for row in csv.DictReader(text)}
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise DataError(f"{file} is not a table with the columns expression and word ({error}).") from error
    if strange := sorted(set(known.values()) - set(WITH_CONTEMPT)):
        raise DataError(f"{own} names {', '.join(strange)}; its expressions must be {', '.join(WITH_CONTEMPT)}.")
    return known


def _plain(word: str) -> str:
    """A word without what people vary: case, kind of gap, and how an accent is stored."""
    return " ".join(unicodedata.normalize("NFC", word).casefold().replace("_", " ").replace("-", " ").split())


def from_label(dataset: str, label: int | str) -> str | None:
    """Our word for a dataset's own label: an integer in its order, or its word or two-letter code.

    None means that the label names no expression (FER+ "unknown" and "not a face").
    RAF-DB counts from 1, every other set from 0.

    Raises: DataError if the dataset or the label is unknown.
    """
    order = LABEL_ORDERS.get(dataset.lower())
    if order is None:
        raise DataError(f"The label order of “{dataset}” is not known; use one of {', '.join(LABEL_ORDERS)}.")
    if isinstance(label, str):
        text = label.strip()
        if not text.isdecimal():
            return None if _names_nothing(text) and None in order else canonical(text)
        label = int(text)
    first = FIRST_LABEL.get(dataset.lower(), 0)
    if not first <= label < first + len(order):
        raise DataError(f"{dataset} has labels {first} to {first + len(order) - 1}, and {label} is not one of them.")
    return order[label - first]


def _names_nothing(label: str) -> bool:
    return label.lower().replace("_", " ").replace("-", " ") in ("unknown", "not a face", "nf")
