"""Tiny models whose answers are plain arithmetic, and faces to give them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fer_demo.capabilities import FactorCodes
from fer_demo.checkpoints import load_model
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.published.model import FaceModelConfig, PublishedModel
from tests.editors import tiny_landmark_editor

SIDE = 8


class HalvesModel(CodeEditor):
    """The upper half of a picture is its identity, the lower half its expression; decoding joins them again."""

    expression_prototypes: Tensor

    def __init__(self, channels: int = 1) -> None:
        super().__init__(CodeEditorConfig(size=SIDE, channels=channels))
        self.unused = nn.Parameter(torch.zeros(1))
        dims = channels * SIDE * SIDE // 2
        shades = torch.linspace(-1, 1, len(BASIC))  # prototype k is the lower half in one shade
        self.register_buffer("expression_prototypes", shades[:, None].expand(-1, dims).clone())

    def prototypes(self) -> Tensor:
        return self.expression_prototypes

    def encode(self, faces: Tensor) -> FactorCodes:
        return FactorCodes(faces[:, :, : SIDE // 2].flatten(1), faces[:, :, SIDE // 2 :].flatten(1))

    def decode(self, codes: FactorCodes) -> Tensor:
        shape = (-1, self.config.channels, SIDE // 2, SIDE)
        return torch.cat([codes.identity.reshape(shape), codes.expression.reshape(shape)], dim=2)


class BrightestColumn(PublishedModel):
    """Logit k is ten times the brightness of column k, so the answer is the brightest column."""

    def __init__(self, expressions: tuple[str, ...] = BASIC) -> None:
        super().__init__(FaceModelConfig(size=SIDE, expressions=expressions))
        self.filter = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(self.filter.weight)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.filter

    def expression_logits(self, faces: Tensor) -> Tensor:
        columns = self.filter(faces)[:, 0].mean(dim=1)
        return 10 * columns[:, : len(self.config.expressions)]


class MeanColour(PublishedModel):
    """Embeds an identity as the mean of the picture's channels."""

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=SIDE, channels=3))
        self.unused = nn.Parameter(torch.zeros(1))

    def embed(self, faces: Tensor) -> Tensor:
        return faces.mean(dim=(2, 3))

    def embed_aligned(self, faces: Tensor) -> Tensor:
        return self.embed(faces.expand(-1, 3, -1, -1))


@pytest.fixture
def embedder() -> PublishedModel:
    return MeanColour().eval()


@pytest.fixture
def photo_editor(tmp_path) -> PublishedModel:
    """A tiny landmark editor with random weights, loaded from a folder."""
    tiny_landmark_editor().save(tmp_path / "landmark_editor")
    return load_model(str(tmp_path / "landmark_editor"))


@pytest.fixture
def editor() -> PublishedModel:
    return HalvesModel().eval()


@pytest.fixture
def colour_editor() -> PublishedModel:
    return HalvesModel(channels=3).eval()


@pytest.fixture
def recognizer() -> PublishedModel:
    return BrightestColumn().eval()


@pytest.fixture
def eight_class_recognizer() -> PublishedModel:
    return BrightestColumn((*BASIC, "contempt")).eval()


def whole(picture: np.ndarray) -> FaceCrop:
    """A picture without a detected face, used whole."""
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=-1)
    return FaceCrop(photo=colour.astype(np.uint8), face=None, notes=())


@pytest.fixture
def halves():
    """A grey crop from the shade of its upper and of its lower half."""

    def make(upper: int, lower: int) -> FaceCrop:
        picture = np.full((SIDE, SIDE), upper, dtype=np.uint8)
        picture[SIDE // 2 :] = lower
        return whole(picture)

    return make


@pytest.fixture
def column():
    """A black crop with one white column."""

    def make(place: int) -> FaceCrop:
        picture = np.zeros((SIDE, SIDE), dtype=np.uint8)
        picture[:, place] = 255
        return whole(picture)

    return make
