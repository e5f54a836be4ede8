"""The expression vocabulary, and the label order of every dataset mapped into it."""

from __future__ import annotations

from fer_demo.errors import DataError

# The order of the seven classes everywhere: in logits, tables, figures and files.
BASIC: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
WITH_CONTEMPT: tuple[str, ...] = (*BASIC, "contempt")

# Each dataset's classes in the order of its integer labels; None is a label that names no expression.
# JAFFE, KDEF and RaFD label by code or word in the file name: their order is that of their documentation.
LABEL_ORDERS: dict[str, tuple[str | None, ...]] = {
    "fer2013": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    "ferplus": ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt", None, None),
    "raf-db": ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"),
    "affectnet": ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"),
    "ck+": ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"),
    "jaffe": ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    "kdef": ("fear", "angry", "disgust", "happy", "neutral", "sad", "surprise"),
    "rafd": ("angry", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise"),
}

# The integer that stands for the first class; every set not named here counts from 0.
FIRST_LABEL: dict[str, int] = {"raf-db": 1}

_WORDS: dict[str, tuple[str, ...]] = {
    "angry": ("anger", "an", "angriness"),
    "disgust": ("disgusted", "di"),
    "fear": ("fearful", "afraid", "scared", "fe", "af"),
    "happy": ("happiness", "joy", "ha"),
    "sad": ("sadness", "sa"),
    "surprise": ("surprised", "su"),
    "neutral": ("neutrality", "ne"),
    "contempt": ("contemptuous",),
}
_CANONICAL: dict[str, str] = {word: name for name, words in _WORDS.items() for word in (name, *words)}


def canonical(name: str) -> str:
    """Our word for an expression named in any of the usual ways ("Happiness", "HA", "anger").

    Raises: DataError if the word names no expression.
    """
    word = _CANONICAL.get(name.strip().lower())
    if word is None:
        raise DataError(f"“{name}” is not an expression we know; use one of {', '.join(WITH_CONTEMPT)}.")
    return word


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
        raise DataError(f"{dataset} has labels {first} to {first + len(order) - 1}, and {label} is none of them.")
    return order[label - first]


def _names_nothing(label: str) -> bool:
    return label.lower().replace("_", " ").replace("-", " ") in ("unknown", "not a face", "nf")
