"""Networks that wait for their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from fer_demo.errors import CheckpointError, FerDemoError
from fer_demo.published.model import CONFIG_FILE, FaceModelConfig, PublishedModel
from fer_demo.published.weights_file import Place


def build(model_class: type[PublishedModel], config: FaceModelConfig, wanted: Place, device: str) -> PublishedModel:
    """A network with the given config that waits for its weights.

    Raises: CheckpointError if the values of the config do not fit each other.
    """
    try:
        with torch.device(device), _Unfilled():
            return model_class(config)
    except (FerDemoError, TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as error:
        raise CheckpointError(
            f"{wanted.place(Path(CONFIG_FILE))} describes no {model_class.__name__}: {error}"
        ) from error


class _Unfilled(TorchFunctionMode):
    """Leaves new weights unfilled: loading overwrites them, and filling them takes seconds on the meta device."""

    FILLING = frozenset({"normal_", "uniform_", "kaiming_normal_", "kaiming_uniform_"})  # of Tensor and of nn.init

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in self.FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
