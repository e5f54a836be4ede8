"""Batch commands over the services the app uses: recognize, encode, transfer, interpolate, replay, audit.

Heavy imports happen inside the commands, so that `--help` answers at once. Whatever cannot be done ends in one sentence
and exit code 2.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fer_demo.commands import checks, encode, interpolate, recognize, transfer
from fer_demo.commands.inputs import reason, say
from fer_demo.commands.options import NOTHING_DONE
from fer_demo.errors import FerDemoError

if TYPE_CHECKING:
    from fer_demo.faces.detection import Detector

STOPPED = 130  # as shells have it after Ctrl-C


def main(argv: Sequence[str] | None = None, detector: Detector | None = None) -> int:
    """Run one command; returns its exit code (see README). `detector` replaces RetinaFace in tests."""
    options = build_parser().parse_args(argv)
    if not sys.flags.dev_mode:
        logging.getLogger("fer_demo").addHandler(logging.NullHandler())  # the sentences are enough: no stack traces
    try:
        return options.run(options, detector)
    except FerDemoError as error:
        say(str(error))
    except BrokenPipeError:  # whoever read the table has enough: `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        say(f"{error.filename or 'A file'} cannot be read or written: {error.strerror or error}.")
    except KeyboardInterrupt:
        say("Stopped.")
        return STOPPED
    except Exception as error:
        if sys.flags.dev_mode:  # python -X dev -m fer_demo ... shows where
            raise
        say(f"Something unexpected went wrong ({reason(error)}); please report it with the command that you ran.")
    return NOTHING_DONE


def build_parser() -> argparse.ArgumentParser:
    """The command line; its flags are an interface that scripts rely on (tests/contract/test_batch_commands.py)."""
    parser = argparse.ArgumentParser(
        prog="python -m fer_demo",
        description="What the app does, for many files at once. The app itself: python app.py",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (recognize, encode, transfer, interpolate, checks):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
