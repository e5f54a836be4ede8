"""Images per second of every recipe's training and of the face generator."""

from __future__ import annotations

import dataclasses
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from training.catalog import RECIPES
from training.loop import RunSettings, train
from training.synthesize import SynthesizeSettings, synthesize
from training.tracking import LOG_FILE

STEPS = 8  # of each recipe; the first two warm up
SYNTHETIC_SIZE = 128  # pixels
PRECISION = "bfloat16"  # twice the speed of float32 on a recent processor


def measure_throughput() -> dict[str, Any]:
    """Images per second: training each recipe on the bundled faces, and rendering synthetic ones."""
    torch.set_num_threads(max(1, torch.get_num_threads()))
    return {
        "training_images_per_s": {name: training_speed(name) for name in RECIPES},
        "training_precision": PRECISION,
        "synthetic_images_per_s": synthetic_speed(),
    }


def training_speed(name: str) -> float:
    """Images per second of a short run, with the recipe's own batch size, once it is warm."""
    batch = RECIPES[name].batch
    length = STEPS * batch
    recipe = dataclasses.replace(RECIPES[name], images=length, validate_every=2 * length)
    with tempfile.TemporaryDirectory() as folder:
        train(recipe, RunSettings(out=Path(folder), precision=PRECISION, log_every=2, save_every=2 * length))
        lines = [json.loads(line) for line in (Path(folder) / LOG_FILE).read_text().splitlines()]
    speeds = [line["images_per_second"] for line in lines if line["kind"] == "train"]
    return round(statistics.median(speeds[1:]), 1)


def synthetic_speed() -> float:
    """Rendered faces per second, written to Parquet, after the renderer was compiled by a first few."""
    rates = []
    for identities in (1, 12):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            synthesize(SynthesizeSettings(identities=identities, per_expression=1, size=SYNTHETIC_SIZE, out=Path(folder)))
            written = sum(1 for _ in range(identities * 7))
            rates.append(written / (time.perf_counter() - begin))
    return round(rates[-1], 1)
