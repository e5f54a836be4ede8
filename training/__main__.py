"""The training commands: train, synthesize, evaluate, publish, report."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import field, make_dataclass
from typing import Any

import tyro

from fer_demo.errors import FerDemoError

# Each command of settings alone: the module's dataclass of settings, and the function that takes it.
COMMANDS = {
    "synthesize": "SynthesizeSettings",
    "evaluate": "EvaluateSettings",
    "publish": "PublishSettings",
    "report": "ReportSettings",
}
USAGE = f"usage: python -m training {{train RECIPE | {' | '.join(COMMANDS)}}} [options]   (--help after any of them)"


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0, 1 after an error of the person's, 2 after a wrong command."""
    name, options = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    try:
        if name == "train":
            _train(options)
        elif name in COMMANDS:
            # Imported by name, because every command brings heavy packages of its own.
            module = importlib.import_module(f"training.{name}")
            settings = tyro.cli(getattr(module, COMMANDS[name]), args=options, prog=f"python -m training {name}")
            print(f"wrote {getattr(module, name)(settings)}")
        else:
            print(USAGE, file=sys.stderr)
            return 0 if name in ("--help", "-h") else 2
    except FerDemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _train(options: list[str]) -> None:
    from training.catalog import RECIPES
    from training.loop import RunSettings, train

    if not options or options[0] not in RECIPES:
        raise FerDemoError(f"Name the recipe to train: {', '.join(RECIPES)}.")
    default = RECIPES[options[0]]
    plain = tyro.conf.OmitArgPrefixes
    fields: list[Any] = [("run", plain[RunSettings]), ("recipe", plain[type(default)], field(default=default))]
    command_type = make_dataclass("TrainCommand", fields, frozen=True)
    command: Any = tyro.cli(command_type, args=options[1:], prog=f"python -m training train {options[0]}")
    print(f"wrote {train(command.recipe, command.run)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
