"""A dataset as somebody opened it: its records, its own labels with our words for them, and what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from fer_demo.data.label_columns import Labelling
from fer_demo.data.sources import FaceSource

ORIGINAL_LABEL = "given_label"  # the column that keeps a set's own labels beside our words


@dataclass(frozen=True, eq=False)
class OpenedSet:
    """A dataset as it was opened; what could not be used is said in `notes` and left out."""

    source: FaceSource
    labels: Mapping[str, str | None]  # each of the set's own labels -> our word; empty if it has no labels
    notes: tuple[str, ...] = ()
    labelling: Labelling | None = None  # how a table's labels were found; None for folders
    table: pa.Table | None = None  # a table as it came, so that its labels can be read again
    layout: str | None = None  # the research set whose files are called so

    def with_labels(self, words: Mapping[str, str | None]) -> OpenedSet:
        """The same set with other meanings of its labels."""
        originals = self.source.column(ORIGINAL_LABEL)
        meaning = [None if label is None else words.get(label) for label in originals]
        source = self.source.with_column("expression", pa.array(meaning, pa.string()))
        return replace(self, source=source, labels=words)


def label_words(source: FaceSource) -> dict[str, str | None]:
    """Our word for each of a set's own labels: numbers by size, words by the alphabet."""
    if ORIGINAL_LABEL not in source.columns:
        return {}
    pairs = set(zip(source.column(ORIGINAL_LABEL), source.column("expression"), strict=True))
    found = {label: ours for label, ours in pairs if label is not None}
    return {label: found[label] for label in sorted(found, key=_place)}


def _place(label: str) -> tuple[float, str]:
    return (float(label), "") if label.removeprefix("-").isdecimal() else (float("inf"), label)
