"""What several commands share: options, and what is loaded when a command begins."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fer_demo.commands.inputs import say
from fer_demo.errors import CheckpointError

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector
    from fer_demo.published.model import PublishedModel

CROPS_HELP = (
    "face crops, N x H x W or N x H x W x 3, of 0..255 or floats of 0..1; each is aligned again where a face is found "
    "in it"
)
NOTHING_DONE = 2  # the exit code of whatever ends in a sentence


def add_model(command: argparse.ArgumentParser, default: str | None) -> None:
    """The option that every command has; a default of None stands for the app's first editor."""
    usual = default or "the app's first editor"
    command.add_argument("--model", default=default, metavar="M", help=f"name, folder or Hub id (default: {usual})")


def add_guidance(command: argparse.ArgumentParser) -> None:
    """The two strengths of guidance; left out, they are the model's own."""
    what = "how much the rest of the face and the wanted lips count where a mouth is painted (default: the model's own)"
    command.add_argument("--guidance", nargs=2, type=float, metavar=("PERSON", "EXPRESSION"), help=what)


def load_editor(options: argparse.Namespace) -> PublishedModel:
    """The transfer model of a command, with its guidance.

    Raises: CheckpointError if it cannot edit faces, SettingsError for guidance that it cannot have.
    """
    from fer_demo.inference.transfer.guidance import guided, wanted_guidance
    from fer_demo.inference.transfer.painters import painter_of

    painter_of(model := load(options.model, "transfer"))
    return guided(model, wanted_guidance(model, *(options.guidance or ())))


def add_pictures(command: argparse.ArgumentParser) -> None:
    """Photos and folders of photos, or an array of crops."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("photos", nargs="*", type=Path, default=[], metavar="PHOTO", help="photos, or folders of photos")
    what.add_argument("--crops", type=Path, metavar="F.npy", help=CROPS_HELP)


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
