"""The faces selected on a map as a file to take away: keys, labels and places."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.errors import DataError
from fer_demo.outputs import csv_lines

CSV, PARQUET = "CSV", "Parquet"


def selection_file(
    table: EmbeddingTable, rows: Sequence[int], spaces: Sequence[str], method: str, kind: str
) -> tuple[str, str, bytes]:
    """Name, media type and content of a CSV or Parquet file.

    It has the selected faces' keys, all their labels, and their places on these maps with the trust there.

    Raises: DataError if no face is selected.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not rows:
        raise DataError("No faces are selected; draw around some on a map first.")
    columns: dict[str, Any] = {"key": [table.keys[row] for row in rows]}
    columns |= {name: [values[row] for row in rows] for name, values in table.labels.items()}
    for name in spaces:
        placed = table.space(name).maps[method]
        parts = {"x": placed.xy[:, 0], "y": placed.xy[:, 1], "trust": placed.trust, "overlap": placed.overlap}
        columns |= {f"{name}_{method}_{part}": values[list(rows)] for part, values in parts.items()}
    if kind == CSV:
        return "faces.csv", "text/csv", csv_lines([columns, *zip(*columns.values(), strict=True)]).encode()
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return "faces.parquet", "application/vnd.apache.parquet", buffer.getvalue()
