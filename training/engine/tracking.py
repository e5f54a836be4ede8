"""What a run reports: a progress bar with images per second and a JSON-lines log."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from fer_demo.outputs import write_whole

LOG_FILE = "log.jsonl"


class Tracker:
    """Averages loss parts over an interval and writes them with the speed; silent on all but the main process.

    Lines about images beyond `start` are removed from the log: those of another run, or of steps that are repeated.
    """

    def __init__(self, folder: Path, total: int, start: int, interval: int, enabled: bool) -> None:
        self.path, self.interval, self.enabled = folder / LOG_FILE, interval, enabled
        self.bar = tqdm(total=total, initial=start, unit="img", unit_scale=True, disable=not enabled, smoothing=0.05)
        self.parts: dict[str, list[Tensor]] = {}
        self.steps, self.images_since, self.clock = 0, 0, time.perf_counter()
        if enabled and self.path.is_file():
            lines = [line for line in self.path.read_text(encoding="utf-8").splitlines() if _images(line) <= start]
            write_whole(self.path, "".join(f"{line}\n" for line in lines))

    def step(self, parts: dict[str, Tensor], batch: int, images: int) -> None:
        """Take in one step; every `interval` steps a line is written."""
        for name, value in parts.items():
            self.parts.setdefault(name, []).append(value.detach())
        self.steps += 1
        self.images_since += batch
        self.bar.update(batch)
        if self.steps == self.interval:
            # A part that is not in every step, such as a discriminator's, is the mean over those it is in.
            means = {name: round(float(torch.stack(values).mean()), 5) for name, values in self.parts.items()}
            speed = self.images_since / (time.perf_counter() - self.clock)
            self.write("train", images, {**means, "images_per_second": round(speed, 2)})
            self.bar.set_postfix({name: f"{value:.3f}" for name, value in list(means.items())[:4]})
            self.parts, self.steps, self.images_since, self.clock = {}, 0, 0, time.perf_counter()

    def write(self, kind: str, images: int, values: dict[str, Any]) -> None:
        """Append one line to the log."""
        if self.enabled:
            with self.path.open("a") as log:
                log.write(json.dumps({"kind": kind, "images": images, **values}) + "\n")

    def close(self) -> None:
        """Finish the progress bar."""
        self.bar.close()


def _images(line: str) -> float:
    """The images seen when a line was written; without end for a torn line."""
    try:
        return float(json.loads(line)["images"])
    except (ValueError, KeyError, TypeError):
        return math.inf
