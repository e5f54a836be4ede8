"""Command line of the soak tests: runs one part or all, prints and writes one JSON file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.soak.kills import soak_kills
from benchmarks.soak.malformed import soak_malformed
from benchmarks.soak.memory import soak_memory
from benchmarks.soak.visitors import soak_visitors


def main() -> None:
    """Run the chosen parts one after another and write their figures beside the machine's description."""
    now = datetime.now(UTC)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=main.__doc__)
    parser.add_argument("parts", nargs="*", help="of visitors, memory, kills, malformed; all of them if left out")
    parser.add_argument("--visitors", type=int, default=50, help="at once")
    parser.add_argument("--seconds", type=float, default=300.0, help="that they stay")
    parser.add_argument("--recognitions", type=int, default=1000, help="of one visitor")
    parser.add_argument("--app-kills", type=int, default=20)
    parser.add_argument("--training-kills", type=int, default=50)
    parser.add_argument("--pictures", type=int, default=2000, help="damaged ones")
    parser.add_argument("--tables", type=int, default=500, help="damaged tables and archives")
    results = Path(__file__).parents[1] / "results"
    parser.add_argument("--output", type=Path, default=results / f"{now:%Y-%m-%d}-soak.json")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "visitors": lambda: soak_visitors(chosen.visitors, chosen.seconds),
        "memory": lambda: soak_memory(chosen.recognitions),
        "kills": lambda: soak_kills(chosen.app_kills, chosen.training_kills),
        "malformed": lambda: soak_malformed(chosen.pictures, chosen.tables),
    }
    if unknown := sorted(set(chosen.parts) - set(parts)):
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(parts)}")
    report: dict[str, Any] = {"measured": now.isoformat(timespec="seconds"), "machine": describe_machine()}
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    for name in chosen.parts or parts:
        print(f"soaking: {name} ...", flush=True)
        report[name] = parts[name]()
        chosen.output.write_text(json.dumps(report, indent=2) + "\n")  # at once: what comes next may fail
    print(json.dumps(report, indent=2))
    print(f"written to {chosen.output}")


if __name__ == "__main__":
    main()
