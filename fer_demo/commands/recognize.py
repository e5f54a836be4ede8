"""`recognize`: the expression probabilities of photos or crops, as a table or an array."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from fer_demo.commands.inputs import answered, groups_of
from fer_demo.commands.options import NOTHING_DONE, add_model, add_pictures, default_detector, load, output_file
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.settings import AppSettings

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector


def add(commands: Any) -> None:
    """Its place on the command line."""
    command = commands.add_parser("recognize", help="say which expression each face in photos shows")
    add_pictures(command)
    add_model(command, AppSettings.recognizer)
    command.add_argument(
        "--output",
        type=output_file(".csv", ".npy"),
        metavar="F.csv|F.npy",
        help=f"a table, or N x 7 probabilities in the order {', '.join(BASIC)}, to which --answer votes adds contempt; "
        "left out, the table is printed",
    )
    command.add_argument(
        "--answer",
        choices=("votes", "label"),
        help="the shares of people who would say each expression, or the probability of each label of FER2013; a model "
        "that knows no votes gives labels (default: votes in a table, label in an array)",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, detector: Detector | None) -> int:
    """Bad photos are named and left out; a crop that fails has a row of NaN, so that row i stays crop i."""
    import numpy as np

    from fer_demo.commands.results import collected, table
    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.recognize.probabilities import LABEL, VOTES, answers_of, numbers_in_order, recognize
    from fer_demo.inference.study.tables import RECOGNITION_COLUMNS, recognition_row
    from fer_demo.outputs import write_whole

    as_recognizer(model := load(options.model))
    as_array = options.output is not None and options.output.suffix == ".npy"
    asked = options.answer or (LABEL if as_array else VOTES)
    asked = asked if asked in answers_of(model) else LABEL
    faces = (
        (group, *one)
        for group in groups_of(options.photos, options.crops, detector or default_detector())
        for one in answered(lambda crops: recognize(model, crops, answer=asked), group)
    )
    count = 0
    if as_array:
        names = WITH_CONTEMPT if asked == VOTES else BASIC
        with collected(lambda rows: write_whole(options.output, lambda file: np.save(file, np.stack(rows)))) as rows:
            for group, _, _, answer in faces:
                if answer is not None:
                    rows.append(numbers_in_order(answer, names))
                    count += 1
                elif not group.is_photo:
                    rows.append(np.full(len(names), np.nan, np.float32))
        return 0 if count else NOTHING_DONE
    with table(options.output, RECOGNITION_COLUMNS) as write:
        for group, face, crop, answer in faces:
            if crop is not None and answer is not None:
                write(recognition_row(group.file, face, crop, answer))
                count += 1
    return 0 if count else NOTHING_DONE
