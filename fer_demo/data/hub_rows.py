"""The first rows of a dataset on the Hub, streamed: some are there at once, more come step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.data.loading import check_hub, no_such_dataset
from fer_demo.data.opening import OpenedSet, open_table
from fer_demo.errors import DataError

MOST_ROWS = 2000  # of all splits together: what a visitor's memory and patience hold
_BATCH = 32


class HubRows:
    """Streams the rows of every split of a dataset; it may pause anywhere, and what has come counts."""

    def __init__(self, repo: str, most_rows: int = MOST_ROWS) -> None:
        """Ask the Hub for the dataset.

        Raises: DataError if it is missing, private, in no readable form, or the Hub is away.
        """
        # Imported here: it takes two seconds, and nothing else needs it.
        import datasets

        check_hub(repo)
        self.repo, self.total, self.done = repo, most_rows, 0
        try:
            splits = datasets.load_dataset(repo, streaming=True)
        except datasets.exceptions.DatasetNotFoundError:
            raise DataError(no_such_dataset(repo)) from None
        # load_dataset raises whatever its readers and the network raise; the reason's first line goes on to the person.
        except Exception as error:
            raise DataError(f"The dataset {repo} could not be opened: {_first_line(error)}.") from error
        self._parts: list[pa.Table] = []
        self._note = ""
        self._metadata: Any = None
        self._batches = self._stream(splits)

    def advance(self, seconds: float = np.inf) -> None:
        """Go on for so long, or to the end; at least one batch comes."""
        end = time.perf_counter() + seconds
        while self.done < self.total:
            try:
                batch = next(self._batches, None)
            except Exception as error:  # the network, or one of the readers; what has come stays
                self._note = f"The rest of the rows could not be read: {_first_line(error)}."
                batch = None
            if batch is None:
                self.total = self.done
                return
            self._parts.append(batch)
            self.done += batch.num_rows
            if time.perf_counter() > end:
                return

    def result(self) -> OpenedSet:
        """The rows so far as a set.

        Raises: DataError if there are none, or no pictures in them.
        """
        if not self._parts:
            raise DataError(self._note or f"{self.repo} holds no rows; choose another dataset.")
        table = pa.concat_tables(self._parts, promote_options="permissive").replace_schema_metadata(self._metadata)
        opened = open_table(self.repo, table)
        notes = (*opened.notes, self._note) if self._note else opened.notes
        return OpenedSet(opened.source, opened.labels, notes)

    def _stream(self, splits: Any) -> Iterator[pa.Table]:
        """The first rows of each split, as many of one as of another."""
        share = -(-self.total // len(splits))
        for name, rows in splits.items():
            if rows.features is not None and self._metadata is None:
                self._metadata = rows.features.arrow_schema.metadata
            for batch in rows.decode(False).take(share).with_format("arrow").iter(batch_size=_BATCH):
                if "split" not in batch.column_names:
                    batch = batch.append_column("split", pa.array([name] * batch.num_rows, pa.string()))
                yield batch.replace_schema_metadata(None)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
