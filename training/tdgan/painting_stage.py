"""TDGAN learns to paint, as published or repaired: every repair is a named setting whose default is the paper's way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Adam, Optimizer

from fer_demo.errors import SettingsError
from fer_demo.models.tdgan import TDGANConfig
from training.data.augmentation import Augmentation
from training.data.transfer_faces import transfer_faces
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.engine.recipe import Recipe
from training.losses.gradient_reversal import reversed_gradient
from training.losses.pixel_error import change_weight, edge_aware_error
from training.tdgan.batches import TransferBatch, TransferBatches
from training.tdgan.discriminators import Discriminator
from training.tdgan.dual_consistency import dual_consistency
from training.tdgan.networks import tdgan_networks
from training.tdgan.semantic_content import semantic_content
from training.two_codes.objective import TwoCodesObjective
from training.two_codes.validation import transfer_figures

DISCRIMINATORS = ("face_discriminator", "expression_discriminator")

# Random crops of 8/9 of the side and mirroring, as in the paper: shifts of up to 1/18 of the side.
# Differs from the paper: no zoom, so that training and test pictures have one scale, and people are shifted too.
PAPER_AUGMENTATION = Augmentation(0.0, 0.0, 0.0555, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class TDGANRecipe(Recipe):
    """Defaults: Xie et al. 2021 as read in the authors' code, at 64 px."""

    images: int = 2_870_000  # 100 epochs of the larger set
    batch: int = 32
    model: TDGANConfig = field(default_factory=TDGANConfig)
    augmentation: Augmentation = PAPER_AUGMENTATION
    rate: float = 1e-4  # Adam, generator and M_ER, no decay
    discriminator_rate: float = 1e-4  # Adam, both discriminators, no decay
    identity_weight: float = 0.2  # Eq. 6, first term
    expression_weight: float = 0.8  # Eq. 6, second term
    consistency_weight: float = 5.0  # Eq. 7, both terms
    content_weight: float = 1.0  # Eq. 8
    face_discriminator_every: int = 5  # steps
    expression_discriminator_every: int = 10  # steps
    persons: int = 20  # people in the face set: those with most photos

    # The repairs: with these defaults the recipe is the paper's.
    # Differs from the paper: pairs may be drawn at random; the authors' face i always meets expression i mod n.
    pairing: Literal["fixed", "random"] = "fixed"
    # Differs from the paper: the noise may be held at its mean, so that training paints as the app does.
    noise: Literal["uniform", "constant"] = "uniform"
    # Differs from the paper: every expression may be drawn equally often; there are 16 happy faces for a disgusted one.
    balanced: bool = False
    # Differs from the paper: averaged weights may be published; the half-life counts images, 0 publishes the last ones.
    half_life: int = 0
    # Differs from the paper: a share of every batch may be rendered people whose every expression is known.
    synthetic_share: float = 0.0
    # Differs from the paper: rebuilding a face from its identity code and the expression code of another view of it.
    reconstruction_weight: float = 0.0
    # Differs from the paper: the error against the exact render of this person with that expression.
    counterfactual_weight: float = 0.0
    # Differs from the paper: the identity code may learn to hide the expression from an adversary that reads it.
    hiding_weight: float = 0.0
    # Differs from the paper: generated faces may meet the discriminators only after this share of the run, or, at 1,
    # never; the terms of Eq. 6 to 8 begin with them.
    discriminators_from: float = 0.0
    # Differs from the paper: D_e may tell painted faces too, by an eighth class as D_f has one, so that no pattern that
    # it takes for an expression is enough.
    fake_expression: bool = False
    # Differs from the paper: the generator's learning rate may follow a cosine down to zero; the authors keep it.
    decay: bool = False
    # Differs from the paper: the run may start from a published TDGAN.
    initial: Path | None = None
    # Differs from the paper: E_e and M_ER may come from another published TDGAN, such as a pretrained expression
    # branch, and stay as they are; D_e then begins as a copy of them, and learns as soon as it judges.
    expression_branch: Path | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        shares = (self.synthetic_share, self.discriminators_from)
        if not all(0 <= share <= 1 for share in shares) or self.synthetic_share == 1:
            raise SettingsError("What is rendered and when discriminators begin are shares between 0 and 1.")
        if self.persons < 2:
            raise SettingsError("There must be at least 2 persons: the face discriminator tells people apart.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return TDGANObjective.create(self, data, accelerator)


@dataclass
class TDGANObjective(TwoCodesObjective):
    """Four networks that learn in turn: the generator every step, the discriminators now and then, M_ER's head."""

    recipe: TDGANRecipe = field(kw_only=True)
    batches: TransferBatches = field(kw_only=True)

    @classmethod
    def create(cls, recipe: TDGANRecipe, data: Path | None, accelerator: Accelerator) -> TDGANObjective:
        """Load the faces and make fresh networks."""
        rendered = recipe.synthetic_share > 0
        faces = transfer_faces(data, recipe.model.size, recipe.persons, rendered, accelerator.device)
        networks = tdgan_networks(
            recipe.model,
            faces.persons,
            initial=recipe.initial,
            expression_branch=recipe.expression_branch,
            fake_expression=recipe.fake_expression,
            hiding=recipe.hiding_weight > 0,
        )
        model = networks["model"]
        for network in networks.values():
            on_device(network, accelerator, torch.contiguous_format)
        painters: list[nn.Module] = [model.identity_encoder, model.expression_encoder, model.decoder]
        if recipe.hiding_weight > 0:
            painters.append(networks["expression_adversary"])  # the reversed gradient parts their ways
        learning = {"generator": painters, "expression_head": [model.expression_head]}
        learning |= {name: [networks[name]] for name in DISCRIMINATORS}
        optimizers: dict[str, Optimizer] = {
            name: Adam(
                [weights for part in parts for weights in part.parameters()],
                lr=recipe.discriminator_rate if name in DISCRIMINATORS else recipe.rate,
            )
            for name, parts in learning.items()
        }
        averages = {"model": ExponentialMovingAverage(model, recipe.half_life)}
        batches = TransferBatches(
            faces,
            recipe.model.size,
            recipe.augmentation,
            synthetic_share=recipe.synthetic_share,
            fixed_pairs=recipe.pairing == "fixed",
            balanced=recipe.balanced,
        )
        return cls(accelerator, networks, optimizers, averages, faces.read, recipe=recipe, batches=batches, faces=faces)

    def draw(self, count: int, moment: Moment) -> TransferBatch:
        return self.batches.draw(count, moment.rng, moment.generator)

    def training_step(self, batch: TransferBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self._model()
        step = moment.images // recipe.batch
        if recipe.decay:
            for name in ("generator", "expression_head"):
                self.set_learning_rate(name, cosine_rate(recipe.rate, moment.progress))
        adversarial = moment.progress >= recipe.discriminators_from
        # Painting costs most: where only the rendered faces have an answer to be compared with, only they are painted.
        first = batch.real if batch.truth is not None and not adversarial else 0
        parts: dict[str, Tensor] = {}
        with self.accelerator.autocast():
            identity = model.identity_code(batch.identity_faces)
            expression = model.expression_code(batch.expression_faces)
            generated = model.paint(identity[first:], expression[first:], self._noise(len(identity) - first, moment))
            if recipe.expression_branch is None:
                parts["recognition"] = self._recognition_step(expression, batch)
            if recipe.discriminators_from < 1 and step % recipe.face_discriminator_every == 0:
                parts["face_discriminator"] = self._face_discriminator_step(generated, batch, adversarial)
            learns = recipe.discriminators_from < 1 if recipe.expression_branch is None else adversarial
            if learns and step % recipe.expression_discriminator_every == 0:
                parts |= self._expression_discriminator_step(generated, batch, adversarial)
            weighted = self._picture_losses(batch, identity, expression, generated)
            if adversarial:
                weighted |= self._identity_losses(batch, generated, moment)
                logits = self.networks["expression_discriminator"](generated)
                of_expression = cross_entropy(logits.float(), batch.expression)
                weighted["transfer_expression"] = (recipe.expression_weight, of_expression)  # Eq. 6
        self.descend(sum((weight * loss for weight, loss in weighted.values()), torch.zeros(())), "generator")
        return parts | {name: loss for name, (_, loss) in weighted.items()}

    def _recognition_step(self, expression: Tensor, batch: TransferBatch) -> Tensor:
        """M_ER's own update: only the head learns from it (the paper's order of updates)."""
        logits = self._model().expression_head(expression.detach())
        loss = cross_entropy(logits.float(), batch.expression)
        self.descend(loss, "expression_head")
        return loss

    def _face_discriminator_step(self, generated: Tensor, batch: TransferBatch, adversarial: bool) -> Tensor:
        discriminator = self.networks["face_discriminator"]
        loss = cross_entropy(discriminator(batch.identity_faces).float(), batch.person)
        if adversarial:
            fake = torch.full_like(batch.person, self.faces.persons)
            loss = loss + cross_entropy(discriminator(generated.detach()).float(), fake)
        self.descend(loss, "face_discriminator")
        return loss

    def _expression_discriminator_step(
        self, generated: Tensor, batch: TransferBatch, adversarial: bool
    ) -> dict[str, Tensor]:
        discriminator = self.networks["expression_discriminator"]
        logits = discriminator(batch.expression_faces)
        loss = cross_entropy(logits.float(), batch.expression)
        accuracy = (logits.argmax(dim=1) == batch.expression).float().mean()
        if self.recipe.fake_expression and adversarial:
            fake = torch.full_like(batch.expression, len(self.recipe.model.expressions))
            loss = loss + cross_entropy(discriminator(generated.detach()).float(), fake)
        self.descend(loss, "expression_discriminator")
        return {"expression_discriminator": loss, "expression_discriminator_accuracy": accuracy}

    def _identity_losses(
        self, batch: TransferBatch, generated: Tensor, moment: Moment
    ) -> dict[str, tuple[float, Tensor]]:
        """What the face discriminator and the second pass through the generator say: Eq. 6, first term, 7 and 8."""
        recipe, face = self.recipe, self.networks["face_discriminator"]
        assert isinstance(face, Discriminator)
        features = face.features(generated)
        of_person = cross_entropy(face.head(features).float(), batch.person)
        content = semantic_content(face, features, batch.identity_faces)
        both = dual_consistency(
            self._model(),
            generated,
            batch.identity_faces,
            batch.expression_faces,
            noise=lambda count: self._noise(count, moment),
        )
        return {
            "transfer_identity": (recipe.identity_weight, of_person),
            "content": (recipe.content_weight, content),
            **{name: (recipe.consistency_weight, value) for name, value in both.items()},
        }

    def _picture_losses(
        self, batch: TransferBatch, identity: Tensor, expression: Tensor, generated: Tensor
    ) -> dict[str, tuple[float, Tensor]]:
        """Weight and value of every repair's term; `generated` ends with the rendered pairs."""
        recipe, model = self.recipe, self._model()
        losses: dict[str, tuple[float, Tensor]] = {}
        if recipe.reconstruction_weight > 0:  # Differs from the paper: the expression comes from another view.
            again = model.paint(identity[: batch.real], model.expression_code(batch.other_views))
            error = edge_aware_error(again.float(), batch.identity_faces[: batch.real])
            losses["reconstruction"] = (recipe.reconstruction_weight, error)
        if recipe.hiding_weight > 0:  # Differs from the paper: nothing there keeps the expression out of the code.
            hiding = reversed_gradient(model.identity_code(batch.expression_faces))
            read = self.networks["expression_adversary"](hiding).float()
            losses["expression_in_identity"] = (recipe.hiding_weight, cross_entropy(read, batch.expression))
        if batch.truth is not None:  # Differs from the paper: the answer is known where faces are rendered.
            weight = change_weight(batch.truth, batch.identity_faces[batch.real :])
            error = edge_aware_error(generated[-len(batch.truth) :].float(), batch.truth, weight)
            losses["counterfactual"] = (recipe.counterfactual_weight, error)
        return losses

    def _noise(self, count: int, moment: Moment) -> Tensor | None:
        if self.recipe.noise == "constant":
            return None
        shape = (count, self.recipe.model.noise_channels, 8, 8)
        return torch.rand(shape, generator=moment.generator, device=self.accelerator.device)

    def validate(self) -> dict[str, float]:
        return transfer_figures(self._average(), self.faces)
