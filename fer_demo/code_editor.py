"""Base of the networks that paint faces from an identity code and an expression code, and what an edit of theirs is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.capabilities import FactorCodes
from fer_demo.errors import CheckpointError
from fer_demo.published.model import FaceModelConfig, PublishedModel

RESULTS = ("whole", "added")


@dataclass(frozen=True)
class CodeEditorConfig(FaceModelConfig):
    """What an edit is: the whole painted face, or the face with the change between two painted ones added to it."""

    result: str = "whole"  # one of RESULTS
    added_later: ClassVar[Mapping[str, Any]] = {"result": "whole"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.result not in RESULTS:
            raise CheckpointError(f"The result of a network with two codes is one of: {', '.join(RESULTS)}.")


class CodeEditor(PublishedModel):
    """Encodes a face as two codes, decodes any two codes, and edits faces by a code for their expression."""

    config: CodeEditorConfig
    decoder: nn.Module  # paints from both codes

    @abstractmethod
    def encode(self, faces: Float[Tensor, "batch channels size size"]) -> FactorCodes:
        """Both codes of faces in [-1, 1]."""

    @abstractmethod
    def decode(self, codes: FactorCodes) -> Float[Tensor, "batch channels size size"]:
        """Faces in [-1, 1]."""

    def code_at_rest(self, expression: Float[Tensor, "batch dims"]) -> Float[Tensor, "batch dims"]:
        """Codes for faces at rest, in place of those read from them; the same, unless a method has one code for all."""
        return expression

    def adds_change(self) -> bool:
        return self.config.result == "added"

    def edit_to_code(
        self, faces: Float[Tensor, "#batch channels size size"], expression: Float[Tensor, "batch dims"]
    ) -> Float[Tensor, "batch channels size size"]:
        """The people, or the only one, with these expression codes; faces in [-1, 1].

        With the result "added", the difference of what is painted with that code and with their own is added to the
        faces, as US-GAN adds what it paints (arXiv 2112.13002): what the decoder loses of a face does not count.
        """
        own = self.encode(faces)
        painted = self.decode(FactorCodes(own.identity.expand(len(expression), -1), expression))
        return (faces + painted - self.decode(own)).clamp(-1, 1) if self.adds_change() else painted
