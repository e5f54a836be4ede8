"""Batch commands over the services the app uses: recognize, encode, transfer, interpolate, replay, audit.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_demo.command_inputs import crop_groups, face_or_name, largest_face, photo_groups, say
from fer_demo.errors import CheckpointError, DataError, FerDemoError
from fer_demo.expressions import BASIC

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector
    from fer_demo.published_model import PublishedModel

CROPS_HELP = "uint8 N x H x W or N x H x W x 3 (.npy); each is aligned again if a face is found in it, else used whole"


def main(argv: Sequence[str] | None = None, detector: Detector | None = None) -> int:
    """Run one command; returns 0, or 1 if nothing could be done. `detector` replaces RetinaFace in tests."""
    parser = build_parser()
    options = parser.parse_args(argv)
    try:
        return options.run(options, detector)
    except FerDemoError as error:
        say(str(error))
    except OSError as error:
        say(f"{error.filename or 'The output'} cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        return 130
    return 1


def build_parser() -> argparse.ArgumentParser:
    """The command line; its flags are an interface that scripts rely on (tests/contract/test_batch_commands.py)."""
    parser = argparse.ArgumentParser(prog="python -m fer_demo", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    recognize = commands.add_parser("recognize", help="the expression probabilities of photos or crops")
    what = recognize.add_mutually_exclusive_group(required=True)
    what.add_argument("photos", nargs="*", type=Path, default=[], metavar="PHOTO", help="every face found in it")
    what.add_argument("--crops", type=Path, metavar="F.npy", help=CROPS_HELP)
    add_model(recognize, "expression_classifier")
    recognize.add_argument(
        "--output",
        type=output_file(".csv", ".npy"),
        metavar="F.csv|F.npy",
        help=f"a table, or N x 7 float32 in the order {', '.join(BASIC)}; left out, the table is printed",
    )
    recognize.set_defaults(run=recognize_command)

    encode = commands.add_parser("encode", help="the identity and expression codes of crops")
    encode.add_argument("--crops", type=Path, required=True, metavar="F.npy", help=CROPS_HELP)
    add_model(encode, "tdgan")
    encode.add_argument(
        "--output",
        type=output_file(".npz"),
        required=True,
        metavar="F.npz",
        help="arrays `identity` N x D1 and `expression` N x D2, float32",
    )
    encode.set_defaults(run=encode_command)

    transfer = commands.add_parser("transfer", help="the expression of one crop on the person of another")
    transfer.add_argument("--identity", type=Path, required=True, metavar="A.npy", help=CROPS_HELP)
    transfer.add_argument("--expression", type=Path, required=True, metavar="B.npy", help="as many crops as in A.npy")
    add_model(transfer, None)
    transfer.add_argument(
        "--output",
        type=output_file(".npy"),
        required=True,
        metavar="O.npy",
        help="uint8 N x S x S, with x 3 from a colour model: row i is the person of A[i] with the expression of B[i]",
    )
    transfer.set_defaults(run=transfer_command)

    interpolate = commands.add_parser("interpolate", help="a strip from one expression to another on one person")
    interpolate.add_argument("--identity", type=Path, required=True, metavar="P", help="photo of the person")
    interpolate.add_argument("--from", dest="start", metavar="X", help="photo or expression (default: as in P)")
    interpolate.add_argument("--to", dest="target", required=True, metavar="Y", help="photo or expression")
    interpolate.add_argument("--steps", type=int, default=11, help="frames, both ends included (default: 11)")
    add_model(interpolate, None)
    interpolate.add_argument("--judge", default="expression_classifier", metavar="M", help="measures the frames")
    contents = "gets frames/, strip.png, animation.gif and study.csv"
    interpolate.add_argument("--output", type=Path, required=True, metavar="DIR", help=contents)
    interpolate.set_defaults(run=interpolate_command)

    add_checks(commands)
    return parser


def add_checks(commands: Any) -> None:
    """The commands that check something: a study's numbers, a dataset's rows."""
    replay = commands.add_parser("replay", help="run a study of the app again and compare every number")
    replay.add_argument("study", type=Path, metavar="STUDY.zip", help="as the Transfer tab hands it over")
    replay.set_defaults(run=replay_command)

    audit = commands.add_parser("audit", help="copies, blanks, conflicting labels and more in a dataset")
    source = "folder of pictures or of Parquet files, Parquet or CSV file, or ZIP of a folder"
    audit.add_argument("source", type=Path, metavar="SOURCE", help=source)
    audit.add_argument("--faces", action="store_true", help="look at every face with the models too (slow)")
    audit.add_argument("--label-column", metavar="C", help="the column of a table that holds its labels")
    order = "how its numbers count: a dataset's name, or expressions with commas between them, the one of 0 first"
    audit.add_argument("--label-order", metavar="O", help=order)
    meaning = "what one of its own labels means; may be given several times"
    audit.add_argument("--label-meaning", metavar="LABEL=EXPRESSION", action="append", default=[], help=meaning)
    contents = "gets report.json, findings.csv and clean.parquet"
    audit.add_argument("--output", type=Path, required=True, metavar="DIR", help=contents)
    audit.set_defaults(run=audit_command)


def recognize_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Faces of photos, or crops, to a table or an array of probabilities; bad photos are named and left out."""
    import numpy as np

    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.recognition import basic_probabilities, recognize
    from fer_demo.inference.tables import RECOGNITION_COLUMNS, recognition_row
    from fer_demo.outputs import csv_lines, write_whole

    detector = detector or default_detector()
    as_recognizer(model := load(options.model))
    groups = crop_groups(options.crops, detector) if options.crops else photo_groups(options.photos, detector)
    rows, probabilities = [], []
    for file, first, crops in groups:
        for face, (crop, answer) in enumerate(zip(crops, recognize(model, crops), strict=True), start=first):
            rows.append(recognition_row(file, face, crop, answer))
            probabilities.append(basic_probabilities(answer))
    if not rows:
        return 1
    if options.output is None:
        sys.stdout.write(csv_lines([RECOGNITION_COLUMNS, *rows]))
    elif options.output.suffix == ".csv":
        write_whole(options.output, csv_lines([RECOGNITION_COLUMNS, *rows]))
    else:
        write_whole(options.output, lambda file: np.save(file, np.stack(probabilities)))
    return 0


