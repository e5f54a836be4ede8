"""Pictures below a folder or in an archive as one set: what lists, names and folders say about each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from fer_demo.data.file_trees import Tree, TreeFile
from fer_demo.data.folder_columns import columns_of_paths
from fer_demo.data.label_columns import has_label_name
from fer_demo.data.label_files import LIST_SUFFIXES, columns_of_lists, columns_of_neighbours
from fer_demo.data.limits import LARGEST_PICTURE, check_size
from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.research_sets import check_listed, columns_of_set
from fer_demo.data.tables import labelled
from fer_demo.errors import DataError
from fer_demo.expressions import LABEL_ORDERS
from fer_demo.images import is_picture, picture_suffixes


def pictures_of(tree: Tree) -> list[TreeFile]:
    """The files of a tree that are pictures: by their ending, or by their content where they have none."""
    suffixes = picture_suffixes()
    return [file for file in tree.files if file.suffix in suffixes or (not file.suffix and _shows(file))]


def open_pictures(tree: Tree) -> OpenedSet:
    """The set of a tree's pictures.

    Those of a folder stay where they are and are read when they are asked for; those of an archive are held in memory.

    Raises: DataError if there are none, too many, or they are those of a set whose label file is missing.
    """
    pictures = pictures_of(tree)
    if not pictures:
        raise DataError(f"{tree.name} holds no pictures; bring a folder with pictures such as JPEG or PNG files.")
    inside = [file for file in pictures if file.place is None]
    check_size(tree.name, len(pictures), sum(file.size for file in inside))
    paths = [file.path for file in pictures]
    columns, notes, used, layout = _columns(tree, paths)
    table: dict[str, Any] = {"image": _cells(pictures), "key": pa.array(map(str, paths), pa.string())}
    table |= {name: _column(values) for name, values in columns.items() if name not in table}
    order = None if layout is None or layout.lower() not in LABEL_ORDERS else layout.lower()
    opened = labelled(tree.name, pa.table(table), label_order=order)
    without = opened.source.column("expression").count(None)
    if layout is not None and without > 0:
        notes.append(f"Without a label, and kept so: {without:,} of its {len(paths):,} pictures.")
    left_out = len(tree.files) - len(pictures) - used
    if left_out:
        notes.append(f"Files that are not pictures were left out: {left_out:,}.")
    return replace(opened, notes=(*opened.notes, *notes, *tree.notes), layout=layout)


def _columns(
    tree: Tree, paths: Sequence[PurePosixPath]
) -> tuple[dict[str, list[str | None]], list[str], int, str | None]:
    """The columns of all pictures, notes about them, the number of files they come from, and the research set."""
    of_folders = columns_of_paths(paths)
    lists = [file for file in tree.files if file.suffix in LIST_SUFFIXES]
    of_lists, used = columns_of_lists(lists, paths)
    notes = [f"Labels and the like were read from {', '.join(str(file.path) for file in used)}."] if used else []
    of_neighbours, neighbours = columns_of_neighbours(tree, paths)
    of_lists, used = of_lists | of_neighbours, used + neighbours
    columns = of_folders | of_lists
    if has_label_name(of_lists):  # a list knows better than folders, which may only say where its pictures lie
        columns = {name: values for name, values in columns.items() if name in of_lists or name == "split"}
    layout = None
    research = columns_of_set(tree, paths, of_lists)
    if research is not None:
        layout, of_names = research
        notes.append(f"Its files are named like those of {layout}, and were read that way.")
        columns |= of_names
    if not has_label_name(columns):
        check_listed(paths)
    return columns, notes, len(used), layout


def _column(values: Sequence[str | None]) -> pa.Array:
    """A column of a list: whole numbers if all of it is."""
    known = [value for value in values if value]
    if known and all(value.isdecimal() and (value == "0" or value[0] != "0") for value in known):
        return pa.array([int(value) if value else None for value in values], pa.int64())
    return pa.array(values, pa.string())


def _cells(pictures: Sequence[TreeFile]) -> pa.Array:
    """Pictures on disk as paths, all others as bytes; a path that is not UTF-8 cannot be kept, so its bytes are."""
    if all(file.place is None for file in pictures):
        inside = [pa.array([file.read(LARGEST_PICTURE)], pa.large_binary()) for file in pictures]
        return pa.concat_arrays(inside)
    kept = [file.place is not None and _is_text(file.place) for file in pictures]
    if all(kept):
        return pa.array([str(file.place) for file in pictures], pa.string())
    cells = [
        {"bytes": None, "path": str(file.place)} if keeps else {"bytes": file.read(LARGEST_PICTURE), "path": None}
        for file, keeps in zip(pictures, kept, strict=True)
    ]
    return pa.array(cells, pa.struct({"bytes": pa.large_binary(), "path": pa.string()}))


def _is_text(path: os.PathLike[str]) -> bool:
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shows(file: TreeFile) -> bool:
    content = file.read(LARGEST_PICTURE)
    return content is not None and is_picture(content)
