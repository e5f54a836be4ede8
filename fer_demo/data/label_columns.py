"""Which column of a table holds the expressions, and what each of its values means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fer_demo.data.columns import word
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, FIRST_LABEL, LABEL_ORDERS

MOST_LABELS = 60  # a column with more different values names people or files, not classes
_SPECIFIC = ("expression", "expressions", "emotion", "emotions", "facial_expression", "facial_emotion")
_GENERIC = ("label", "labels", "class", "target", "category", "class_label", "annotation", "y")
_MOST_CLASSES = 12  # a column with more kinds of values must be right in nearly all rows
_UNKNOWN_NUMBER = 255  # what -1 becomes in eight bits
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
# How every order is named to people; alphabetical is how folders of pictures are numbered by most libraries.
ORDERS: Mapping[str, tuple[str | None, ...]] = {**LABEL_ORDERS, "alphabetical": tuple(sorted(BASIC))}
_TITLES = {
    "fer2013": "FER2013",
    "ferplus": "FER+",
    "raf-db": "RAF-DB",
    "affectnet": "AffectNet",
    "ck+": "CK+",
    "ck+48": "CK+ in one table",
    "expw": "ExpW",
}
_HINTS = {
    "ckextended": "ck+48",
    "ck+48": "ck+48",
    "affectnet": "affectnet",
    "rafdb": "raf-db",
    "ferplus": "ferplus",
    "fer+": "ferplus",
    "ckplus": "ck+",
    "ck+": "ck+",
    "expw": "expw",
}


@dataclass(frozen=True, eq=False)
class Labelling:
    """The labels of a table: where they stand and what they mean."""

    choices: tuple[str, ...]  # every column that may hold labels
    column: str | None = None  # the one that was taken
    order: str | None = None  # by which its numbers were read; None for words, and for numbers of no known order
    originals: Sequence[str | None] = ()  # its values as text, row by row
    meanings: Mapping[str, str | None] = field(default_factory=dict)  # each of them -> our word
    in_doubt: bool = False  # whether somebody should look at it
    notes: tuple[str, ...] = ()

    @property
    def expressions(self) -> list[str | None]:
        """Our word for every row."""
        return [None if text is None else self.meanings[text] for text in self.originals]


@dataclass(frozen=True, eq=False)
class _Candidate:
    name: str
    texts: Sequence[str | None]
    named: int  # 0 as an expression, 1 as any label, 2 otherwise

    @property
    def counts(self) -> Counter[str]:
        return Counter(text for text in self.texts if text is not None)

    @property
    def numbers(self) -> set[int]:
        """The numbers among its values, without those that stand for unknown."""
        numbers = {int(text) for text in self.counts if is_number(text)}
        return {number for number in numbers if number >= 0 and number != _UNKNOWN_NUMBER}

    @property
    def words(self) -> set[str]:
        return {text for text in self.counts if not is_number(text)}

    @property
    def fits(self) -> bool:
        """Whether its values are those of expressions."""
        numbers = self.numbers
        known_words = {text for text in self.words if word(text) is not None}
        known_numbers = numbers & set(range(len(BASIC) + 1))
        if self.named == 2 and (numbers or len(known_words) < 2):
            return False
        # 0 and 1 under a name such as label are as often a gender or a smile as an expression.
        if not known_words and (not known_numbers or (self.named == 1 and numbers <= {0, 1})):
            return False
        known, kinds = len(known_words) + len(known_numbers), len(self.words) + len(numbers)
        right = sum(rows for text, rows in self.counts.items() if text in known_words | set(map(str, known_numbers)))
        return (2 * known >= kinds and kinds <= _MOST_CLASSES) or right >= 0.9 * self.counts.total()

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Names before other columns, words before numbers, expressions before other labels."""
        return self.named == 2, not self.words, self.named


def read_labels(name: str, table: pa.Table, column: str | None = None, order: str | None = None) -> Labelling:
    """Find the labels of a table, or read the column that is named, its numbers in the order that is named.

    Raises: DataError if there is no such column or order.
    """
    parse_order(order or "fer2013")
    candidates = [found for one in table.column_names if (found := _candidate(one, table.column(one))) is not None]
    choices = tuple(one.name for one in candidates)
    if column is not None:
        chosen = next((one for one in candidates if plain(one.name) == plain(column)), None)
        if chosen is None:
            raise DataError(_no_such_column(name, column, choices))
        return _labelling(name, _Candidate(chosen.name, chosen.texts, 0), order, choices)
    fitting = sorted((one for one in candidates if one.fits), key=lambda one: one.rank)
    named = sorted((one for one in candidates if one.named < 2), key=lambda one: one.rank)
    if not fitting and not named:
        return Labelling(choices, notes=(_without_labels(table),), in_doubt=bool(choices))
    taken = next(iter([*fitting, *named]))
    if not taken.words:  # words beside numbers say what they mean
        taken = next((one for one in fitting if one.words and _same(taken, one)), taken)
    others = [one.name for one in fitting if one is not taken and not _same(taken, one)]
    return _labelling(name, taken, order, choices, others)


def has_label_name(columns: Iterable[str]) -> bool:
    """Whether one of these columns is named as labels are; y beside x is a coordinate."""
    names = {plain(name) for name in columns}
    if "x" in names:
        names.discard("y")
    return not names.isdisjoint((*_SPECIFIC, *_GENERIC))


def parse_order(text: str) -> tuple[str | None, ...]:
    """The classes of an order by its name, or as words with commas between them, the one of label 0 first.

    Raises: DataError for anything else.
    """
    if "," in text:
        return tuple(word(part) for part in text.split(","))
    if text.strip().lower() not in ORDERS:
        raise DataError(
            f"The label order “{text}” is not known; use one of {', '.join(ORDERS)}, or write the expressions with "
            "commas between them, the one of label 0 first."
        )
    return ORDERS[text.strip().lower()]


