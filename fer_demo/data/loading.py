"""Face sources from anywhere: the bundled set, FER2013, LFW, a folder, a Parquet file, the Hub."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_demo.data.columns import PICTURE_SUFFIXES, columns_of_paths
from fer_demo.data.sources import FaceSource
from fer_demo.data.table_files import join, with_class_names
from fer_demo.data.tables import source_of
from fer_demo.errors import DataError

BUNDLED = Path(__file__).parents[1] / "assets" / "faces" / "bundled.parquet"

_FOLDERS = "name the folder that holds fer2013/ and lfw/"
_PREPARE = "`python -m training prepare`"
_HUB_PROBE_SECONDS = 2.0


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
    table = _read(path, f"{_FOLDERS}, or make them with {_PREPARE} --what people")
    if "person" not in table.column_names:
        raise DataError(f"{path} has no column “person”; its columns are {', '.join(table.column_names)}.")
    if "photo" not in table.column_names:
        table = table.append_column("photo", pa.array(_counted(table.column("person").to_pylist()), pa.int32()))
    names, photos = (pc.cast(table.column(name), pa.string()) for name in ("person", "photo"))
    return source_of("lfw", _with_key(table, pc.binary_join_element_wise(names, photos, "/")))


def load_folder(path: str | Path) -> FaceSource:
    """The pictures below a folder, in the order of their names.

    The folder a picture lies in names its expression if most of the folders' names are expressions, else its person;
    a folder called train, validation or test names its split.
    """
    root = Path(path)
    if not root.is_dir():
        raise DataError(f"There is no folder at {root}; check the name.")
    files = sorted(file for file in root.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    if not files:
        raise DataError(f"{root} holds no pictures; use a folder with {', '.join(PICTURE_SUFFIXES)} files.")
    inside = [file.relative_to(root) for file in files]
    columns = {name: pa.array(values, pa.string()) for name, values in columns_of_paths(inside).items()}
    pictures = pa.array([str(file) for file in files])
    keys = pa.array([path.as_posix() for path in inside])
    return FaceSource(root.name, pa.table({"image": pictures, "key": keys, **columns}))


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

    check_hub(repo)
    try:
        dataset = datasets.load_dataset(repo, split=split, revision=revision)
    except datasets.exceptions.DatasetNotFoundError:
        raise DataError(no_such_dataset(repo, revision)) from None
    # load_dataset raises whatever its readers and the network raise; the reason's first line goes on to the person.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise DataError(f"The dataset {repo} could not be loaded as split “{split}”: {reason}.") from error
    table = dataset.with_format("arrow")[:]
    return source_of(repo, table.replace_schema_metadata(dataset.features.arrow_schema.metadata))


def check_hub(repo: str) -> None:
    """See to it that a dataset's id is one and that the Hub is at work.

    Raises: DataError if not.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError:
        raise DataError(f"“{repo}” is not a Hub dataset id; write it as owner/name.") from None
    if not constants.is_offline_mode() and not _hub_answers(constants.ENDPOINT):
        raise DataError(
            f"The Hub ({constants.ENDPOINT}) cannot be reached; connect to the network, or set HF_HUB_OFFLINE=1 to use "
            "a copy that was loaded before."
        )


def no_such_dataset(repo: str, revision: str | None = None) -> str:
    """The sentence about a dataset that is missing, private or gated, which the Hub does not tell apart."""
    at = f" at revision {revision}" if revision else ""
    return (
        f"There is no dataset {repo}{at} on the Hub that you may read; check the name, and if it is private or "
        "gated, log in with `hf auth login` after its owner let you in."
    )


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


def _hub_answers(endpoint: str) -> bool:
    """Whether the Hub is at work; asked in a thread, because a name lookup knows no time limit."""
    import httpx2
    from huggingface_hub.utils import get_session

    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(get_session().head(endpoint, timeout=_HUB_PROBE_SECONDS).status_code)
        except httpx2.HTTPError:
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_HUB_PROBE_SECONDS)
    return bool(answers) and answers[0] < 500
