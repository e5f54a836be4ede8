"""IPD-FER: a network that knows people comes first, then pose and expression beside it (Jiang and Deng 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fer_demo.models.ipd_fer import IPDFERConfig
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.ipd_fer.faces_stage import FacesRecipe
from training.ipd_fer.identity_stage import IdentityRecipe
from training.two_codes.edited_face import EDITED_FACE, TAUGHT_EDITS
from training.two_codes.editing_stage import EditingRecipe

DIFFERENCES = (
    Difference("size", "not known to us", "64 × 64 pixels, in grey"),
    Difference("networks", "not known to us", "three small encoders with group norms, a decoder from their vectors"),
    Difference(
        "identity",
        "a well pre-trained face recognition model, fixed",
        "a small network of its own, taught in a first stage on LFW and rendered people, then fixed: the one that "
        "measures identity may not teach",
    ),
    Difference(
        "data",
        "laboratory sets and pictures from the wild",
        "FER2013 Training without the pictures that also occur in PublicTest, people of LFW, and rendered people",
    ),
    EDITED_FACE,
    TAUGHT_EDITS,
    Difference("pose", "labels of the head's pose", "yaw and pitch as a face mesh finds them"),
    Difference("loss", "its weights are not known to us", "weights of our own, stated in the two stages"),
    Difference("loss: rendered people", "none", "error against the exact render of the person at rest"),
    Difference("alignment", "not known to us", "faces aligned to a template by eyes, nose and mouth"),
    Difference(
        "selection and test",
        "the sets' own splits",
        "the last checkpoint of each stage; tested on PublicTest and on people of LFW who are kept out of training",
    ),
)


@dataclass(frozen=True)
class IPDFERTraining(StagedRecipe):
    """Three stages: `identity`, the encoder of who somebody is; `faces`, everything else beside it; and `editing`.

    The first two are the paper's. Editing teaches the photograph with the painted change added to it.
    """

    truth_weight: float = 5.0  # of the error beside the exact renders at rest; 0: as in the paper

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = IPDFERConfig(result="added")
        faces = FacesRecipe(model=model, initial=run / "identity" / BEST_FOLDER, truth_weight=self.truth_weight)
        return {
            "identity": IdentityRecipe(model=model, initial=self.initial),
            "faces": faces,
            "editing": EditingRecipe(images=250_000, initial=run / "faces" / BEST_FOLDER),
        }
