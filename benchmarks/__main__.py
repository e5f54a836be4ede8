"""Command line of the benchmarks: measures, prints and writes one JSON file."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.app import measure_app
from benchmarks.machine import describe_machine
from benchmarks.recognition import measure_recognition
from benchmarks.throughput import measure_throughput
from benchmarks.transfer import measure_transfer

MEASUREMENTS = {
    "app": measure_app,
    "recognition": measure_recognition,
    "transfer": measure_transfer,
    "throughput": measure_throughput,
}


def main() -> None:
    """Run the chosen measurements one after another and write their figures beside the machine's description."""
    now = datetime.now(UTC)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all of them if left out")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / f"{now:%Y-%m-%d}.json")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(MEASUREMENTS)):
        parser.error(f"there is no measurement {', '.join(unknown)}; choose from {', '.join(MEASUREMENTS)}")
    report = {"measured": now.isoformat(timespec="seconds"), "machine": describe_machine()}
    for name in options.names or MEASUREMENTS:
        print(f"measuring {name} ...", flush=True)
        report[name] = MEASUREMENTS[name]()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
