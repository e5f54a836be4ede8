"""Training of the recognizer whose trunk told people apart first: dlib's weights, then faces of several cameras."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import tyro
from torch import Tensor

from fer_demo.checkpoints import load_model
from fer_demo.models.face_resnet import FaceResNet, FaceResNetConfig
from fer_demo.published.differences import Difference
from training.data.augmentation import Augmentation
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe
from training.recognition.recognizer import RecognizerTraining
from training.recognition.teachers import Teaching

PARTNER = "expression_classifier"  # began with random weights; the two err in different places
TEACHER_PICTURES = 3_000_000  # that dlib's network learned to tell people apart on, by its author's account

DIFFERENCES = (
    Difference("size", "150 × 150 pixels, in colour", "112 × 112 pixels, in grey"),
    Difference("heads", "128 numbers that tell people apart", "seven expressions, and the eight classes of FER+"),
    Difference(
        "data",
        "3 million photographs of 7,485 people",
        "the published weights to start from; FER2013 without the pictures that also occur in PublicTest, FER+, "
        "rendered and posed faces",
    ),
    Difference(
        "alignment", "a chip cut by five points of its own", "faces aligned to a template by eyes, nose and mouth"
    ),
    Difference("norms", "an affine layer after each convolution", "folded into the convolutions before training"),
    Difference("selection", "not comparable", "the checkpoint with the best score on a tenth of FER2013 Training"),
)


@dataclass(frozen=True)
class FaceResNetRecipe(RecognitionRecipe):
    """The first stage; its defaults fit one CPU core for an hour."""

    images: int = 600_000
    batch: int = 128
    model: FaceResNetConfig = field(default_factory=FaceResNetConfig)
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(zoom=0.2, erase=0.35, side_light=0.3, grain=0.08)
    )
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.15, cutmix=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(4.0, 1.0, 0.5))
    optimizer: Literal["adamw", "muon"] = "muon"  # 0.654 of the validation cut where AdamW had 0.627, at 100,000 images
    rate: float = 1e-3
    posed_share: float = 0.06
    half_life: int = 8_000
    pretrained: bool = True  # the trunk starts from the identity embedder's weights
    differences: ClassVar[tuple[Difference, ...]] = DIFFERENCES

    @property
    def pretraining(self) -> dict[str, int]:
        return {"dlib": TEACHER_PICTURES} if self.pretrained else {}

    def network(self) -> FaceResNet:
        network = FaceResNet(self.model)
        if self.pretrained:
            network.load_state_dict(network.state_dict() | trunk_weights(self.model.channels))
        return network


@dataclass(frozen=True)
class FaceResNetTraining(RecognizerTraining):
    """Two stages: `recognizer` learns, `distillation` goes on with what it and a recognizer without its past say."""

    stage: Annotated[RecognitionRecipe, tyro.conf.Suppress] = field(default_factory=FaceResNetRecipe, kw_only=True)

    def stages(self, run: Path) -> dict[str, Recipe]:
        stages = super().stages(run)
        first, best = stages["recognizer"], run / "recognizer" / BEST_FOLDER
        assert isinstance(first, FaceResNetRecipe)
        teaching = Teaching(teachers=(Path(PARTNER), best))
        return stages | {
            "distillation": replace(first, images=150_000, rate=first.rate / 2, initial=best, teaching=teaching)
        }


def trunk_weights(channels: int) -> dict[str, Tensor]:
    """The identity embedder's trunk as ours, which sees faces in [-1, 1] and not grey levels less their mean.

    For grey faces the first convolution sums over its colours.
    """
    theirs = load_model("identity_embedder")
    weights = {name: value for name, value in theirs.state_dict().items() if name.startswith("stages.")}
    first, bias = theirs.get_parameter("stem.weight").detach(), theirs.get_parameter("stem.bias").detach()
    middle = (127.5 - theirs.get_buffer("mean")) / 256  # what a pixel of 0 is to it
    weights["stem.bias"] = bias + (first * middle).sum(dim=(1, 2, 3))
    scaled = first * (127.5 / 256)
    weights["stem.weight"] = scaled.sum(dim=1, keepdim=True) if channels == 1 else scaled
    return weights
