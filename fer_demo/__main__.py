"""Batch commands over the services the app uses: recognize, encode, transfer, interpolate.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fer_demo.errors import DataError, FerDemoError
from fer_demo.expressions import BASIC, canonical

if TYPE_CHECKING:
    from fer_demo.faces.crops import FaceCrop
    from fer_demo.faces.detection import Detector
    from fer_demo.published_model import PublishedModel

Item = TypeVar("Item")
CROPS_HELP = "uint8 N x H x W or N x H x W x 3 (.npy); each is aligned again if a face is found in it, else used whole"
GROUP = 64  # crops that are in memory at once


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
    return parser


def recognize_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Faces of photos, or crops, to a table or an array of probabilities; bad photos are named and left out."""
    import numpy as np

    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.recognition import basic_probabilities, recognize
    from fer_demo.inference.tables import RECOGNITION_COLUMNS, recognition_row, write_csv

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
        write_csv(sys.stdout, RECOGNITION_COLUMNS, rows)
    elif options.output.suffix == ".csv":
        with prepared(options.output).open("w", newline="", encoding="utf-8") as table:
            write_csv(table, RECOGNITION_COLUMNS, rows)
    else:
        np.save(prepared(options.output), np.stack(probabilities))
    return 0


def encode_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Crops to both codes."""
    import numpy as np

    from fer_demo.inference.encoding import encode
    from fer_demo.inference.preparation import as_encoder

    as_encoder(model := load(options.model))
    groups = crop_groups(options.crops, detector or default_detector())
    codes = [encode(model, crops) for _, _, crops in groups]
    np.savez(
        prepared(options.output),
        identity=np.concatenate([group.identity for group in codes]),
        expression=np.concatenate([group.expression for group in codes]),
    )
    return 0


def transfer_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """Two arrays of crops to one of edited faces."""
    import numpy as np

    from fer_demo.inference.crop_files import read_crops
    from fer_demo.inference.painters import painter_of
    from fer_demo.inference.transfer import transfer

    painter_of(model := load(options.model, "transfer"))
    detector = detector or default_detector()
    people, drivers = len(read_crops(options.identity)), len(read_crops(options.expression))
    if people != drivers:
        raise DataError(f"{options.identity} holds {people} crops and {options.expression} {drivers}; make them equal.")
    pairs = zip(crop_groups(options.identity, detector), crop_groups(options.expression, detector), strict=True)
    faces = [transfer(model, identity, expression) for (_, _, identity), (_, _, expression) in pairs]
    np.save(prepared(options.output), np.concatenate(faces))
    return 0


def interpolate_command(options: argparse.Namespace, detector: Detector | None) -> int:
    """One person from one expression to another: frames, a strip, an animation and a table of measurements."""
    from fer_demo import images
    from fer_demo.figures.strips import looped, strip_picture
    from fer_demo.inference.interpolation import interpolate
    from fer_demo.inference.painters import painter_of
    from fer_demo.inference.preparation import as_recognizer
    from fer_demo.inference.tables import STUDY_COLUMNS, study_rows, write_csv

    painter_of(model := load(options.model, "transfer"))
    as_recognizer(judge := load(options.judge))
    embedder = load(None, "identity")
    detector = detector or default_detector()
    person = largest_face(options.identity, detector)
    start = None if options.start is None else face_or_name(options.start, detector)
    target = face_or_name(options.target, detector)
    strip = interpolate(model, judge, person, start, target, options.steps, embedder=embedder)

    frames = prepared(options.output / "frames" / "frame_00.png").parent
    for earlier in frames.glob("frame_[0-9]*.png"):  # of a longer strip into the same folder
        earlier.unlink()
    digits = max(2, len(str(options.steps - 1)))
    for number, frame in enumerate(strip.frames):
        images.save_png(frame, frames / f"frame_{number:0{digits}d}.png")
    images.save_png(strip_picture(strip.frames, strip.alphas, strip.outside), options.output / "strip.png")
    images.encode_gif(looped(strip.frames), options.output / "animation.gif")
    with (options.output / "study.csv").open("w", newline="", encoding="utf-8") as file:
        write_csv(file, STUDY_COLUMNS, study_rows(strip))
    return 0


def crop_groups(path: Path, detector: Detector) -> Iterator[tuple[str, int, list[FaceCrop]]]:
    """File name, row of the first crop, and up to 64 crops at a time, aligned again where a face is found."""
    from fer_demo.inference.crop_files import face_crops, read_crops

    crops = read_crops(path)
    aligned = iter(progress(face_crops(crops, detector), len(crops), "crop"))
    for first in range(0, len(crops), GROUP):
        yield str(path), first, [next(aligned) for _ in crops[first : first + GROUP]]
    next(aligned, None)  # lets the progress bar reach its end


def photo_groups(paths: Sequence[Path], detector: Detector) -> Iterator[tuple[str, int, Sequence[FaceCrop]]]:
    """File name, 0, and the faces of one photo, largest first; photos without any are named on stderr."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    for path in progress(paths, len(paths), "photo"):
        try:
            yield str(path), 0, crop_faces(load_photo(path), detector)
        except FerDemoError as error:
            say(named(path, error))


def face_or_name(wanted: str, detector: Detector) -> FaceCrop | str:
    """The largest face of a photo, or the name of a basic expression."""
    if Path(wanted).exists():
        return largest_face(Path(wanted), detector)
    try:
        name = canonical(wanted)
    except DataError:
        name = ""
    if name not in BASIC:
        raise DataError(f"{wanted!r} is neither a photo nor an expression; the expressions are: {', '.join(BASIC)}.")
    return name


def largest_face(path: Path, detector: Detector) -> FaceCrop:
    """The largest face of a photo; says so when there are more."""
    from fer_demo.faces.crops import crop_faces
    from fer_demo.images import load_photo

    try:
        found = crop_faces(load_photo(path), detector)
    except FerDemoError as error:
        raise type(error)(named(path, error)) from error
    if len(found) > 1:
        say(f"{path}: {len(found)} faces were found; the largest is used.")
    return found[0]


def named(path: Path, error: FerDemoError) -> str:
    """The error's sentence, beginning with the file unless it names it already."""
    return str(error) if path.name in str(error) else f"{path}: {error}"


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


def prepared(path: Path) -> Path:
    """The same path, its folder there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def progress(items: Iterable[Item], total: int, unit: str) -> Iterable[Item]:
    """The items, with a progress bar on stderr where somebody watches."""
    from tqdm import tqdm

    return tqdm(items, total=total, unit=unit, disable=None, file=sys.stderr)


def say(sentence: str) -> None:
    """One sentence on stderr."""
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
