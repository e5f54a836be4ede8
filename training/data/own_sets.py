"""A run's own data folder: sets that somebody names as SET:PATH, prepared once, and beside them what --data holds."""

from __future__ import annotations

from pathlib import Path

from fer_demo.errors import DataError
from training.data.prepare import FOLDERS, PrepareSettings, What, prepare
from training.data.shards import prepare_folder

OWN_DATA = "data"  # of a run


def own_data(run: Path, data: Path | None, expressions: str | None, people: str | None) -> Path | None:
    """The folder that the recipes of this run read: `data` itself if no set is named.

    A run that is gone on with finds its files; they are not made again.

    Raises: DataError if a set cannot be opened, or the files there were made from another one.
    """
    named: dict[What, str] = {"expressions": expressions or "", "people": people or ""}
    named = {what: text for what, text in named.items() if text}
    if not named:
        if (run / OWN_DATA).exists():
            raise DataError(f"The run in {run} reads sets of its own; name them again with --expressions and --people.")
        return data
    if data is not None and not data.is_dir():
        raise DataError(f"There is no folder {data}; --data may hold synthetic/, pairs/ and the like, or be left out.")
    own = run / OWN_DATA
    for what, text in named.items():
        folder = own / FOLDERS[what]
        prepare_folder(folder, {"source": text}, "faces")
        if not any(folder.glob("*.parquet")):
            prepare(PrepareSettings(text, own, what))
    for other in () if data is None else sorted(data.iterdir()):
        link = own / other.name
        if other.is_dir() and not link.exists():
            link.symlink_to(other.resolve(), target_is_directory=True)
    return own
