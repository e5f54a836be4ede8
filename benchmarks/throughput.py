"""Images per second of every recipe's training and of the face generator."""

from __future__ import annotations

import dataclasses
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import torch

from benchmarks.machine import usable_cores
from fer_demo.errors import FerDemoError
from fer_demo.expressions import BASIC
from training.catalog import RECIPES
from training.data.synthesize import SynthesizeSettings, synthesize
from training.engine.loop import RunSettings, train
from training.engine.tracking import LOG_FILE

STEPS = 6  # of each recipe; the first two warm up
SYNTHETIC_SIZE = 128  # pixels
PRECISION: Literal["bfloat16"] = "bfloat16"  # twice the speed of float32 on a recent processor


def measure_throughput() -> dict[str, Any]:
    """Images per second: training each recipe on the bundled faces, and rendering synthetic ones."""
    torch.set_num_threads(usable_cores())
    return {
        "training_images_per_s": {name: training_speed(name) for name in RECIPES},
        "training_precision": PRECISION,
        "synthetic_images_per_s": synthetic_speed(),
    }


def training_speed(name: str) -> float | str:
    """Images per second of the first stage with its own batch size, once warm, or why it cannot run here."""
    stage = next(iter(RECIPES[name].stages(Path()).values()))
    length = STEPS * stage.batch
    recipe = dataclasses.replace(stage, images=length, validate_every=2 * length)
    with tempfile.TemporaryDirectory() as folder:
        try:
            train(recipe, RunSettings(out=Path(folder), precision=PRECISION, log_every=2, save_every=2 * length))
        except FerDemoError as error:  # a recipe may need more than the bundled faces
            return f"not measured: {error}"
        lines = [json.loads(line) for line in (Path(folder) / LOG_FILE).read_text().splitlines()]
    speeds = [line["images_per_second"] for line in lines if line["kind"] == "train"]
    return round(statistics.median(speeds[1:]), 1)


def synthetic_speed() -> float:
    """Rendered faces per second, Parquet included: the difference of two runs, so that start-up does not count."""
    few, many = 2, 22
    rendering_seconds = []
    for identities in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            settings = SynthesizeSettings(
                identities=identities,
                per_expression=1,
                size=SYNTHETIC_SIZE,
                out=Path(folder) / "faces",
                workers=usable_cores(),
            )
            begin = time.perf_counter()
            synthesize(settings)
            rendering_seconds.append(time.perf_counter() - begin)
    pictures = (many - few) * len(BASIC)
    return round(pictures / (rendering_seconds[1] - rendering_seconds[0]), 1)
