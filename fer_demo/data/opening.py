"""Opening what somebody brings: tables, and pictures in folders or archives; what is odd is said in sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fer_demo.data.fer_plus_votes import is_votes_table, with_votes
from fer_demo.data.file_trees import Tree, TreeFile, folder_tree, tar_tree, zip_tree
from fer_demo.data.limits import LARGEST_TEXT, LARGEST_UNPACKED, check_size
from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet
from fer_demo.data.picture_trees import open_pictures, pictures_of
from fer_demo.data.table_files import TABLE_SUFFIXES, is_text_table, read_table, together
from fer_demo.data.tables import open_table
from fer_demo.errors import DataError

__all__ = ["ORIGINAL_LABEL", "open_path", "open_upload"]

_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz")


def open_upload(name: str, content: bytes) -> OpenedSet:
    """A table (Parquet, CSV), or an archive of a folder of pictures or tables; its first bytes show which.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    if (tree := _archive(name, content)) is not None:
        return _open_tree(_with_inner_archives(tree))
    if content[:4] == b"PAR1" or is_text_table(name, content):
        return open_table(Path(name).stem, read_table(name, content))
    raise DataError(
        f"{name} is neither a Parquet file nor a ZIP of a folder with pictures, nor a CSV with the pictures inside; "
        "bring one of these."
    )


def open_path(path: Path) -> OpenedSet:
    """A file as above, or a folder, on the machine of whoever runs this.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    if path.is_dir():
        return _open_tree(folder_tree(path))
    if not path.is_file():
        raise DataError(f"There is nothing at {path}; name a folder, a Parquet file or a ZIP.")
    return open_upload(path.name, path.read_bytes())


def _archive(name: str, content: bytes) -> Tree | None:
    if content[:2] == b"PK":
        return zip_tree(name, content)
    is_tar = content[257:262] == b"ustar" or name.lower().endswith((".tar.gz", ".tgz"))
    return tar_tree(name, content) if is_tar else None


def _with_inner_archives(tree: Tree) -> Tree:
    """An archive that only holds archives, such as a ZIP of train.zip and test.zip, as if each were a folder."""
    inner = [file for file in tree.files if str(file.path).lower().endswith(_ARCHIVES)]
    if not inner or pictures_of(tree) or any(file.suffix in TABLE_SUFFIXES for file in tree.files):
        return tree
    check_size(tree.name, 0, sum(file.size for file in inner))
    files: list[TreeFile] = []
    left_behind = tree.left_behind
    for file in inner:
        content = file.read(LARGEST_UNPACKED)
        found = None if content is None else _archive(file.path.name, content)
        if found is None:
            continue
        folder = file.path.parent / file.path.name.split(".")[0]
        files += [replace(one, path=folder / str(one.path).lstrip("/")) for one in found.files]
        left_behind += found.left_behind
    return Tree(tree.name, tuple(sorted(files, key=lambda one: str(one.path))), left_behind)


def _open_tree(tree: Tree) -> OpenedSet:
    """Parquet files, wherever they lie, before pictures: a logo beside them is none of the set's."""
    tables = [file for file in tree.files if file.suffix == ".parquet"]
    if not tables:
        if pictures_of(tree):
            return open_pictures(tree)
        tables = [file for file in tree.files if file.suffix in TABLE_SUFFIXES]
    if not tables:
        return open_pictures(tree)  # says that there are none
    check_size(tree.name, 0, sum(file.size for file in tables), LARGEST_TEXT)
    contents = {str(file.path): file.read(LARGEST_TEXT) or b"" for file in tables}
    votes = {name: content for name, content in contents.items() if is_votes_table(content)}
    table, notes = together({name: content for name, content in contents.items() if name not in votes} or contents)
    table, voted = with_votes(table, votes)
    opened = open_table(tables[0].path.stem if len(tables) == 1 else tree.name, table)
    return replace(opened, notes=(*opened.notes, *notes, *voted, *tree.notes))
