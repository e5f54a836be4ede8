"""Runs every case of a field folder on a copy of it, and says for each input whether it is right.

python -m tools.field_inputs FOLDER [WORD...]      only cases whose name holds one of the words
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fer_demo.errors import FerDemoError
from tools.field_inputs import commands, faces, folders, tables
from tools.field_inputs.case import Case, Finding

CASES: tuple[Case, ...] = (*tables.CASES, *folders.CASES, *faces.CASES, *commands.CASES)
# These need a running app, a browser or a Hub on this machine: tests/browser and tests/hub hold them.
ELSEWHERE = ("same_upload", "reverse_proxy", "hub_webdataset")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.field_inputs", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="the field folder")
    parser.add_argument("words", nargs="*", help="only cases whose name holds one of these")
    options = parser.parse_args()
    wanted = [case for case in CASES if not options.words or any(word in case.__name__ for word in options.words)]
    with tempfile.TemporaryDirectory() as place:
        field = Path(place) / "field"
        shutil.copytree(options.folder, field, copy_function=shutil.copyfile)
        for folder in (field, *field.rglob("*")):
            if folder.is_dir():
                folder.chmod(0o755)
        findings = [finding for case in wanted for finding in _run(case, field)]
    wrong = [name for name, right, _ in findings if not right]
    print(f"\n{len(findings) - len(wrong)} of {len(findings)} right; wrong: {', '.join(wrong) or 'none'}")
    print(f"Not run here, because they need an app, a browser or a Hub: {', '.join(ELSEWHERE)}")
    return 1 if wrong else 0


def _run(case: Case, field: Path) -> Iterator[Finding]:
    """The findings of one case, printed as they come; an exception is one that is wrong."""
    found = case(field)
    while True:
        try:
            finding = next(found, None)
        except FerDemoError as error:
            finding = (case.__name__, False, f"ended in the sentence: {error}")
        except Exception as error:
            finding = (case.__name__, False, f"CRASH {type(error).__name__}: {str(error)[:200]}")
        if finding is None:
            return
        name, right, seen = finding
        print(f"{'right' if right else 'WRONG'}  {name}: {seen}", flush=True)
        yield finding


if __name__ == "__main__":
    sys.exit(main())
