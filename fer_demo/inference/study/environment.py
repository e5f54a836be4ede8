"""What a result was made with: the processor, the number of threads and the versions of the packages."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from fer_demo import __version__

PACKAGES = ("torch", "numpy", "pillow", "onnxruntime")  # that numbers depend on


def describe_machine() -> dict[str, str]:
    """The processor and the system."""
    cuda = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {"processor": processor_name(), "system": f"{platform.system()} {platform.machine()}", "cuda_device": cuda}


def describe_packages() -> dict[str, str]:
    """Python, this package and those that numbers depend on, each with its version."""
    found = {"python": platform.python_version(), "fer_demo": __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # another distribution of the same package, such as pillow-simd
            found[name] = "unknown"
    return found


def processor_name() -> str:
    """The processor's own name, as Linux states it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
