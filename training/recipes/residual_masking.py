"""Training of the small Residual Masking Network on FER2013 labels, FER+ votes and a share of synthetic faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from fer_demo.models.residual_masking import ResidualMasking, ResidualMaskingConfig
from fer_demo.published.differences import Difference
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe

DIFFERENCES = (
    Difference("size", "224 × 224 pixels, in colour", "64 × 64 pixels, in grey"),
    Difference("network", "ResNet-34 with masks, 143 million values", "two blocks for each stage, 6.8 million values"),
    Difference("start", "ImageNet's weights", "random weights"),
    Difference("stem", "7 × 7 convolution and a pool", "3 × 3 convolution, for small pictures"),
    Difference("masking", "U-Nets that widen, with concatenated skips", "U-Nets of one width, with added skips"),
    Difference(
        "masks",
        "values from 0 to 1 by the text; a softmax over the channels in the authors' code",
        "values from 0 to 1 by a sigmoid: a softmax leaves about 1 / channels to each",
    ),
    Difference(
        "data",
        "labels of FER2013, or of VEMO",
        "labels of FER2013 without the pictures that also occur in PublicTest, votes of FER+, units and landmarks, and "
        "12 % rendered faces",
    ),
    Difference("alignment", "FER2013's own crops, enlarged", "faces aligned to a template by eyes, nose and mouth"),
    Difference("optimizer", "RAdam at 1e-4 over at most 50 passes", "Muon at 2e-3, with a cosine down to zero"),
    Difference(
        "selection and test",
        "ten views of each test picture",
        "the checkpoint with the best score on a tenth of Training; one view and its mirror image of PublicTest",
    ),
)


@dataclass(frozen=True)
class ResidualMaskingRecipe(RecognitionRecipe):
    """The settings of the bundled weights; two hours and a quarter on one CPU core."""

    images: int = 800_000
    batch: int = 128  # on 64, Muon spends more on its iterations than on the network
    validate_every: int = 40_000
    model: ResidualMaskingConfig = field(default_factory=ResidualMaskingConfig)
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(turn=30.0))  # the paper's rotation
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(units_weight=4.0, landmarks_weight=1.0))
    optimizer: Literal["adamw", "muon"] = "muon"
    rate: float = 2e-3
    start_size: int = 32
    half_life: int = 20_000
    differences: ClassVar[tuple[Difference, ...]] = DIFFERENCES

    def network(self) -> ResidualMasking:
        return ResidualMasking(self.model)
