"""How much of a dataset is opened in memory."""

from __future__ import annotations

from fer_demo.errors import DataError

MOST_ROWS = 100_000
LARGEST_UNPACKED = 300_000_000  # bytes of an archive's pictures together
LARGEST_TEXT = 600_000_000  # bytes of a table in text, whose pictures take a quarter of that
LARGEST_PICTURE = 30_000_000


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
