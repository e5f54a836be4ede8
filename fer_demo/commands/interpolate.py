"""`interpolate`: one person from one expression to another, as frames, a strip, an animation and a table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_demo.commands.inputs import face_or_name, largest_face
from fer_demo.commands.options import add_guidance, add_model, default_detector, embedder_or_none, load, load_editor

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector


def add(commands: Any) -> None:
    """Its place on the command line."""
    command = commands.add_parser("interpolate", help="lead one person's face step by step to another expression")
    command.add_argument("--identity", type=Path, required=True, metavar="P", help="photo of the person")
    command.add_argument("--from", dest="start", metavar="X", help="expression or photo (default: as in P)")
    contents = "expression or photo; a word means the expression, ./sad the file"
    command.add_argument("--to", dest="target", required=True, metavar="Y", help=contents)
    command.add_argument("--steps", type=int, default=11, help="frames, both ends included (default: 11)")
    add_model(command, None)
    add_guidance(command)
    command.add_argument("--judge", default="expression_judge", metavar="M", help="recognizer that measures the frames")
    contents = "gets frames/, strip.png, animation.gif and study.csv"
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help=contents)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, detector: Detector | None) -> int:
    """All files of one walk, or none."""
    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.study.archive import write_strip
    from fer_demo.inference.study.tables import STUDY_COLUMNS, study_rows
    from fer_demo.inference.transfer.interpolation import interpolate
    from fer_demo.outputs import csv_lines

    model = load_editor(options)
    as_recognizer(judge := load(options.judge))
    embedder = embedder_or_none()
    detector = detector or default_detector()
    person = largest_face(options.identity, detector)
    start = None if options.start is None else face_or_name(options.start, detector)
    target = face_or_name(options.target, detector)
    strip = interpolate(model, judge, person, start, target, options.steps, embedder=embedder)
    write_strip(strip, options.output, {"study.csv": csv_lines([STUDY_COLUMNS, *study_rows(strip)])})
    return 0
