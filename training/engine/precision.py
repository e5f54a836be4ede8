"""Whether a device computes in bfloat16, or only imitates it."""

from __future__ import annotations

from functools import cache
from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]


@cache  # Muon asks for every parameter of every step
def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 saves time on a device; a processor without its instructions takes ten times as long instead."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