def encode_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Crops to both codes."""
    import numpy as np

    from fer_demo.inference.encoding import encode
    from fer_demo.inference.preparation import as_encoder
    from fer_demo.outputs import write_whole

    as_encoder(model := load(options.model))
    groups = crop_groups(options.crops, detector or default_detector())
    codes = [encode(model, crops) for _, _, crops in groups]
    identity = np.concatenate([group.identity for group in codes])
    expression = np.concatenate([group.expression for group in codes])
    write_whole(options.output, lambda file: np.savez(file, identity=identity, expression=expression))
    return 0


def transfer_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Two arrays of crops to one of edited faces."""
    import numpy as np

    from fer_demo.inference.crop_files import read_crops
    from fer_demo.inference.painters import painter_of
    from fer_demo.inference.transfer import transfer
    from fer_demo.outputs import write_whole

    painter_of(model := load(options.model, "transfer"))
    detector = detector or default_detector()
    people, drivers = len(read_crops(options.identity)), len(read_crops(options.expression))
    if people != drivers:
        raise DataError(f"{options.identity} holds {people} crops and {options.expression} {drivers}; make them equal.")
    pairs = zip(crop_groups(options.identity, detector), crop_groups(options.expression, detector), strict=True)
    faces = [transfer(model, identity, expression) for (_, _, identity), (_, _, expression) in pairs]
    write_whole(options.output, lambda file: np.save(file, np.concatenate(faces)))
    return 0


def interpolate_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """One person from one expression to another: frames, a strip, an animation and a table of measurements."""
    from fer_demo.inference.interpolation import interpolate
    from fer_demo.inference.painters import painter_of
    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.tables import STUDY_COLUMNS, study_rows
    from fer_demo.outputs import csv_lines
    from fer_demo.widgets.study_file import write_strip

    painter_of(model := load(options.model, "transfer"))
    as_recognizer(judge := load(options.judge))
    embedder = embedder_or_none()
    detector = detector or default_detector()
    person = largest_face(options.identity, detector)
    start = None if options.start is None else face_or_name(options.start, detector)
    target = face_or_name(options.target, detector)
    strip = interpolate(model, judge, person, start, target, options.steps, embedder=embedder)
    write_strip(strip, options.output, {"study.csv": csv_lines([STUDY_COLUMNS, *study_rows(strip)])})
    return 0


def replay_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """A study run again; 0 if its numbers are reproduced."""
    from fer_demo.inference.replay import replay

    again = replay(options.study, detector)
    print("\n".join(again.sentences()))
    return 0 if again.reproduced else 1


def audit_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Every check of a dataset, written to a folder."""
    from fer_demo.data.opening import open_path
    from fer_demo.data.tables import with_told_labels
    from fer_demo.inference.audit import audit
    from fer_demo.inference.face_pass import Examiners

    opened, examiners = open_path(options.source), None
    opened = with_told_labels(opened, options.label_column, options.label_order, options.label_meaning)
    for note in opened.notes:
        say(note)
    if options.faces:
        detector = detector or default_detector()
        examiners = Examiners(detector, load("expression_classifier"), load("identity_embedder"))
    audit(opened, options.output, examiners, say)
    return 0


def add_model(command: argparse.ArgumentParser, default: str | None) -> None:
    """The option that every command has; a default of None stands for the app's first transfer model."""
    usual = default or "as in the app, the first transfer model that has weights"
    command.add_argument("--model", default=default, metavar="M", help=f"catalogue name, folder or Hub id ({usual})")


def output_file(*suffixes: str) -> Callable[[str], Path]:
    """An argument type: a path with one of these suffixes."""

    def check(text: str) -> Path:
        path = Path(text)
        if path.suffix not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        return path

    return check


def default_detector() -> Detector:
    """The detector the app uses."""
    from fer_demo.faces.detection import RetinaFaceDetector

    return RetinaFaceDetector()


def load(source: str | None, task: str = "") -> PublishedModel:
    """The model of a command, or the app's first for a task."""
    from fer_demo.checkpoints import first_with_weights, load_model

    return load_model(source or first_with_weights(task))


def embedder_or_none() -> PublishedModel | None:
    """The identity embedder; if it cannot be had, one sentence says so."""
    try:
        return load(None, "identity")
    except CheckpointError as error:
        say(f"The distance to the person is not measured, because the identity embedder cannot be loaded: {error}")
        return None


if __name__ == "__main__":
    sys.exit(main())
