"""Face sources from anywhere: the bundled set, FER2013, LFW, a folder, a Parquet file, the Hub."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import canonical, from_label

BUNDLED = Path(__file__).parents[1] / "assets" / "faces" / "bundled.parquet"

_PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
# Other people's names for our columns, the likeliest first.
_ALIASES = {
    "image": ("image", "img"),
    "expression": ("expression", "label", "labels", "emotion"),
    "person": ("person", "identity", "subject"),
    "blendshapes": ("blendshapes", "units"),
}
_HUB_PROBE_SECONDS = 2.0


def load_bundled() -> FaceSource:
    """The synthetic faces that come with the package."""
    return _source("bundled", _read(BUNDLED, "install fer_demo again"))


def load_fer2013(root: str | Path, split: Literal["train", "public_test"], keep_inexact: bool = False) -> FaceSource:
    """FER2013 with its FER+ votes, from `root`/fer2013/`split`.parquet.

    Rows whose pixels are degraded copies (`exact_row` is false; mostly no faces) are left out unless `keep_inexact`.
    """
    table = _read(Path(root) / "fer2013" / f"{split}.parquet", "name the folder that holds fer2013/ and lfw/")
    if not keep_inexact:
        table = table.filter(table.column("exact_row"))
    return _source("fer2013", table.append_column("key", pc.cast(table.column("row"), pa.string())))


def load_lfw(root: str | Path) -> FaceSource:
    """Labeled Faces in the Wild: persons, no expressions; from `root`/lfw/train.parquet."""
    table = _read(Path(root) / "lfw" / "train.parquet", "name the folder that holds fer2013/ and lfw/")
    keys = pc.binary_join_element_wise(table.column("person"), pc.cast(table.column("photo"), pa.string()), "/")
    return _source("lfw", table.append_column("key", keys))


def load_folder(path: str | Path) -> FaceSource:
    """The pictures below a folder, in the order of their names.

    The folder a picture lies in names its expression if most of the folders' names are expressions, else its person.
    """
    root = Path(path)
    if not root.is_dir():
        raise DataError(f"There is no folder at {root}; check the name.")
    files = sorted(file for file in root.rglob("*") if file.suffix.lower() in _PICTURE_SUFFIXES and file.is_file())
    if not files:
        raise DataError(f"{root} holds no pictures; use a folder with {', '.join(_PICTURE_SUFFIXES)} files.")
    folders = [file.parent.name if file.parent != root else None for file in files]
    words = {folder: _word(folder) for folder in set(folders) if folder is not None}
    are_expressions = 2 * sum(word is not None for word in words.values()) > len(words)
    names = [None if folder is None else words[folder] if are_expressions else folder for folder in folders]
    table = {
        "image": pa.array([str(file) for file in files]),
        "key": pa.array([file.relative_to(root).as_posix() for file in files]),
        "expression" if are_expressions else "person": pa.array(names, pa.string()),
    }
    return FaceSource(root.name, pa.table(table))


def load_parquet(path: str | Path) -> FaceSource:
    """A Parquet file, or a folder of them, with a column of pictures and, if it has one, a column of labels.

    Labels are words, or whole numbers: in the order the file states (`datasets` does) or else in that of FER2013.
    """
    return _source(Path(path).stem, _read(Path(path), "check the name"))


def load_hub(repo: str, split: str = "train", revision: str | None = None) -> FaceSource:
    """One split of a dataset on the Hugging Face Hub; its columns are read as in `load_parquet`.

    Raises: DataError if it is missing, private, in no readable form, or the Hub is away.
    """
    # Imported here: together they take two seconds, and nothing else needs them.
    import datasets
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
    try:
        dataset = datasets.load_dataset(repo, split=split, revision=revision)
    except datasets.exceptions.DatasetNotFoundError:
        at = f" at revision {revision}" if revision else ""
        raise DataError(
            f"There is no dataset {repo}{at} on the Hub that you may read; check the name, and if it is private or "
            "gated, log in with `hf auth login` after its owner let you in."
        ) from None
    # load_dataset raises whatever its readers and the network raise; the reason's first line goes on to the person.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise DataError(f"The dataset {repo} could not be loaded as split “{split}”: {reason}.") from error
    table = dataset.with_format("arrow")[:]
    return _source(repo, table.replace_schema_metadata(dataset.features.arrow_schema.metadata))


def _read(path: Path, remedy: str) -> pa.Table:
    """The table of one Parquet file, or of all those in a folder in the order of their names."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise DataError(f"There is no Parquet file at {path}; {remedy}.")
    try:
        return pa.concat_tables([pq.read_table(file) for file in files], promote_options="default")
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is damaged or is not a Parquet file; {remedy}.") from error


def _source(name: str, table: pa.Table) -> FaceSource:
    """A source over a table whose columns go by anybody's names and whose labels are of any kind."""
    names = list(table.column_names)
    found = {}
    for ours, aliases in _ALIASES.items():
        theirs = next((alias for alias in aliases if alias in names), None)
        if theirs is not None:
            found[ours] = theirs
    if "image" not in found:
        raise DataError(f"{name} has no column of pictures called “image”; its columns are {', '.join(names)}.")
    classes = _class_names(table, found["expression"]) if "expression" in found else None
    table = table.rename_columns([next((ours for ours in found if found[ours] == theirs), theirs) for theirs in names])
    if "expression" in found:
        table = _with_words(table, "expression", _expressions(name, table.column("expression").to_pylist(), classes))
    if "person" in found:
        persons = table.column("person").to_pylist()
        table = _with_words(table, "person", [None if person is None else str(person) for person in persons])
    return FaceSource(name, table)


def _with_words(table: pa.Table, column: str, words: list[str | None]) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, pa.array(words, pa.string()))


def _expressions(source: str, labels: Sequence[Any], classes: Sequence[str] | None) -> list[str | None]:
    """Our words for a column of labels, each kind of label translated once."""
    kinds = {label for label in labels if label is not None}
    translate: Callable[[Any], str | None]
    if all(isinstance(label, str) for label in kinds):
        translate = _word
    elif not all(isinstance(label, int) for label in kinds):
        raise DataError(f"The labels of {source} are neither words nor whole numbers; convert that column first.")
    elif classes is not None:
        translate = dict(enumerate(_word(name) for name in classes)).get
    else:
        translate = partial(from_label, "fer2013")
    words = {label: translate(label) for label in kinds}
    return [None if label is None else words[label] for label in labels]


def _word(label: str) -> str | None:
    """Our word for a label, None if it names no expression ("unknown", or a class of another kind)."""
    try:
        return canonical(label)
    except DataError:
        return None


def _class_names(table: pa.Table, column: str) -> list[str] | None:
    """The names of a column's integer labels, if `datasets` stored them in the table's metadata."""
    metadata = (table.schema.metadata or {}).get(b"huggingface")
    if metadata is None:
        return None
    try:
        return json.loads(metadata)["info"]["features"][column].get("names")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _hub_answers(endpoint: str) -> bool:
    """Whether the Hub is at work; asked in a thread, because a name lookup knows no time limit."""
    from huggingface_hub.utils import get_session, httpx

    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(get_session().head(endpoint, timeout=_HUB_PROBE_SECONDS).status_code)
        except httpx.HTTPError:
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_HUB_PROBE_SECONDS)
    return bool(answers) and answers[0] < 500
