"""IPD-FER's first stage: a small network learns who people are, so that the one that measures need not teach."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.optim import AdamW

from fer_demo.errors import SettingsError
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig
from training.data.augmentation import Augmentation, plain_views, random_views
from training.data.face_set import FaceSet
from training.data.known_people import KnownPeople, known_people
from training.engine.ema import ExponentialMovingAverage, evaluating
from training.engine.objective import Moment, Objective, cosine_rate, on_device, start_from
from training.engine.recipe import Recipe
from training.losses.cosine_margin import cosine_margin


@dataclass(frozen=True)
class IdentityRecipe(Recipe):
    """The paper takes a network that others taught on millions of pictures; this one has what we have."""

    images: int = 600_000
    batch: int = 64
    rate: float = 1e-3  # the peak of a cosine, AdamW
    weight_decay: float = 0.05
    model: IPDFERConfig = field(default_factory=IPDFERConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    initial: Path | None = None  # folder of a published model of the same shape to start from; None: random weights
    scale: float = 24.0  # of the cosines
    margin: float = 0.2  # by which a picture must be nearer to its person
    rendered_share: float = 0.25  # of every batch
    half_life: int = 10_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rendered_share < 1:
            raise SettingsError("What is rendered of every batch is a share from 0 up to 1, without 1.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        model = IPDFER(self.model)
        if self.initial is not None:
            start_from(model, self.initial)
        people = known_people(data, self.model.size, accelerator.device)
        centres = Centres(people.persons, self.model.identity_dims)
        for network in (model, centres):
            on_device(network, accelerator, torch.channels_last)
        learning = [*model.identity_encoder.parameters(), *centres.parameters()]
        return IdentityObjective(
            accelerator,
            networks={"model": model, "centres": centres},
            optimizers={"model": AdamW(learning, lr=self.rate, weight_decay=self.weight_decay)},
            averages={"model": ExponentialMovingAverage(model, self.half_life)},
            faces_read=people.read,
            recipe=self,
            people=people,
            of_person=[
                np.flatnonzero(people.teaching.person.cpu() == n) for n in people.teaching.person.unique().cpu()
            ],
        )


class Centres(nn.Module):
    """A direction for each person who teaches."""

    def __init__(self, persons: int, dims: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(persons, dims) / dims**0.5)


class IdentityBatch(NamedTuple):
    """Views in [-1, 1], and whose they are."""

    views: Float[Tensor, "batch 1 size size"]
    person: Int[Tensor, " batch"]


@dataclass
class IdentityObjective(Objective):
    """Every person of a set as often as any other of it; a margin between them."""

    recipe: IdentityRecipe = field(kw_only=True)
    people: KnownPeople = field(kw_only=True)
    of_person: list[np.ndarray] = field(kw_only=True)  # the rows of each person

    def draw(self, count: int, moment: Moment) -> IdentityBatch:
        people, rng, recipe = self.people, moment.rng, self.recipe
        rendered = 0 if people.rendered is None else round(count * recipe.rendered_share)
        who = rng.integers(len(self.of_person), size=count - rendered)
        faces = people.teaching.select(torch.from_numpy(np.array([rng.choice(self.of_person[n]) for n in who])))
        crops, person = faces.crops, faces.person
        if people.rendered is not None and rendered:
            made, instances = people.rendered.crops.shape[:2]
            p, shown = rng.integers(made, size=rendered), rng.integers(instances, size=rendered)
            crops = torch.cat([crops, people.rendered.crops[p, shown]])
            person = torch.cat([person, torch.from_numpy(p).to(person) + people.persons - made])
        return IdentityBatch(random_views(crops, recipe.model.size, recipe.augmentation, moment.generator), person)

    def training_step(self, batch: IdentityBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, centres = self.recipe, self.networks["centres"]
        assert isinstance(centres, Centres)
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        model = self.networks["model"]
        assert isinstance(model, IPDFER)
        with self.accelerator.autocast():
            codes = model.identity_encoder(batch.views.contiguous(memory_format=torch.channels_last)).float()
        loss = cosine_margin(codes, centres.directions, batch.person, recipe.scale, recipe.margin)
        self.descend(loss, "model")
        nearest = (normalize(codes.detach()) @ normalize(centres.directions.detach()).T).argmax(dim=1)
        return {"identity": loss, "identity_accuracy": (nearest == batch.person).float().mean()}

    def validate(self) -> dict[str, float]:
        """How well strangers are told apart: the share of cases in which their own other picture is the nearer one.

        The score is the same for all, so that the last one is published: strangers are to be tested on, not to choose.
        """
        return {"score": 0.0, "told_apart": told_apart(self.published(), self.people.strangers)}

    def published(self) -> IPDFER:
        average = self.averages["model"].average
        assert isinstance(average, IPDFER)
        return average


def told_apart(model: IPDFER, faces: FaceSet) -> float:
    """Of a picture, another of the same person and one of somebody else: how often the first two are more alike.

    1: always; 0.5: by chance. It is the area under the curve of right and false alarms over all pairs.
    """
    with evaluating(model):
        views = torch.cat([plain_views(crops, model.config.size) for crops in faces.crops.split(256)])
        codes = normalize(torch.cat([model.identity_encoder(part) for part in views.split(256)]))
    above = torch.ones(len(codes), len(codes), dtype=torch.bool).triu(1)
    alike, same = (codes @ codes.T).cpu()[above], (faces.person[:, None] == faces.person).cpu()[above]
    ranks = alike.argsort().argsort().double() + 1
    right, others = int(same.sum()), int((~same).sum())
    return float((ranks[same].sum() - right * (right + 1) / 2) / (right * others))
