"""How much of a dataset is opened in memory."""

from __future__ import annotations

from fer_demo.errors import DataError

MOST_ROWS = 100_000
LARGEST_UNPACKED = 300_000_000  # bytes of an archive's pictures together
LARGEST_PICTURE = 30_000_000


def check_size(name: str, rows: int, unpacked: int) -> None:
    """Raises: DataError for more rows or bytes than are opened."""
    if rows > MOST_ROWS:
        raise DataError(f"{name} has {rows:,} rows, and {MOST_ROWS:,} is the most we open here; bring a part of it.")
    if unpacked > LARGEST_UNPACKED:
        raise DataError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB, and {LARGEST_UNPACKED / 1e6:,.0f} is the most we open here; "
            "bring a part of it."
        )
