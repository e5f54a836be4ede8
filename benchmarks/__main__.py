"""Command line of the benchmarks: measures, prints and writes one JSON file."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.app import measure_app
from benchmarks.clicks import measure_clicks
from benchmarks.explanations import measure_explanations
from benchmarks.explorer import measure_explorer
from benchmarks.machine import describe_machine
from benchmarks.maps import measure_maps
from benchmarks.recognition import measure_recognition
from benchmarks.throughput import measure_throughput
from benchmarks.transfer import measure_transfer

MEASUREMENTS = {
    "app": measure_app,
    "recognition": measure_recognition,
    "transfer": measure_transfer,
    "clicks": measure_clicks,
    "throughput": measure_throughput,
    "explanations": measure_explanations,
}
SIZED = {"explorer": measure_explorer, "maps": measure_maps}  # with a size that can be made smaller


def main() -> None:
    """Run the chosen measurements one after another and write their figures beside the machine's description."""
    now = datetime.now(UTC)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    every = [*MEASUREMENTS, *SIZED]
    parser.add_argument("names", nargs="*", help=f"of {', '.join(every)}; all of them if left out")
    parser.add_argument("--share", type=float, default=1.0, help="of the sizes of explorer and maps, for a rehearsal")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / f"{now:%Y-%m-%d}.json")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(every)):
        parser.error(f"there is no measurement {', '.join(unknown)}; choose from {', '.join(every)}")
    report = {"measured": now.isoformat(timespec="seconds"), "machine": describe_machine()}
    if options.share != 1.0:
        report["share"] = options.share
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for name in options.names or every:
        print(f"measuring {name} ...", flush=True)
        report[name] = SIZED[name](options.share) if name in SIZED else MEASUREMENTS[name]()
        options.output.write_text(json.dumps(report, indent=2) + "\n")  # at once: what comes next may fail
    print(json.dumps(report, indent=2))
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
