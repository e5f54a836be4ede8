"""TER-GAN: codes of one factor each, learnt by transfer; the expression's then recognizes (Ali and Hughes 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.tdgan import TDGANConfig
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.ter_gan.painting_stage import TERGANRecipe
from training.ter_gan.recognition_stage import FineTuningRecipe
from training.two_codes.edited_face import EDITED_FACE, TAUGHT_EDITS
from training.two_codes.editing_stage import EditingRecipe

MODEL = TDGANConfig(result="added", noise_channels=0, decoder_channels=(192, 96, 48), head_units=128)

DIFFERENCES = (
    Difference("size", "not known to us", "64 × 64 pixels, in grey"),
    Difference(
        "networks",
        "two encoders and a decoder, whose layers are not known to us",
        "those of TDGAN, with a decoder of 192, 96 and 48 channels, without noise",
    ),
    EDITED_FACE,
    TAUGHT_EDITS,
    Difference("expression code", "not known to us", "128 × 8 × 8 numbers, as large as the identity code"),
    Difference(
        "data",
        "CK+, Oulu-CASIA, MMI and BU-3DFE, after BU-4DFE: every picture with a person and an expression",
        "people of LFW, expressions of FER2013 Training without the pictures that also occur in PublicTest, and "
        "rendered people, who alone have both",
    ),
    Difference(
        "critic",
        "its layers are not known to us",
        "one trunk with three answers, held to a slope of 1; painted expressions are classes of their own",
    ),
    Difference(
        "loss",
        "its weights are not known to us",
        "0.02 for the critic's score, 0.05 for expressions, 0.01 for persons, 10 for rebuilding, 0.1 for each distance "
        "of codes (--code-weight)",
    ),
    Difference(
        "distance of codes",
        "not known to us",
        "squared, as a share of that between any two codes of the batch",
    ),
    Difference("loss: rendered people", "none", "error against the exact render of the person with that expression"),
    Difference(
        "recognition",
        "a classifier on the expression encoder, which is fine-tuned; faces are not painted any more",
        "the same, with the votes of FER+ beside the label, and the decoder is held to what it painted before",
    ),
    Difference("alignment", "not known to us", "faces aligned to a template by eyes, nose and mouth"),
    Difference(
        "selection and test",
        "cross-validation on each set",
        "the checkpoint with the best score on a tenth of FER2013 Training; tested on PublicTest and on people of LFW "
        "who are kept out of training",
    ),
)


@dataclass(frozen=True)
class TERGANTraining(StagedRecipe):
    """Three stages: `painting`, which has a critic, `recognition` of the expression's code, and `editing`.

    The first two are the paper's. Editing teaches the photograph with the painted change added to it.
    """

    code_weight: float = 0.1  # of the distances of codes; 0: the arm without them
    truth_weight: float = 5.0  # of the error beside the exact renders; 0: as in the paper

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        painting = TERGANRecipe(
            model=MODEL,
            initial=self.initial,
            expression_code_weight=self.code_weight,
            identity_code_weight=self.code_weight,
            truth_weight=self.truth_weight,
        )
        return {
            "painting": painting,
            "recognition": FineTuningRecipe(model=MODEL, initial=run / "painting" / BEST_FOLDER),
            "editing": EditingRecipe(images=150_000, initial=run / "recognition" / BEST_FOLDER),
        }