def label_text(value: Any) -> str | None:
    """A label as clean text: 3.0 is 3, and what is not there is None."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float | Decimal) and value != value:
        return None
    text = "" if value is None else str(value).strip()
    if _WHOLE.fullmatch(text):
        return str(int(text.partition(".")[0]))
    return None if text.lower() in ("", "nan", "null", "<na>") else text


def is_number(text: str) -> bool:
    """Whether a clean text is a whole number."""
    return _WHOLE.fullmatch(text) is not None


def _is_fraction(text: str | None) -> bool:
    try:
        return text is not None and not float(text).is_integer()
    except ValueError:
        return False


def plain(name: str) -> str:
    """A column's name without what people vary: case, spaces around it, kind of gap."""
    return re.sub(r"[\s\-.]+", "_", name.strip("\ufeff \t\r\n").lower())


def _candidate(name: str, column: pa.ChunkedArray) -> _Candidate | None:
    """A column as one of labels; None if its values are of no kind that labels have, or too many."""
    if not _may_be_labels(column.type):
        return None
    words = plain(name)
    named = 0 if words in _SPECIFIC else 1 if words in _GENERIC else 2
    if pc.count_distinct(_flat(column)).as_py() > 4 * MOST_LABELS:
        return None
    texts = [label_text(value) for value in column.to_pylist()]
    values = set(texts) - {None}
    fractions = [text for text in values if _is_fraction(text)]
    if not 0 < len(values) <= MOST_LABELS or 2 * len(fractions) > len(values):
        return None
    return _Candidate(name, texts, named)


def _may_be_labels(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    words = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary)
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(test(kind) for test in (*words, *numbers))


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in a type that Arrow can count."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    return column.cast(pa.float64()) if pa.types.is_float16(column.type) else column


def _labelling(
    name: str, taken: _Candidate, order: str | None, choices: tuple[str, ...], others: Sequence[str] = ()
) -> Labelling:
    """What the values of one column mean; `others` are columns that might be meant as well."""
    notes = []
    if others:
        several = _listed([f"“{one}”" for one in (taken.name, *others)])
        notes.append(f"More than one column may hold its labels: {several}. “{taken.name}” was taken.")
    numbers, counts = taken.numbers, taken.counts
    by = order
    if numbers and order is None:
        by = _usual_order(name, numbers, counts) if taken.fits else None
    if numbers and by is None:
        notes.append("Its labels are numbers of no known order; say what they mean.")
    meanings = {text: _meaning(text, by, numbers) for text in counts}
    if numbers and order is None and by is not None:
        notes.append(f"Its labels are numbers without names; they were read in the order of {_TITLES.get(by, by)}.")
        if by == "affectnet":
            notes.append("FER+ and CK+ have eight classes too, in another order; change it below if these are theirs.")
    beyond = [text for text, ours in meanings.items() if by and ours is None and is_number(text)]
    if beyond:
        rows = sum(counts[text] for text in beyond)
        notes.append(f"Numbers that name no expression in this order: {_listed(beyond)} ({rows:,} pictures).")
    in_doubt = bool(others) or (bool(numbers) and order is None) or None in meanings.values()
    return Labelling(choices, taken.name, by if numbers else None, taken.texts, meanings, in_doubt, tuple(notes))


def _usual_order(name: str, numbers: set[int], counts: Counter[str]) -> str | None:
    """The order of the dataset that the name hints at, else the one whose numbers these are; None if there is none.

    0 to 6 are FER2013's, 1 to 7 RAF-DB's, 0 to 7 AffectNet's. Eight numbers from 1 are of no known set.
    """
    letters = re.sub(r"[\s_\-.]", "", name.lower())
    hinted = next((order for hint, order in _HINTS.items() if hint in letters), None)
    if hinted or not _has_eight(numbers, counts):
        return hinted or ("raf-db" if max(numbers) == len(BASIC) and 0 not in numbers else "fer2013")
    return "affectnet" if 0 in numbers else None


def _has_eight(numbers: set[int], counts: Counter[str]) -> bool:
    """Whether there are eight classes or more, and the last is not a stray number of a few rows."""
    first = 0 if 0 in numbers else 1
    *others, last = range(first, first + len(BASIC) + 1)
    rows = [counts[str(number)] for number in others if number in numbers]
    return len(rows) >= len(others) - 1 and 2 * counts[str(last)] >= min(rows)


def _meaning(text: str, order: str | None, numbers: set[int]) -> str | None:
    if not is_number(text):
        return word(text)
    if order is None:
        return None
    classes = parse_order(order)
    # Copies of sets that count from 1 often count from 0.
    first = 0 if 0 in numbers and len(classes) not in numbers else FIRST_LABEL.get(order.strip().lower(), 0)
    place = int(text) - first
    return classes[place] if 0 <= place < len(classes) else None


def _same(one: _Candidate, other: _Candidate) -> bool:
    """Whether two columns say the same in two ways, such as a number and its name."""
    pairs = {pair for pair in zip(one.texts, other.texts, strict=True) if None not in pair}
    return len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})


def _without_labels(table: pa.Table) -> str:
    """The sentence about a table in which no column can be read as labels."""
    if has_label_name(table.column_names):
        return "Its labels are neither words nor whole numbers, so it was opened without labels."
    return "It has no column of labels, so nothing can be said about labels and errors."


def _no_such_column(name: str, column: str, choices: Sequence[str]) -> str:
    there = f"choose one of {', '.join(choices)}" if choices else "it has none"
    return f"{name} has no column “{column}” that could be labels; {there}."


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
