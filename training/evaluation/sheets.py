"""Uncurated sheets: what every bundled editor makes of the same rendered people, at its full size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.figures.strips import CELL, sheet
from fer_demo.inference.recognize.probabilities import recognize_aligned
from fer_demo.inference.study.synthetic_files import jpeg_bytes
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.leaderboard import bundled_editors
from fer_demo.inference.transfer.swap import drawn_people
from fer_demo.inference.transfer.transfer import direction_to, edited
from fer_demo.outputs import write_whole
from fer_demo.published.model import PublishedModel

JUDGE = "expression_judge"  # reads every picture; it taught no editor


@dataclass(frozen=True)
class SheetSettings:
    """Whom to show, and where."""

    out: Path = Path("docs/pictures/methods")
    people: int = 4  # rendered, drawn by the seed; nobody chooses among them
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.people <= 20:
            raise SettingsError("Give --people from 1 to 20.")


def write_sheets(settings: SheetSettings) -> Path:
    """One JPEG for each bundled editor: a person to a row, untouched and with all seven expressions by name.

    Below each picture is what the judge reads from it. Returns the folder.
    """
    source, detector = load_bundled(), RetinaFaceDetector(threads=torch.get_num_threads())
    rows = drawn_people(source, settings.people, settings.seed)
    crops = [crop_or_whole(source[row].image, detector) for row in rows]
    judge = load_model(JUDGE)
    for name in bundled_editors():
        picture = sheet_of(load_model(name), judge, crops)
        write_whole(settings.out / f"{name}.jpg", jpeg_bytes(picture))
    return settings.out


@torch.inference_mode()
def sheet_of(editor: PublishedModel, judge: PublishedModel, crops: list[FaceCrop]) -> np.ndarray:
    """The sheet of one editor, (H, W, 3) uint8; pictures are as large as it makes them, small ones as CELL."""
    pictures, captions = [], []
    for crop in crops:
        made = [edited(editor, direction_to(editor, crop, expression), 1.0) for expression in BASIC]
        side = made[0].shape[0]
        shown = [crop.pixels(side), *(in_colour(picture, crop) for picture in made)]
        read = [recognize_aligned(judge, picture[np.newaxis])[0] for picture in shown]
        pictures.append(shown)
        captions.append([f"{answer.top} {answer.probabilities.max():.0%}" for answer in read])
    return sheet(pictures, ("untouched", *BASIC), captions, cell=max(side, CELL))
