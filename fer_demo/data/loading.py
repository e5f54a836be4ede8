"""Face sources from anywhere: the bundled set, FER2013, LFW, a folder, a Parquet file, the Hub."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_demo.data.file_trees import folder_tree
from fer_demo.data.hub_access import hub_address, no_such_dataset
from fer_demo.data.picture_trees import open_pictures
from fer_demo.data.sources import FaceSource
from fer_demo.data.table_files import join, with_class_names
from fer_demo.data.tables import source_of
from fer_demo.errors import DataError

BUNDLED = Path(__file__).parents[1] / "assets" / "faces" / "bundled.parquet"

_FOLDERS = "name the folder that holds fer2013/ and lfw/"
_PREPARE = "`python -m training prepare SOURCE --out DIR`"


def load_bundled() -> FaceSource:
    """The synthetic faces that come with the package."""
    return source_of("bundled", _read(BUNDLED, "install fer_demo again"))


def load_fer2013(root: str | Path, split: Literal["train", "public_test"], keep_inexact: bool = False) -> FaceSource:
    """FER2013 with its FER+ votes, or a set of one's own in its place, from `root`/fer2013/`split`.parquet.

    Rows whose pixels are degraded copies (`exact_row` is false; mostly no faces) are left out unless `keep_inexact`.
    What docs/data.md calls optional may be absent.
    """
    table = _read(Path(root) / "fer2013" / f"{split}.parquet", f"{_FOLDERS}, or make them with {_PREPARE}")
    count = table.num_rows
    for name, value in (("exact_row", True), ("in_other_split", False)):
        if name not in table.column_names:
            table = table.append_column(name, pa.array([value] * count, pa.bool_()))
        table = table.set_column(table.column_names.index(name), name, pc.fill_null(table.column(name), value))
    if "row" not in table.column_names:
        table = table.append_column("row", pa.array(range(count), pa.int32()))
    if not keep_inexact:
        table = table.filter(table.column("exact_row"))
    return source_of("fer2013", _with_key(table, pc.cast(table.column("row"), pa.string())))


def load_lfw(root: str | Path) -> FaceSource:
    """Labeled Faces in the Wild: persons, no expressions; from `root`/lfw/train.parquet."""
    path = Path(root) / "lfw" / "train.parquet"
    table = _read(path, f"{_FOLDERS}, or make it with `python -m training prepare SOURCE --out DIR --what people`")
    if "person" not in table.column_names:
        raise DataError(f"{path} has no column “person”; its columns are {', '.join(table.column_names)}.")
    table = table.filter(pc.is_valid(table.column("person")))  # whoever has no name is nobody's second photograph
    if "photo" not in table.column_names:
        table = table.append_column("photo", pa.array(_counted(table.column("person").to_pylist()), pa.int32()))
    names, photos = (pc.cast(table.column(name), pa.string()) for name in ("person", "photo"))
    return source_of("lfw", _with_key(table, pc.binary_join_element_wise(names, photos, "/")))


def load_folder(path: str | Path) -> FaceSource:
    """The pictures below a folder, in the order of their names, with what folders, names and lists say about them."""
    root = Path(path)
    if not root.is_dir():
        raise DataError(f"There is no folder at {root}; check the name.")
    return open_pictures(folder_tree(root)).source


def load_parquet(path: str | Path) -> FaceSource:
    """A Parquet file, or a folder of them, with a column of pictures and, if it has one, a column of labels.

    Labels are words, or whole numbers: in the order the file states (`datasets` does) or else in that of FER2013.
    """
    return source_of(Path(path).stem, _read(Path(path), "check the name"))


def load_hub(repo: str, split: str = "train", revision: str | None = None) -> FaceSource:
    """One split of a dataset on the Hugging Face Hub; its columns are read as in `load_parquet`.

    Raises: DataError if it is missing, private, in no readable form, or the Hub is away.
    """
    # Imported here: it takes two seconds, and nothing else needs it.
    import datasets

    address = hub_address(repo, revision)
    try:
        dataset = datasets.load_dataset(address, split=split, revision=revision)
    except datasets.exceptions.DatasetNotFoundError:
        raise DataError(no_such_dataset(repo, revision)) from None
    # load_dataset raises whatever its readers and the network raise; the reason's first line goes on to the person.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise DataError(f"The dataset {repo} could not be loaded as split “{split}”: {reason}.") from error
    table = dataset.with_format("arrow")[:]
    return source_of(repo, table.replace_schema_metadata(dataset.features.arrow_schema.metadata))


def _read(path: Path, remedy: str) -> pa.Table:
    """The table of one Parquet file, or of all those in a folder in the order of their names."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise DataError(f"There is no Parquet file at {path}; {remedy}.")
    try:
        return join([with_class_names(pq.ParquetFile(file).read()) for file in files])
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is damaged or is not a Parquet file; {remedy}.") from error


def _with_key(table: pa.Table, keys: pa.ChunkedArray) -> pa.Table:
    """The table with these keys, in place of its own."""
    table = table.drop_columns(["key"]) if "key" in table.column_names else table
    return table.append_column("key", keys)


def _counted(names: list[str | None]) -> list[int]:
    """The number of each photo among those of its person, from 1."""
    seen: Counter[str | None] = Counter()
    numbers = []
    for name in names:
        seen[name] += 1
        numbers.append(seen[name])
    return numbers
