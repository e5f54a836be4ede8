"""The training commands: train, synthesize, evaluate, publish."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import field, make_dataclass
from typing import Any

import tyro

from fer_demo.errors import FerDemoError

COMMANDS = ("train", "synthesize", "evaluate", "publish")
USAGE = (
    "usage: python -m training {train RECIPE | synthesize | evaluate | publish} [options]   (--help after any of them)"
)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0, 1 after an error of the person's, 2 after a wrong command."""
    if not arguments or arguments[0] not in COMMANDS:
        print(USAGE, file=sys.stderr)
        return 0 if arguments[:1] in (["--help"], ["-h"]) else 2
    try:
        _command(arguments[0])(arguments[1:])
    except FerDemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _command(name: str) -> Callable[[Sequence[str]], None]:
    return {"train": _train, "synthesize": _synthesize, "evaluate": _evaluate, "publish": _publish}[name]


def _train(arguments: Sequence[str]) -> None:
    from training.catalog import RECIPES
    from training.loop import RunSettings, train

    if not arguments or arguments[0] not in RECIPES:
        names = ", ".join(RECIPES)
        raise FerDemoError(f"Name the recipe to train: {names}.")
    default = RECIPES[arguments[0]]
    unprefixed = tyro.conf.OmitArgPrefixes
    fields: list[Any] = [
        ("run", unprefixed[RunSettings]),
        ("recipe", unprefixed[type(default)], field(default=default)),
    ]
    command_type = make_dataclass("TrainCommand", fields, frozen=True)
    command: Any = tyro.cli(command_type, args=list(arguments[1:]), prog=f"python -m training train {arguments[0]}")
    print(f"wrote {train(command.recipe, command.run)}")


def _synthesize(arguments: Sequence[str]) -> None:
    from training.synthesize import SynthesizeSettings, synthesize

    settings = tyro.cli(SynthesizeSettings, args=list(arguments), prog="python -m training synthesize")
    print(f"wrote {synthesize(settings)}")


def _evaluate(arguments: Sequence[str]) -> None:
    from training.evaluate import EvaluateSettings, evaluate

    settings = tyro.cli(EvaluateSettings, args=list(arguments), prog="python -m training evaluate")
    print(f"wrote {evaluate(settings)}")


def _publish(arguments: Sequence[str]) -> None:
    from training.publish import PublishSettings, publish

    settings = tyro.cli(PublishSettings, args=list(arguments), prog="python -m training publish")
    print(f"wrote {publish(settings)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
