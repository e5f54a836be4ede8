"""Two answers from one feature vector: logits for the label, and for the shares of human votes."""

from __future__ import annotations

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.expressions import WITH_CONTEMPT


class TwoHeads(ABC):
    """A recognizer taught on FER2013 labels and FER+ votes; the network brings its features and three layers."""

    dropout: nn.Dropout
    basic_head: nn.Linear
    votes_head: nn.Linear

    def add_heads(self, width: int, expressions: int, dropout: float) -> None:
        """Make the layers that answer from features of this width; `dropout` comes before them."""
        self.dropout = nn.Dropout(dropout)
        self.basic_head = nn.Linear(width, expressions)
        self.votes_head = nn.Linear(width, len(WITH_CONTEMPT))

    @abstractmethod
    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read."""

    def heads(
        self, features: Float[Tensor, "batch width"]
    ) -> tuple[Float[Tensor, "batch 7"], Float[Tensor, "batch 8"]]:
        """Logits of the basic head and of the FER+ head (order: expressions.WITH_CONTEMPT)."""
        features = self.dropout(features)
        return self.basic_head(features), self.votes_head(features)

    def expression_logits(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 7"]:
        """Logits of the label."""
        return self.heads(self.features(faces))[0]

    def vote_logits(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 8"]:
        """Logits of the votes."""
        return self.heads(self.features(faces))[1]

    def forward(
        self, faces: Float[Tensor, "batch channels size size"]
    ) -> tuple[Float[Tensor, "batch 7"], Float[Tensor, "batch 8"]]:
        """Both heads' logits."""
        return self.heads(self.features(faces))
