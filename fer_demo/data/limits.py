"""How much of a stranger's dataset is opened in memory, for how long, and why no more."""

from __future__ import annotations

from fer_demo.errors import DataError

MOST_ROWS = 100_000
MOST_COLUMNS = 2_000  # the widest table of faces that is known holds 1,024 numbers of a code, a column each
LARGEST_UNPACKED = 300_000_000  # bytes of an archive's pictures together
LARGEST_TEXT = 600_000_000  # bytes of a table in text, whose pictures take a quarter of that
LARGEST_PICTURE = 30_000_000
# A Parquet file that is as large as it may be is read in two seconds, and it needs twice its size on the way.
READING_SECONDS, READING_MEGABYTES = 20, 1_500
# Seconds of the processor. A query over the most rows takes a fraction; a table and its answer need less than 300 MB.
QUERY_SECONDS, QUERY_MEGABYTES = 5, 1_200
LARGEST_QUESTION = 20_000  # letters of SQL; a form's conditions have a hundred each
LARGEST_ANSWER = 50_000_000  # bytes of the rows that are shown or taken home


def check_size(name: str, rows: int, unpacked: int, most: int | None = None) -> None:
    """Raises: DataError for more rows than are opened, or more bytes than `most` (LARGEST_UNPACKED)."""
    if rows > MOST_ROWS:
        raise DataError(f"{name} has {rows:,} rows, and {MOST_ROWS:,} is the most we open here; bring a part of it.")
    most = LARGEST_UNPACKED if most is None else most
    if unpacked > most:
        raise DataError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB, and {most / 1e6:,.0f} is the most we open here; "
            "bring a part of it."
        )


def check_columns(name: str, columns: int) -> None:
    """Raises: DataError for more columns than are opened."""
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{name} has {columns:,} columns, and {MOST_COLUMNS:,} is the most we open here; keep those that you need."
        )
