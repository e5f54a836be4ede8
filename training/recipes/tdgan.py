"""TDGAN as we train it: its expression branch learns to recognize, then the rest learns to paint, then to edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fer_demo.models.tdgan import TDGANConfig
from fer_demo.published.differences import Difference
from training.data.augmentation import Augmentation
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.tdgan.branch_stage import ExpressionBranchRecipe
from training.tdgan.painting_stage import TDGANRecipe
from training.tdgan.paper import SELECTION_IN_PAPER, SETUP_DIFFERENCES
from training.two_codes.edited_face import EDITED_FACE, TAUGHT_EDITS
from training.two_codes.editing_stage import EditingRecipe

_RANK = 8  # of the expression code: six tell seven expressions apart
MODELS = {
    64: TDGANConfig(noise_channels=0, decoder_channels=(192, 96, 48), expression_rank=_RANK),
    128: TDGANConfig(size=128, noise_channels=0, decoder_channels=(192, 96, 48, 32), expression_rank=_RANK),
}
REPAIRED = TDGANRecipe(
    images=135_000,
    batch=16,  # so few images teach in more steps
    model=MODELS[64],
    augmentation=Augmentation(zoom=0.08, turn=8.0, shift=0.04, contrast=0.3, brightness=0.2, gamma=0.25, erase=0.0),
    rate=4e-4,
    persons=100_000,  # everybody: LFW's 5,719 persons and the synthetic ones
    pairing="random",
    noise="constant",
    balanced=True,
    half_life=5_000,
    synthetic_share=0.4,
    reconstruction_weight=1.0,
    counterfactual_weight=1.0,
    hiding_weight=0.1,
    discriminators_from=0.85,  # so late, because before they judge it paints three times as fast
    identity_weight=0.05,  # errors of pictures count in hundredths, cross-entropies in units
    expression_weight=0.1,
    expression_discriminator_every=2,
    fake_expression=True,
    decay=True,
)

DIFFERENCES = (
    *SETUP_DIFFERENCES,
    Difference(
        "selection and test",
        SELECTION_IN_PAPER,
        "the branch with the best accuracy on a tenth of FER2013 Training, the painting that is nearest to the truth "
        "of rendered people who never teach, the last weights of editing; tested on PublicTest, on people of LFW, CK+ "
        "and London who are kept out of training, and on the same rendered people, who chose",
    ),
    Difference(
        "people",
        "20 of CASIA-WebFace, 2,894 pictures",
        "all of LFW who may teach, rendered people, and people of CK+ and London who posed",
    ),
    Difference(
        "augmentation", "random crops of 8/9 of the side, mirrored", "zoom, turn, shift, light and blur as well"
    ),
    Difference("decoder", "512, 256, 128 and 64 channels, with noise", "192, 96 and 48 channels, without noise"),
    EDITED_FACE,
    TAUGHT_EDITS,
    Difference(
        "expression code",
        "128 × 8 × 8 numbers, all its own",
        "made of 8 numbers, so that it has no room for the person",
    ),
    Difference(
        "expression encoder",
        "learns from the pictures that are painted; only its head learns to recognize",
        "learns to recognize first, with its head, and is frozen afterwards",
    ),
    Difference("pairs", "face i always meets expression i mod n", "drawn at random, every expression equally often"),
    Difference(
        "discriminators",
        "from the first step on",
        "from 85 % of the painting on (--discriminators-from; 1: never)",
    ),
    Difference(
        "discriminator of expressions",
        "seven classes; learns in every tenth step",
        "an eighth for painted faces, so that no pattern which it takes for an expression is enough; every second step",
    ),
    Difference("weights of Eq. 6", "0.2 for the person, 0.8 for the expression", "0.05 and 0.1"),
    Difference(
        "loss: reconstruction",
        "none",
        "a face rebuilt from its identity code and the expression code of another view of it",
    ),
    Difference("loss: rendered people", "none", "error against the exact render of the person with that expression"),
    Difference(
        "loss: hidden expression",
        "none",
        "the identity code learns to hide the expression from an adversary (gradient reversal)",
    ),
    Difference(
        "learning rate",
        "constant, 1e-4",
        "generator: 4e-4, then 2e-4 for the editing, by a cosine down to zero each, and averaged weights are "
        "published; discriminators: 1e-4",
    ),
    Difference(
        "length",
        "100 passes over the expression data",
        "240,000 images for the branch, 135,000 for the painting and 40,000 for the editing",
    ),
)


@dataclass(frozen=True)
class TDGANTraining(StagedRecipe):
    """Three stages: `branch`, the expression encoder and its head, which stay as they are; `painting`; `editing`.

    Painting teaches whole faces. Editing teaches the photograph with the painted change added to it.
    """

    size: Literal[64, 128] = 64  # pixels
    discriminators_from: float = REPAIRED.discriminators_from  # share of the painting after which they judge; 1: never
    synthetic_share: float = REPAIRED.synthetic_share  # of every batch of the painting: rendered people
    # Two repairs can be left out, so that their worth can be measured.
    # Whether E_e learns to recognize first; if not, it learns from what is painted, and M_ER alone to recognize.
    branch_first: bool = True
    pairing: Literal["random", "fixed"] = "random"  # fixed: as in the paper, not balanced

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = MODELS[self.size]
        painting = replace(
            REPAIRED,
            model=model,
            initial=self.initial,
            expression_branch=run / "branch" / BEST_FOLDER if self.branch_first else None,
            discriminators_from=self.discriminators_from,
            synthetic_share=self.synthetic_share,
            pairing=self.pairing,
            balanced=self.pairing == "random",
        )
        branch = {"branch": ExpressionBranchRecipe(model=model, initial=self.initial)} if self.branch_first else {}
        return branch | {
            "painting": painting,
            "editing": EditingRecipe(initial=run / "painting" / BEST_FOLDER),
        }
