"""`replay` and `audit`: a study's numbers run again, a dataset's rows looked through."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_demo.commands.inputs import say
from fer_demo.commands.options import default_detector, load
from fer_demo.settings import AppSettings

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector


def add(commands: Any) -> None:
    """Their places on the command line."""
    replay = commands.add_parser("replay", help="run a study of the app again and compare every number")
    replay.add_argument("study", type=Path, metavar="STUDY.zip", help="as the Transfer tab hands it over")
    replay.set_defaults(run=run_replay)

    audit = commands.add_parser("audit", help="find copies, blanks, conflicting labels and more in a dataset")
    source = "folder of pictures or of Parquet files, Parquet or CSV file, or ZIP of a folder"
    audit.add_argument("source", type=Path, metavar="SOURCE", help=source)
    audit.add_argument("--faces", action="store_true", help="look at every face with the models too (slow)")
    audit.add_argument("--label-column", metavar="C", help="the column of a table that holds its labels")
    order = "how its numbers count: a dataset's name, or expressions with commas between them, the one of 0 first"
    audit.add_argument("--label-order", metavar="O", help=order)
    meaning = "what one of its own labels means; may be given several times"
    audit.add_argument("--label-meaning", metavar="LABEL=EXPRESSION", action="append", default=[], help=meaning)
    contents = "gets report.json, findings.csv and, if a row is left, clean.parquet"
    audit.add_argument("--output", type=Path, required=True, metavar="DIR", help=contents)
    audit.set_defaults(run=run_audit)


def run_replay(options: argparse.Namespace, detector: Detector | None) -> int:
    """A study run again; 0 if its numbers are reproduced, 1 if not."""
    from fer_demo.inference.study.replay import replay

    again = replay(options.study, detector)
    print("\n".join(again.sentences()))
    return 0 if again.reproduced else 1


def run_audit(options: argparse.Namespace, detector: Detector | None) -> int:
    """Every check of a dataset, written to a folder."""
    from fer_demo.data.opening import open_path
    from fer_demo.data.tables import with_corrected_labels
    from fer_demo.inference.dataset.audit import audit
    from fer_demo.inference.dataset.face_pass import Examiners

    opened, examiners = open_path(options.source), None
    opened = with_corrected_labels(opened, options.label_column, options.label_order, options.label_meaning)
    for note in opened.notes:
        say(note)
    if options.faces:
        detector = detector or default_detector()
        examiners = Examiners(detector, load(AppSettings.recognizer), load("identity_embedder"))
    audit(opened, options.output, examiners)
    return 0
