"""Guided backpropagation: gradients that are positive at every ReLU (Springenberg et al. 2015)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_RELUS = {
    torch.relu,
    torch.relu_,
    torch.Tensor.relu,
    torch.Tensor.relu_,
    functional.relu,
    functional.relu6,
    functional.hardtanh,  # which nn.ReLU6 calls
}


class GuidedRelus(TorchFunctionMode):
    """While it is entered, every ReLU, module or function, lets only positive gradients back.

    Captum's GuidedBackprop sees modules alone, and most of our networks call the function.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in _RELUS and isinstance(result, Tensor) and result.requires_grad:
            result.register_hook(lambda gradient: gradient.clamp_min(0))
        return result
