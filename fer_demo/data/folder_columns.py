"""What the folders above a picture say about it: its split, its label, or whose face it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from fer_demo.data.columns import may_be_a_name, split_word, word
from fer_demo.data.label_columns import MOST_LABELS

# Words that name a split only beside one that always does: many a photo lies in a folder called public or dev.
_WEAK_SPLITS = re.compile(r"(public|private|dev|eval|holdout)", re.IGNORECASE)
# How folders of classes are numbered: from 0 or 1, with or without contempt.
_NUMBERINGS = tuple({str(number) for number in range(first, last + 1)} for first in (0, 1) for last in (6, 7, 8))

Columns = dict[str, list[str | None]]


def columns_of_paths(paths: Sequence[PurePosixPath]) -> Columns:
    """`split`, `label` and `person`, each only where a folder says so.

    The innermost folder that names a split or an expression counts, wherever it stands. Folders that name neither are
    people, if there are several and they stand above expressions or hardly any of them names one.
    """
    folders = [path.parent.parts for path in paths]
    strong = {
        depth
        for parts in folders
        for depth, part in enumerate(parts)
        if split_word(part) is not None and not _WEAK_SPLITS.fullmatch(part)
    }
    splits = [_split(parts, strong) for parts in folders]
    columns: Columns = {}
    if any(split is not None for split in splits):
        columns["split"] = [None if split is None else split_word(split) for split in splits]
    plain = [tuple(part for part in parts if part != split) for parts, split in zip(folders, splits, strict=True)]
    return columns | _labels_or_people(plain)


def _split(parts: Sequence[str], strong: set[int]) -> str | None:
    """The innermost folder that names a split."""
    for depth in range(len(parts) - 1, -1, -1):
        if split_word(parts[depth]) is not None and (depth in strong or not _WEAK_SPLITS.fullmatch(parts[depth])):
            return parts[depth]
    return None


def _labels_or_people(folders: Sequence[tuple[str, ...]]) -> Columns:
    found = [_label_depth(parts) for parts in folders]
    innermost = [parts[-1] if parts else None for parts in folders]
    kinds = {folder for folder in innermost if folder is not None}
    named = {word(parts[depth]) for parts, depth in zip(folders, found, strict=True) if depth is not None}
    unnamed = {folder for folder, depth in zip(innermost, found, strict=True) if depth is None and folder is not None}
    if len(named) > 1 or (named and len(named) >= len(unnamed)):
        usual = Counter(depth for depth in found if depth is not None).most_common(1)[0][0]
        depths = [usual if depth is None else depth for depth in found]
        labels: Columns = {"label": [_at(parts, depth) for parts, depth in zip(folders, depths, strict=True)]}
        return labels | _people_above([parts[:depth] for parts, depth in zip(folders, depths, strict=True)])
    if kinds in _NUMBERINGS:
        return {"label": innermost}
    if len(kinds) < 2:  # one folder with all the pictures is nobody's name
        return {}
    # The column `folder` is there to be chosen as the labels, in whatever language they are.
    people: Columns = {"person": innermost}
    return people | ({"folder": innermost} if len(kinds) <= MOST_LABELS else {})


def _people_above(folders: Sequence[tuple[str, ...]]) -> Columns:
    """`person` from the folders above expressions: the level that tells most of them apart, if it may be names."""
    best: list[str | None] = []
    for level in range(max(map(len, folders), default=0)):
        names = [parts[level] if level < len(parts) else None for parts in folders]
        kinds = set(names) - {None}
        if len(kinds) > 1 and len(kinds) >= len(set(best) - {None}) and all(may_be_a_name(one) for one in kinds if one):
            best = names
    return {"person": best} if best else {}


def _at(parts: Sequence[str], depth: int) -> str | None:
    """The folder at this depth, or the innermost one above it."""
    return parts[min(depth, len(parts) - 1)] if parts else None


def _label_depth(parts: Sequence[str]) -> int | None:
    """Where among the folders the innermost one stands that names an expression."""
    return next((depth for depth in range(len(parts) - 1, -1, -1) if word(parts[depth]) is not None), None)
