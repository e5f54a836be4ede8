"""Edits learnt beside true pictures by the decoder of a network with two codes, whose codes stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.optim import Adam

from fer_demo.capabilities import FactorCodes
from fer_demo.checkpoints import load_model
from fer_demo.code_editor import CodeEditor
from fer_demo.errors import SettingsError
from fer_demo.faces.detection import RetinaFaceDetector
from training.data.agreed_faces import agreed_among
from training.data.augmentation import FOR_PAINTERS, Augmentation
from training.data.expression_pairs import posed_pairs
from training.data.face_set import MARGIN
from training.data.factorial_faces import whole_factorial
from training.data.posed_faces import POSED_SETS, posed_file
from training.data.transfer_faces import TransferFaces, transfer_faces
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.engine.recipe import Recipe
from training.losses.pixel_error import change_weight, edge_aware_error
from training.two_codes.editing_batches import EditingBatch, EditingBatches
from training.two_codes.validation import painting_figures, transfer_sheet

AGREED_SHARE = 0.5  # more voters than this agree on each photograph


@dataclass(frozen=True)
class EditingRecipe(Recipe):
    """Starts from `initial`, which paints; weights and length are ours, and so is the whole stage."""

    images: int = 40_000
    batch: int = 16
    rate: float = 2e-4  # the peak of a cosine, Adam
    augmentation: Augmentation = FOR_PAINTERS
    initial: Path | None = None  # folder of the model that the stage before left
    rendered_share: float = 0.4  # of every batch: rendered people
    photograph_share: float = 0.2  # of every batch: photographs that are rebuilt; the rest are people who posed
    reconstruction_weight: float = 1.0  # of faces that are painted from their own codes
    truth_weight: float = 1.0  # of edited faces beside the true picture
    half_life: int = 5_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        shares = (self.rendered_share, self.photograph_share)
        if min(shares) < 0 or sum(shares) >= 1:
            raise SettingsError("Rendered faces and photographs are shares of a batch from 0 up, together below 1.")

    def check_data(self, data: Path | None) -> None:
        if data is None:
            raise SettingsError("Edits are learnt from fer2013/, pairs/ and synthetic_factorial/; give --data.")
        for name in POSED_SETS:
            posed_file(data, name)
        whole_factorial(data)

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        if self.initial is None:
            raise SettingsError("Edits are learnt by a network that paints; run the stages before.")
        self.check_data(data)
        assert data is not None
        return EditingObjective.create(self, data, accelerator)


@dataclass
class EditingObjective(Objective):
    """Compares what the app shows, an edited face, with the true picture."""

    recipe: EditingRecipe = field(kw_only=True)
    batches: EditingBatches = field(kw_only=True)
    faces: TransferFaces = field(kw_only=True)

    @classmethod
    def create(cls, recipe: EditingRecipe, data: Path, accelerator: Accelerator) -> EditingObjective:
        """Read and align the faces, and take over the network."""
        model = adding(str(recipe.initial))
        on_device(model, accelerator, torch.contiguous_format)
        model.requires_grad_(False).eval()
        model.decoder.requires_grad_(True)
        size = model.config.size
        faces = transfer_faces(data, size, 1, True, accelerator.device)
        assert faces.factorial is not None
        agreed = agreed_among(faces.expressions, faces.validation, AGREED_SHARE)
        posed = posed_pairs(data, size, RetinaFaceDetector(threads=torch.get_num_threads()), MARGIN)
        return cls(
            accelerator,
            networks={"model": model},
            optimizers={"decoder": Adam(model.decoder.parameters(), lr=recipe.rate)},
            averages={"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces_read={**agreed.read, **posed.read, "synthetic": faces.factorial.pictures},
            recipe=recipe,
            batches=EditingBatches(
                posed, faces.factorial, agreed, recipe.augmentation, recipe.rendered_share, recipe.photograph_share
            ),
            faces=faces,
        )

    def draw(self, count: int, moment: Moment) -> EditingBatch:
        return self.batches.draw(count, self._model().config.size, moment.rng, moment.generator)

    def training_step(self, batch: EditingBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model, people = self.recipe, self._model(), len(batch.people)
        self.set_learning_rate("decoder", cosine_rate(recipe.rate, moment.progress))
        faces = torch.cat([batch.people, batch.photographs])
        with self.accelerator.autocast():
            with torch.no_grad():
                own = model.encode(faces)
                wanted = wanted_codes(model, batch)
            rebuilt = model.decode(own).float()
            painted = model.decode(FactorCodes(own.identity[:people], wanted)).float()
        edited = batch.people + painted - rebuilt[:people]
        weight = change_weight(batch.truths, batch.people)
        losses = {
            "truth": recipe.truth_weight * edge_aware_error(edited, batch.truths, weight),
            "reconstruction": recipe.reconstruction_weight * edge_aware_error(rebuilt, faces),
        }
        self.descend(torch.stack(list(losses.values())).sum(), "decoder")
        return losses

    def validate(self) -> dict[str, float]:
        """How strangers are rebuilt and rendered ones edited; the score is the same for all: the last one is published.

        A small error alone would choose an early and timid checkpoint.
        """
        return {"score": 0.0, **painting_figures(self.published(), self.faces)}

    def published(self) -> CodeEditor:
        average = self.averages["model"].average
        assert isinstance(average, CodeEditor)
        return average

    def sample_sheet(self) -> np.ndarray:
        return transfer_sheet(self.published(), self.faces)

    def _model(self) -> CodeEditor:
        model = self.networks["model"]
        assert isinstance(model, CodeEditor)
        return model


def wanted_codes(model: CodeEditor, batch: EditingBatch) -> Float[Tensor, "pairs dims"]:
    """Codes of the drivers; in place of every other one at rest what the method has for no expression."""
    codes = model.encode(batch.drivers).expression
    instead = batch.at_rest[:, None].clone()
    instead[1::2] = False
    return torch.where(instead, model.code_at_rest(codes), codes)


def adding(folder: str) -> CodeEditor:
    """The network in this folder, as one whose edits add the change that it paints to the photograph.

    Raises: SettingsError if it does not paint faces from two codes.
    """
    painter = load_model(folder)
    if not isinstance(painter, CodeEditor):
        raise SettingsError(f"{folder} does not paint faces from two codes; choose a model that does.")
    model = type(painter)(replace(painter.config, result="added"))
    model.load_state_dict(painter.state_dict())
    return model
