"""Runs a measurement in a process of its own, so that its memory and its first calls are its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch


def alone(
    measure: Callable[..., dict[str, Any]], *arguments: Any, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What `measure` returns, called in a fresh process on one torch thread, and the most memory that process took."""
    kept = dict(os.environ)
    os.environ.update(environment or {})
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            return process.submit(_measured, measure, *arguments).result()
    finally:
        os.environ.clear()
        os.environ.update(kept)


def peak_memory_mb(pid: int | str = "self") -> int | None:
    """The most memory a process had at once so far, in MB; None where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((round(int(line.split()[1]) * 1024 / 1e6) for line in lines if line.startswith("VmHWM:")), None)


def _measured(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    torch.set_num_threads(1)
    before = peak_memory_mb()
    return {**measure(*arguments), "peak_memory_mb": peak_memory_mb(), "of_it_libraries_mb": before}
