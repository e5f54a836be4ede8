"""A study as one ZIP file, several studies as one, and a walk as a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fer_demo.figures.strips import looped, strip_picture
from fer_demo.inference.study.citations import bibliography
from fer_demo.inference.study.methods_text import methods_of_set, methods_text
from fer_demo.inference.study.record import INPUTS, RECORD_FILE, StudyRecord, record_study, set_to_json
from fer_demo.inference.study.replay import frame_file
from fer_demo.inference.study.run import FRAME_COLUMNS, Measured, Study, StudyModels, enclosed, frame_rows, run_study
from fer_demo.inference.study.synthetic_files import gif_bytes, mp4_bytes, png_bytes
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.outputs import Content, csv_lines, write_files, zipped

GIF_SIDE = 192  # pixels at most: a GIF's palette takes longer than everything else


def study_file(study: Study, models: StudyModels) -> bytes:
    """Run a study on the parts of its photos that hold the faces, and pack it with all that a replay needs."""
    study = enclosed(study)
    measured = run_study(study, models)
    record, inputs = record_study(study, models, measured)
    strip = measured.strip
    contents: dict[str, bytes | str] = {
        RECORD_FILE: record.to_json(),
        "methods.txt": methods_text(record, limit_of(measured)),
        "models.bib": bibliography(model.method for model in record.models.values()),
        "frames.csv": _table(measured),
        **pictures_of(strip),
        "film.mp4": mp4_bytes(looped(strip.frames)),
        **inputs,
    }
    return zipped(contents)


class StudySet:
    """Several studies in one file, run one after the other; a person's picture is stored once."""

    def __init__(self) -> None:
        self._records: dict[str, StudyRecord] = {}
        self._limits: list[float] = []

    def add(self, person: str, study: Study, models: StudyModels) -> dict[str, bytes | str]:
        """Run one study of a person, as named in files, and give its files."""
        study = enclosed(study)
        measured = run_study(study, models)
        folder = f"{person}/{study.expression}"
        self._records[folder], inputs = record_study(study, models, measured, f"{INPUTS}/{person}")
        if (limit := limit_of(measured)) is not None:
            self._limits.append(limit)
        strip = measured.strip
        pictures = {name: png_bytes(frame) for name, frame in _frames_of(strip).items()}
        pictures["strip.png"] = png_bytes(strip_picture(strip.frames, strip.alphas, strip.outside))
        return {
            **{f"{folder}/{name}": content for name, content in pictures.items()},
            f"{folder}/frames.csv": _table(measured),
            **inputs,
        }

    def common(self) -> dict[str, bytes | str]:
        """The files about all of them, when every study is run."""
        records: Mapping[str, StudyRecord] = self._records
        methods = {model.method for record in records.values() for model in record.models.values()}
        return {
            RECORD_FILE: set_to_json(records),
            "methods.txt": methods_of_set(records, max(self._limits, default=None)),
            "models.bib": bibliography(sorted(methods)),
        }


def pictures_of(strip: Strip) -> dict[str, bytes]:
    """The frames, the strip and the animation as files by their names."""
    return {
        **{name: png_bytes(frame) for name, frame in _frames_of(strip).items()},
        "strip.png": png_bytes(strip_picture(strip.frames, strip.alphas, strip.outside)),
        "animation.gif": gif_bytes(looped(strip.frames), min(GIF_SIDE, strip.frames.shape[1])),
    }


def limit_of(measured: Measured) -> float | None:
    """The limit of the same-person band, if the person was measured."""
    return None if measured.strip.identity is None else measured.strip.identity.band.limit


def write_strip(strip: Strip, folder: Path, tables: Mapping[str, str]) -> None:
    """The same files in a folder with some tables, in which no frames of a longer strip are left.

    Raises: DataError if they cannot be written; what was there before then stays.
    """
    files: dict[Path, Content] = {folder / name: content for name, content in pictures_of(strip).items()}
    write_files(files | {folder / name: content for name, content in tables.items()})
    for earlier in set((folder / "frames").glob("frame_[0-9]*.png")) - set(files):
        earlier.unlink()


def _frames_of(strip: Strip) -> dict[str, np.ndarray]:
    return {frame_file(number, len(strip.frames)): frame for number, frame in enumerate(strip.frames)}


def _table(measured: Measured) -> str:
    return csv_lines([FRAME_COLUMNS, *frame_rows(measured)])
