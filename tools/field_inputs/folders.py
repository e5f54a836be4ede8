"""Cases of folders and archives: what their names mean, what file managers leave, and odd ZIPs and endings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fer_demo.errors import FerDemoError
from tools.field_inputs.case import SEVEN, Case, Finding, counted, each, opened, same

THREE = ("angry", "happy", "sad")


def numeric_folders(field: Path) -> Iterator[Finding]:
    """RAF-DB from Kaggle: folders 1 to 7 with the label files beside; nobody's name is "1"."""
    source = opened(field / "numeric_folders")
    yield same("numeric_folders", counted(source), each(SEVEN, 4))
    yield same("numeric_folders, persons", counted(source, "person"), {None: 28})


def class_above_split(field: Path) -> Iterator[Finding]:
    """The folder that names an expression is the label wherever it stands; the innermost split counts."""
    for name in ("class_split", "split_words"):
        source = opened(field / "class_above_split" / name)
        yield same(name, counted(source), each(THREE, 4))
        yield same(f"{name}, splits", counted(source, "split"), {"train": 6, "test": 6})


def left_by_managers(field: Path) -> Iterator[Finding]:
    """What file managers leave is left out and counted aloud."""
    for name, wanted in (("macos_folder/dataset", each(THREE, 4)), ("jupyter_checkpoints/data", each(THREE, 3))):
        source = opened(field / name)
        yield same(name, counted(source), wanted)
        yield f"{name}, told", any("file managers" in note for note in source.notes), str(source.notes)


def zips(field: Path) -> Iterator[Finding]:
    """Backslashes are folders; what cannot be read ends in one true sentence."""
    expressions = counted(opened(field / "zip_backslash/faces_powershell5.zip"))
    yield "zip_backslash", None not in expressions and sum(expressions.values()) == 16, str(expressions)
    yield same("class_split.zip", counted(opened(field / "zip_kinds/class_split.zip")), each(THREE, 4))
    yield same("traversal.zip", set(counted(opened(field / "zip_kinds/traversal.zip"))), set(THREE))
    for name, words in (("bomb.zip", "unpacks to"), ("cut_off.zip", "damaged"), ("encrypted.zip", "password")):
        try:
            source = opened(field / "zip_kinds" / name)
            yield name, any(words in note for note in source.notes), f"opened with notes {source.notes}"
        except FerDemoError as error:
            yield name, words in str(error) or "encrypted" in str(error), str(error)


def suffixes(field: Path) -> Iterator[Finding]:
    """Whatever Pillow reads opens by its ending."""
    for name in ("data", "data.zip"):
        source = opened(field / "suffixes" / name)
        yield same(f"suffixes/{name}", counted(source), each(THREE, 7))
        for row in range(len(source.source)):
            source.source.picture(row)


CASES: tuple[Case, ...] = (numeric_folders, class_above_split, left_by_managers, zips, suffixes)
