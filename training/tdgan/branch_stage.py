"""The expression branch of TDGAN taught to recognize first: E_e and M_ER alone, before faces are painted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor, nn

from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.recognition.objective import Read, RecognitionRecipe


@dataclass(frozen=True)
class ExpressionBranchRecipe(RecognitionRecipe):
    """A start for the repaired TDGAN; the rest of the network stays untrained."""

    images: int = 240_000
    batch: int = 64
    model: TDGANConfig = field(default_factory=TDGANConfig)
    rate: float = 5e-4  # peak of a cosine, AdamW
    weight_decay: float = 0.02
    memory_order: ClassVar[torch.memory_format] = torch.contiguous_format  # instance norm is slow in channels_last

    def network(self) -> TDGAN:
        return TDGAN(self.model)

    def learning(self, network: nn.Module) -> Iterable[nn.Parameter]:
        assert isinstance(network, TDGAN)
        return [*network.expression_encoder.parameters(), *network.expression_head.parameters()]

    def read(self, network: nn.Module, views: Tensor) -> Read:
        assert isinstance(network, TDGAN)
        code = network.expression_code(views)
        logits = network.expression_head(code)
        return Read(code.flatten(1), logits, logits)
