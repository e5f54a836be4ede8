"""Lists that come with pictures and say what they show: CSV, text or JSON lines that name them in a column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from fer_demo.data.file_trees import Tree, TreeFile
from fer_demo.data.table_files import unique_names

LIST_SUFFIXES = (".csv", ".tsv", ".txt", ".lst", ".jsonl")
_LARGEST = 50_000_000  # bytes of a list
_MOST_ROWS = 1_000_000
_NAMES = ("file", "label")  # of the first columns, without a header; the others are numbered
_COPIES = re.compile(r"_(aligned|cropped|crop|face)$")  # what is added to the name of a picture cut out of another

Columns = dict[str, list[str | None]]


def columns_of_lists(lists: Sequence[TreeFile], pictures: Sequence[PurePosixPath]) -> tuple[Columns, list[TreeFile]]:
    """The columns of every list that names some of these pictures, row by row as the pictures come, and those lists."""
    by_path = {_key(path): row for row, path in enumerate(pictures)}
    by_name: dict[str, list[int]] = {}
    for row, path in enumerate(pictures):
        by_name.setdefault(_key(PurePosixPath(path.name)), []).append(row)
    # One name may mean a photo and the crops of it, which are called differently; equal names mean different pictures.
    by_name = {key: rows for key, rows in by_name.items() if len({pictures[row].name for row in rows}) == len(rows)}
    columns: Columns = {}
    used = []
    for file in lists:
        rows = _rows(file)
        name, places = _naming_column(rows, file.path.parent, by_path, by_name)
        if name is None:
            continue
        used.append(file)
        for line, targets in zip(rows, places, strict=True):
            for column, value in line.items():
                for target in targets if column != name else ():
                    columns.setdefault(column, [None] * len(pictures))[target] = value
    return columns, used


def columns_of_neighbours(tree: Tree, pictures: Sequence[PurePosixPath]) -> tuple[Columns, list[TreeFile]]:
    """What stands in the files that share a picture's name, as WebDataset has it: 0.png, 0.cls, 0.json."""
    rows = {_key(path): row for row, path in enumerate(pictures)}
    columns: Columns = {}
    used = []
    for file in tree.files:
        place = rows.get(_key(file.path)) if file.suffix in (".cls", ".json") else None
        content = None if place is None else file.read(_LARGEST)
        if place is None or content is None:
            continue
        used.append(file)
        text = content.decode("utf-8", "replace").strip()
        facts = {"label": text} if file.suffix == ".cls" else next(iter(_json_rows(text.replace("\n", " "))), {})
        for name, fact in facts.items():
            columns.setdefault(name, [None] * len(pictures))[place] = fact
    return columns, used


def _naming_column(
    rows: Sequence[Mapping[str, str]],
    folder: PurePosixPath,
    by_path: Mapping[str, int],
    by_name: Mapping[str, list[int]],
) -> tuple[str | None, list[list[int]]]:
    """The column that holds pictures' names, with the pictures that each row means; none if hardly any are there."""
    for column in rows[0] if rows else ():
        places = [_places(row.get(column, ""), folder, by_path, by_name) for row in rows]
        named = sum(bool(targets) for targets in places)
        if named and (
            2 * named >= len(rows) or 2 * len({one for targets in places for one in targets}) >= len(by_path)
        ):
            return column, places
    return None, []


def _places(
    value: str, folder: PurePosixPath, by_path: Mapping[str, int], by_name: Mapping[str, list[int]]
) -> list[int]:
    """The pictures that a list's cell means: by the path from the list or from the root, else by a name of its own."""
    if not value:
        return []
    path = PurePosixPath(value.replace("\\", "/"))
    for candidate in (folder / path, path):
        if (row := by_path.get(_key(candidate))) is not None:
            return [row]
    return by_name.get(_key(PurePosixPath(path.name)), [])


def _key(path: PurePosixPath) -> str:
    """A path without its ending and without what crops add to a name."""
    return str(path.with_name(_COPIES.sub("", path.stem.lower()))) if path.name else ""


def _rows(file: TreeFile) -> list[dict[str, str]]:
    """A list's rows by column; nothing if it is not a list."""
    content = file.read(_LARGEST)
    if not content or b"\0" in content[:4096]:
        return []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if file.suffix == ".jsonl":
        return _json_rows(text)
    return _delimited(text)


def _json_rows(text: str) -> list[dict[str, str]]:
    rows = []
    for line in text.splitlines()[:_MOST_ROWS]:
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict):
            rows.append({str(name): str(value) for name, value in values.items() if value is not None})
    return rows


def _delimited(text: str) -> list[dict[str, str]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    if delimiter not in first:
        delimiter = " "
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True))[:_MOST_ROWS]
    lines = [[cell.strip() for cell in line] for line in lines if line]
    if not lines or len(lines[0]) < 2:
        return []
    headless = any(re.search(r"\.\w{2,5}$", cell) or cell.isdecimal() for cell in lines[0])
    more = [f"column_{number + 1}" for number in range(len(_NAMES), len(lines[0]))]
    names = [*_NAMES, *more] if headless else unique_names(lines[0])
    return [dict(zip(names, line, strict=False)) for line in lines[0 if headless else 1 :]]
