"""The first rows of a dataset on the Hub, streamed: some are there at once, more come step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import PurePosixPath
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_demo.data.hub_access import Token, hub_address, no_such_dataset
from fer_demo.data.limits import LARGEST_PICTURE, LARGEST_UNPACKED
from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.table_files import join, with_class_names
from fer_demo.data.tables import open_table
from fer_demo.errors import DataError

MOST_ROWS = 2000  # of all splits together: what a visitor's memory and patience hold
PATIENCE = 15.0  # seconds without a row; the Hub's client itself would try again for many minutes
_BATCH = 32
_READERS = 8  # pictures fetched at once, where each is a file of its own
_NO_ROWS = "BatchSize must be greater than 0"  # how `datasets` complains of a Parquet file without rows
_PICTURE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
_Value = TypeVar("_Value")


class HubRows:
    """Streams the rows of every split of a dataset; it may pause anywhere, and what has come counts.

    A dataset of several configurations is asked for as owner/name:configuration; without one the first is taken.
    """

    def __init__(self, asked: str, most_rows: int = MOST_ROWS, patience: float = PATIENCE, login: bool = False) -> None:
        """Ask the Hub for the dataset; with `login` as whoever is logged in on this machine, otherwise as a stranger.

        Raises: DataError if it is missing, private, in no readable form, or the Hub is away.
        """
        # Imported here: it takes seconds, and nothing else needs it.
        import datasets

        self.name = asked
        self.repo, _, configuration = asked.partition(":")
        self.total, self.done = most_rows, 0
        self._patience = patience
        self._token: Token = None if login else False
        self._notes: list[str] = []
        self._own_metadata: dict[str, Any] = {}  # of the first file of each split
        # A reader that was left alone with a dead Hub must come to an end: its own 20 attempts last many minutes.
        datasets.config.STREAMING_READ_MAX_RETRIES = datasets.config.STREAMING_OPEN_MAX_RETRIES = 1
        try:
            self._address = within(patience, partial(hub_address, self.repo, token=self._token))
            splits = within(patience, partial(self._open, configuration or None))
        except DataError:
            raise
        except datasets.exceptions.DatasetNotFoundError:
            raise DataError(no_such_dataset(self.repo, token=self._token)) from None
        except FileNotFoundError:
            raise DataError(f"{self.repo} holds no files with rows or pictures; choose another dataset.") from None
        except TimeoutError:
            raise DataError(f"The Hub says nothing about {self.repo}; try again later.") from None
        # load_dataset raises whatever its readers and the network raise; the reason's first line goes on to the person.
        except Exception as error:
            raise DataError(f"The dataset {self.repo} could not be opened: {_first_line(error)}.") from error
        self._parts: list[pa.Table] = []
        self._taken = 0  # bytes of them together
        self._batches = self._stream(splits)

    def advance(self, seconds: float = np.inf) -> None:
        """Go on for so long, or to the end; at least one batch comes."""
        end = time.perf_counter() + seconds
        while self.done < self.total:
            try:
                batch = within(self._patience, lambda: next(self._batches, None))
            except TimeoutError:
                self._notes.append("The Hub stopped answering, so the rest of the rows is missing.")
                batch = None
            if batch is None:
                self.total = self.done
                return
            self._parts.append(batch)
            self.done += batch.num_rows
            self._taken += batch.nbytes
            if self._taken > LARGEST_UNPACKED:
                self._notes.append(f"Only the first {LARGEST_UNPACKED / 1e6:,.0f} MB of its rows were taken.")
                self.total = self.done
            if time.perf_counter() > end:
                return

    def result(self) -> OpenedSet:
        """The rows so far as a set.

        Raises: DataError if there are none, or no pictures in them.
        """
        if not self._parts:
            raise DataError(" ".join(self._notes) or f"{self.name} holds no rows; choose another dataset.")
        opened = open_table(self.name, join(self._parts))
        return OpenedSet(opened.source, opened.labels, (*opened.notes, *self._notes))

    def _open(self, configuration: str | None) -> Any:
        """The splits of one configuration, as streams."""
        import datasets

        try:
            return self._streams(datasets.load_dataset_builder(self._address, configuration, token=self._token))
        except ValueError as error:
            if configuration is not None or not str(error).startswith("Config name is missing"):
                raise
        first, *others = datasets.get_dataset_config_names(self._address, token=self._token)
        self._notes.append(
            f"It has several configurations; this is “{first}”. Ask for another as {self.repo}:{others[0]}"
            + (f", or {', '.join(others[1:])}." if others[1:] else ".")
        )
        return self._streams(datasets.load_dataset_builder(self._address, first, token=self._token))

    def _streams(self, builder: Any) -> Any:
        files = builder.config.data_files or {}
        if hasattr(builder.config, "batch_size"):  # Parquet's; else all rows of a group are unpacked at once
            builder.config.batch_size = _BATCH
        self._own_metadata = {
            name: _own_metadata(next(iter(paths), ""), self.repo, self._token) for name, paths in files.items()
        }
        return builder.as_streaming_dataset()

    def _stream(self, splits: Any) -> Iterator[pa.Table]:
        """The first rows of each split, as many of one as of another; what breaks costs the rest of its split."""
        share = -(-self.total // len(splits))
        for name, rows in splits.items():
            try:
                yield from self._of_split(name, rows, share)
            except Exception as error:  # the network, or one of the readers
                if _NO_ROWS not in str(error):
                    self._notes.append(f"The rest of the rows could not be read: {_first_line(error)}.")

    def _of_split(self, name: str, rows: Any, count: int) -> Iterator[pa.Table]:
        metadata = None if rows.features is None else rows.features.arrow_schema.metadata
        if rows.features is not None:
            # The columns in one order: WebDataset's come in another in places.
            rows = rows.decode(False).select_columns(list(rows.features))
        # `datasets` takes the class names of the first file for those of all; each split's own are in its files.
        metadata = self._own_metadata.get(name) or metadata
        for batch in rows.take(count).with_format("arrow").iter(batch_size=_BATCH):
            batch = _of_samples(batch)
            if "split" not in batch.column_names:
                batch = batch.append_column("split", pa.array([name] * batch.num_rows, pa.string()))
            yield _with_files(with_class_names(batch, metadata), self.repo, self._token)


def _own_metadata(path: str, repo: str, token: Token) -> dict[bytes, bytes] | None:
    """What a Parquet file says about its own columns; None if it says nothing, is of another kind, or does not come."""
    import fsspec  # type: ignore[import-untyped]

    if not path.endswith(".parquet") or not _is_inside(path, repo):
        return None
    try:
        with fsspec.open(path, token=token) as file:
            metadata = pq.ParquetFile(file).schema_arrow.metadata or {}
    except Exception:  # whatever the network raises; the reading of the rows will say it
        return None
    return metadata if b"huggingface" in metadata else None


def within(seconds: float, call: Callable[[], _Value]) -> _Value:
    """What a call answers, or raises; asked in a thread, which is left alone with its call if that takes too long.

    Raises: TimeoutError if there is no answer in that time.
    """
    answers: list[_Value] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(call())
        except Exception as error:
            errors.append(error)

    # No daemon: Python must not end while Arrow is still reading in there.
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    return answers[0]


def _of_samples(batch: pa.Table) -> pa.Table:
    """WebDataset's columns in the usual words: the sample's key, its class, and what its JSON says, a column each."""
    if "__key__" not in batch.column_names:
        return batch
    if "json" in batch.column_names and pa.types.is_struct(batch.schema.field("json").type):
        facts = pa.table({"json": batch.column("json")}).flatten()
        for name in facts.column_names:
            if (plain := name.removeprefix("json.")) not in batch.column_names:
                batch = batch.append_column(plain, facts.column(name))
        batch = batch.drop_columns(["json"])
    names = {"__key__": "key", "cls": "label"}
    free = {old: new for old, new in names.items() if new not in batch.column_names}
    return batch.rename_columns([free.get(name, name) for name in batch.column_names]).drop_columns(
        [name for name in ("__url__",) if name in batch.column_names]
    )


def _with_files(batch: pa.Table, repo: str, token: Token) -> pa.Table:
    """The rows with their pictures inside, where they are files of the same dataset; no other path is followed."""
    for place, field in enumerate(batch.schema):
        if not pa.types.is_struct(field.type) or {part.name for part in field.type} != {"bytes", "path"}:
            continue
        read = partial(_file, repo=repo, token=token)
        with ThreadPoolExecutor(_READERS) as readers:
            pictures = list(readers.map(read, batch.column(place).to_pylist()))
        filled = pa.array([{"bytes": picture, "path": None} for picture in pictures], _PICTURE)
        batch = batch.set_column(place, field.name, filled)
    return batch


def _file(cell: dict[str, Any] | None, repo: str, token: Token) -> bytes | None:
    """The picture in a cell, or in the file it names; None if that is missing, too large or elsewhere."""
    import fsspec

    content, path = (None, None) if cell is None else (cell["bytes"], cell["path"])
    if content is not None or path is None or not _is_inside(path, repo):
        return content
    try:
        with fsspec.open(path, token=token) as file:
            content = file.read(LARGEST_PICTURE + 1)
    except OSError:
        return None
    return content if len(content) <= LARGEST_PICTURE else None


def _is_inside(path: str, repo: str) -> bool:
    """Whether a path names a file of this dataset; anybody may have written it, and “::” would lead through others."""
    plain = "::" not in path and ".." not in PurePosixPath(path).parts
    return plain and path.startswith(f"hf://datasets/{repo}@")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
