"""A study as one zip file, and a walk as a folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from fer_demo.figures.strips import looped, strip_picture
from fer_demo.inference.citations import bibliography
from fer_demo.inference.interpolation import Strip
from fer_demo.inference.marked_files import gif_bytes, mp4_bytes, png_bytes
from fer_demo.inference.methods_text import methods_text
from fer_demo.inference.replay import frame_file
from fer_demo.inference.study import FRAME_COLUMNS, Study, StudyModels, enclosed, frame_rows, run_study
from fer_demo.inference.study_record import RECORD_FILE, record_study
from fer_demo.outputs import Content, csv_lines, write_files

GIF_SIDE = 192  # pixels at most: a GIF's palette takes longer than everything else


def study_file(study: Study, models: StudyModels) -> bytes:
    """Run a study on the parts of its photos that hold the faces, and pack it with all that a replay needs."""
    study = enclosed(study)
    measured = run_study(study, models)
    record, inputs = record_study(study, models, measured)
    strip = measured.strip
    limit = None if strip.identity is None else strip.identity.band.limit
    contents: dict[str, bytes | str] = {
        RECORD_FILE: record.to_json(),
        "methods.txt": methods_text(record, limit),
        "models.bib": bibliography(model.method for model in record.models.values()),
        "frames.csv": csv_lines([FRAME_COLUMNS, *frame_rows(measured)]),
        **pictures_of(strip),
        "film.mp4": mp4_bytes(looped(strip.frames)),
        **inputs,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return packed.getvalue()


def pictures_of(strip: Strip) -> dict[str, bytes]:
    """The frames, the strip and the animation as files by their names."""
    count = len(strip.frames)
    return {
        **{frame_file(number, count): png_bytes(frame) for number, frame in enumerate(strip.frames)},
        "strip.png": png_bytes(strip_picture(strip.frames, strip.alphas, strip.outside)),
        "animation.gif": gif_bytes(looped(strip.frames), min(GIF_SIDE, strip.frames.shape[1])),
    }


def write_strip(strip: Strip, folder: Path, tables: Mapping[str, str]) -> None:
    """The same files in a folder with some tables, in which no frames of a longer strip are left.

    Raises: DataError if they cannot be written; what was there before then stays.
    """
    files: dict[Path, Content] = {folder / name: content for name, content in pictures_of(strip).items()}
    write_files(files | {folder / name: content for name, content in tables.items()})
    for earlier in set((folder / "frames").glob("frame_[0-9]*.png")) - set(files):
        earlier.unlink()
