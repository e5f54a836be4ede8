"""Base class of every network whose weights are published: a frozen config, safetensors, strict loading."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import save
from torch import nn

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.outputs import Content, write_files
from fer_demo.published.calibration import CALIBRATION_FILE, Calibration

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True)
class Origin:
    """Where a loaded model came from, so that any figure can name it."""

    source: str
    revision: str | None
    sha256: str  # of the weights file


@dataclass(frozen=True)
class FaceModelConfig:
    """What every face network needs to know about its input."""

    size: int = 64  # side of the aligned crop, pixels
    channels: int = 1  # 1 = grey, 3 = RGB
    expressions: tuple[str, ...] = BASIC  # order of the logits
    alignment: str = "five-point-v1"  # template the crops must be aligned to (faces/alignment.py)
    # What checkpoints have that were written before a setting was added, so that they still open.
    added_later: ClassVar[Mapping[str, Any]] = {}

    def __post_init__(self) -> None:
        if self.size < 8 or self.channels not in (1, 3):
            raise CheckpointError(
                f"A face network needs size >= 8 and 1 or 3 channels, not {self.size}, {self.channels}."
            )
        if len(set(self.expressions)) != len(self.expressions) or len(self.expressions) < 2:
            raise CheckpointError("The expressions of a face network must be at least two different names.")


class PublishedModel(nn.Module):
    """A network that travels as a folder: config.json, model.safetensors and a model card."""

    config_class: ClassVar[type[FaceModelConfig]] = FaceModelConfig

    def __init__(self, config: FaceModelConfig) -> None:
        super().__init__()
        self.config = config
        self.method = ""  # the catalogue's name of the recipe that made the weights; empty before anybody knows
        self.origin: Origin | None = None
        self.calibration: Calibration | None = None  # of a recognizer that was evaluated

    @property
    def attribution_layer(self) -> nn.Module:
        """The layer whose feature map explains an answer (Grad-CAM)."""
        raise CheckpointError(f"{type(self).__name__} has no feature map to explain its answers with.")

    @property
    def attribution_box(self) -> tuple[float, float, float, float]:
        """Where that map lies on the aligned face: left, top, right and bottom in fractions of its side."""
        return (0.0, 0.0, 1.0, 1.0)

    @property
    def attribution_fades(self) -> bool:
        """Whether evidence fades out around that place, since the map's rim saw beyond it, and does not end there."""
        return False

    @classmethod
    def config_from_dict(cls, values: dict[str, Any]) -> FaceModelConfig:
        """The config a checkpoint states; unknown, missing or mistyped keys raise CheckpointError."""
        fields = {field.name: field for field in dataclasses.fields(cls.config_class)}
        values = {**cls.config_class.added_later, **values}
        unknown, missing = sorted(set(values) - set(fields)), sorted(set(fields) - set(values))
        remedy = "load it with that version, or train it again with this one."
        if unknown:
            raise CheckpointError(f"it holds {', '.join(unknown)}, so another version of fer_demo wrote it: {remedy}")
        if missing:
            raise CheckpointError(
                f"it lacks {', '.join(missing)}, so an earlier version of fer_demo wrote it: {remedy}"
            )
        defaults = cls.config_class()
        typed: dict[str, Any] = {}
        for name, value in values.items():
            expected = getattr(defaults, name)
            value = tuple(value) if isinstance(expected, tuple) and isinstance(value, list) else value
            if type(value) is not type(expected):
                raise CheckpointError(
                    f"The config of {cls.__name__} gives {name} = {value!r}, which has the wrong type."
                )
            typed[name] = value
        return cls.config_class(**typed)

    def save(self, folder: Path) -> None:
        """Write config.json, model.safetensors (floating-point tensors as fp16) and the calibration into `folder`.

        A calibration that stands there and is not this model's goes away: it belongs to other weights.
        """
        config = {"model": type(self).__name__, **dataclasses.asdict(self.config)}
        if self.method:
            config["method"] = self.method
        tensors = {
            name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous().cpu()
            for name, tensor in self.state_dict().items()
        }
        files: dict[Path, Content] = {
            folder / CONFIG_FILE: json.dumps(config, indent=2) + "\n",
            folder / WEIGHTS_FILE: save(tensors, metadata={"format": "pt"}),
        }
        if self.calibration is not None:
            files[folder / CALIBRATION_FILE] = self.calibration.to_json()
        write_files(files)
        if self.calibration is None:
            (folder / CALIBRATION_FILE).unlink(missing_ok=True)

    def parameter_count(self) -> int:
        """Number of trainable values."""
        return sum(parameter.numel() for parameter in self.parameters())

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device


def state_method(folder: Path, method: str) -> None:
    """Write into the config of a saved model which method of the catalogue made its weights."""
    path = folder / CONFIG_FILE
    config = {**json.loads(path.read_text(encoding="utf-8")), "method": method}
    write_files({path: json.dumps(config, indent=2) + "\n"})
