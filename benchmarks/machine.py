"""Describes the machine and the versions a measurement was made with."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import torch

from fer_demo.inference.study.environment import processor_name

PACKAGES = ("torch", "gradio", "numpy", "numba", "captum", "onnxruntime", "datasets", "pillow")


def describe_machine() -> dict[str, Any]:
    """Processor, cores, memory, graphics card, system, versions and commit."""
    return {
        "processor": processor_name(),
        "cores": usable_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": [round(value, 2) for value in psutil.getloadavg()],  # a busy machine explains a slow figure
        "cuda_device": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": commit(),
    }


def usable_cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commit() -> str | None:
    """The commit measured, with `+` when files differ from it; None outside a repository."""
    answers = []
    for command in (["git", "rev-parse", "--short=12", "HEAD"], ["git", "status", "--porcelain"]):
        answer = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
        if answer.returncode != 0:
            return None
        answers.append(answer.stdout.strip())
    return answers[0] + ("+" if answers[1] else "")
