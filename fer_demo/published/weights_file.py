"""The weights file of a checkpoint: tensors in safetensors, held against what the network expects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fer_demo.errors import CheckpointError
from fer_demo.published.hub_files import hash_stated_by_hub

# What a weights file may hold in place of float32.
STORED_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
WRAPPERS: Mapping[str, str] = {  # what comes before every name when the wrapper is saved in place of the network
    "module.": "DataParallel or DistributedDataParallel",
    "_orig_mod.": "torch.compile",
    "model.": "a LightningModule or another class around the network",
}


class Place(Protocol):
    """Where a file was looked for, in words."""

    @property
    def repo(self) -> str | None:
        """The Hub repository it is of."""
        ...

    @property
    def sha256(self) -> str | None:
        """The hash that its weights were pinned with."""
        ...

    @property
    def remedy(self) -> str:
        """What to do when the file cannot be used."""
        ...

    def place(self, path: Path) -> str:
        """What people call the file."""
        ...


def sha256_of(path: Path, wanted: Place) -> str:
    """The hash of a weights file.

    Raises: CheckpointError if it is missing, was damaged on its way from the Hub, or is not the one that was pinned.
    """
    if not path.is_file():
        raise CheckpointError(
            f"{wanted.place(path)} is missing, and weights are never read from a pickle. {wanted.remedy}"
        )
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if wanted.repo is not None and sha256 != hash_stated_by_hub(path, sha256):
        path.resolve().unlink()  # the client compares only sizes, and would keep the damaged copy for ever
        path.unlink()
        raise CheckpointError(
            f"{wanted.place(path)} was damaged on its way from the Hub and has been deleted. Load it again."
        )
    if wanted.sha256 not in (None, sha256):
        raise CheckpointError(
            f"{wanted.place(path)} is not the file that was pinned: its SHA-256 begins with {sha256[:12]}, not "
            f"{str(wanted.sha256)[:12]}. {wanted.remedy}"
        )
    return sha256


def check(path: Path, expected: Mapping[str, Tensor], wanted: Place) -> dict[str, Tensor]:
    """The tensors of a weights file, mapped and not read yet: each has the expected name, shape and kind.

    Raises: CheckpointError if it is damaged, or holds anything else.
    """
    try:
        stored: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{wanted.place(path)} is damaged or no safetensors file ({error}). {wanted.remedy}"
        ) from error
    if problem := _mismatch(stored, expected):
        raise CheckpointError(f"{wanted.place(path)} does not fit its config: {problem}. {wanted.remedy}")
    return stored


def read(path: Path, expected: Mapping[str, Tensor], wanted: Place) -> dict[str, Tensor]:
    """The tensors of a weights file, each as its network expects it.

    Raises: CheckpointError if it is damaged, or holds anything else or values that are not finite.
    """
    stored = check(path, expected, wanted)
    for name, tensor in stored.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            problem = f"{name} holds values that are not finite"
            raise CheckpointError(f"{wanted.place(path)} does not fit its config: {problem}. {wanted.remedy}")
    return {name: tensor.to(expected[name].dtype) for name, tensor in stored.items()}


def _mismatch(stored: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    """What is wrong with the stored tensors, naming one of them; empty if nothing is."""
    for prefix, wrapper in WRAPPERS.items():
        if all(name.startswith(prefix) for name in stored) and not any(name.startswith(prefix) for name in expected):
            return (
                f"every tensor's name begins with {prefix!r}, as {wrapper} saves them; save the network inside it, or "
                f"take {prefix!r} off the names"
            )
    if missing := sorted(set(expected) - set(stored)):
        return f"{len(missing)} tensors are missing, such as {missing[0]}"
    if unknown := sorted(set(stored) - set(expected)):
        return f"{len(unknown)} tensors are unknown, such as {unknown[0]}"
    for name, tensor in stored.items():
        shape, wanted_shape = tuple(tensor.shape), tuple(expected[name].shape)
        if shape != wanted_shape:
            return f"{name} has shape {shape} instead of {wanted_shape}"
        allowed = STORED_FLOATS if expected[name].is_floating_point() else (expected[name].dtype,)
        if tensor.dtype not in allowed:
            return f"{name} is stored as {tensor.dtype} instead of {' or '.join(map(str, allowed))}"
    return ""
