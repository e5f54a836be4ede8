"""SET:PATH, as commands name a research set on this machine: it is opened, and must be laid out as that set is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.opening import open_path
from fer_demo.data.research_sets import LAYOUTS
from fer_demo.data.tables import reread
from fer_demo.errors import DataError
from fer_demo.expressions import LABEL_ORDERS

_OF_TABLES = {"ck+": "ck+48", "ferplus": "fer2013"}  # sets whose copies in one table are numbered in another order
# As commands call the sets: raf-db, affectnet, oulu-casia, ... FER+ is ferplus too.
SET_NAMES = tuple(dict.fromkeys(["fer2013", "ferplus", *(name.lower() for name in LAYOUTS if name != "FER+")]))


def open_named(text: str) -> OpenedSet:
    """A set from SET:PATH, or from a path alone, which is then taken for whatever its files say.

    Raises: DataError if it cannot be opened, or is not laid out or numbered as the named set is.
    """
    name, path = split_name(text)
    opened = open_path(path)
    if name is None:
        return opened
    found = None if opened.layout is None else _plain(opened.layout)
    if found is not None and found != _plain(name):
        raise DataError(f"The files in {path} are named like those of {opened.layout}; name them {found}:{path}.")
    if found is None:
        opened = _numbered(opened, name, path)
    return opened


def _numbered(opened: OpenedSet, name: str, path: Path) -> OpenedSet:
    """A table or folders of classes with their numbers, if they have some, in the order of the named set."""
    labelling = opened.labelling
    if labelling is None or not opened.labels:
        raise DataError(f"Nothing in {path} says what its pictures show, as {name} does; see docs/data.md.")
    words = "Its files are not named like those of {}; its labels were read from its own columns or folders{}."
    order = _OF_TABLES.get(name, name)
    if labelling.order is None or order not in LABEL_ORDERS:
        return replace(opened, notes=(*opened.notes, words.format(name, "")))
    opened = reread(opened, labelling.column, order)
    classes = ", ".join(one or "none" for one in LABEL_ORDERS[order])
    return replace(opened, notes=(*opened.notes, words.format(name, f", its numbers in the order {classes}")))


def split_name(text: str) -> tuple[str | None, Path]:
    """The set's name as SET_NAMES has it, and the path; no name if what stands before the colon is none.

    Raises: DataError for a word before a colon that is no set, where nothing lies at the whole of it either.
    """
    word, colon, path = text.partition(":")
    name = next((one for one in SET_NAMES if _plain(one) == _plain(word)), None)
    if colon and name is not None:
        return name, Path(path)
    if colon and len(word) > 1 and not Path(text).exists():  # a single letter is a drive
        raise DataError(f"“{word}” is not a set that is known; use one of {', '.join(SET_NAMES)}, or the path alone.")
    return None, Path(text)


def told(opened: OpenedSet) -> tuple[str, ...]:
    """What was understood of a set, in sentences: how many pictures, labels and people, and what is odd."""
    source = opened.source
    expressions, people = source.column("expression"), source.column("person")
    labelled = len(expressions) - expressions.count(None)
    named = len(set(people) - {None})
    return (
        f"{source.name}: {len(source):,} pictures, {labelled:,} with an expression, of {named:,} named people.",
        *opened.notes,
    )


def _plain(name: str) -> str:
    plain = re.sub(r"[\s_\-.]", "", name.lower())
    return "ferplus" if plain == "fer+" else plain
