"""Published recognizers that teach another one: their answers to its views, whole where it sees half a face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from fer_demo.catalog import ENTRIES
from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.published.model import PublishedModel

# Below the eyes and above the tip of the nose on the template: each half keeps one of eyes and mouth to itself.
MIDDLE = 0.54


@dataclass(frozen=True)
class Teaching:
    """Settings of distillation, and of half-hidden faces (Georgescu and Ionescu 2020)."""

    teachers: tuple[Path, ...] = ()  # folders of published recognizers
    teacher_weight: float = 0.5  # lambda in (1 - lambda) (label + votes) + lambda T^2 KL
    temperature: float = 2.0
    hidden: Literal["nothing", "upper", "lower", "either"] = "nothing"  # half of the face that the student cannot see
    hidden_share: float = 1.0  # of the views
    triplet_weight: float = 0.0  # of triplet distillation, for a teacher with features as long as the student's
    triplet_margin: float = 0.2

    def __post_init__(self) -> None:
        if not 0 <= self.teacher_weight <= 1 or self.temperature <= 0:
            raise SettingsError("The teachers' weight must lie between 0 and 1, and the temperature above 0.")
        if self.triplet_weight and not self.teachers:
            raise SettingsError("Triplets need a teacher.")


@runtime_checkable
class TwoHeaded(Protocol):
    """A recognizer with one vector of features that two heads read."""

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]: ...

    def heads(
        self, features: Float[Tensor, "batch width"]
    ) -> tuple[Float[Tensor, "batch 7"], Float[Tensor, "batch 8"]]: ...


class TaughtAnswers(NamedTuple):
    """What the teachers say about a batch."""

    features: Float[Tensor, "batch width"]  # of the first teacher
    basic: Float[Tensor, "teachers batch 7"]
    votes: Float[Tensor, "teachers batch 8"]


class Teachers:
    """Recognizers that are asked and never change."""

    def __init__(self, folders: tuple[Path, ...], device: torch.device, order: torch.memory_format) -> None:
        self.models = [_two_headed(folder).to(device) for folder in folders]
        for model in self.models:
            model.to(memory_format=order)  # type: ignore[call-overload]

    @torch.no_grad()
    def answers(self, views: Float[Tensor, "batch channels size size"]) -> TaughtAnswers:
        """Features and logits; a teacher of another size sees the views resized."""
        read = []
        for model in self.models:
            assert isinstance(model, TwoHeaded)
            size = model.config.size
            seen = views if views.shape[-1] == size else interpolate(views, size=(size, size), mode="bilinear")
            features = model.features(seen)
            read.append((features, *model.heads(features)))
        basic, votes = (torch.stack([answers[head] for answers in read]).float() for head in (1, 2))
        return TaughtAnswers(read[0][0].float(), basic, votes)


def half_hidden(
    views: Float[Tensor, "batch channels size size"], teaching: Teaching, generator: torch.Generator
) -> Float[Tensor, "batch channels size size"]:
    """The views as the student sees them: a share of them grey above or below the middle of the face."""
    if teaching.hidden == "nothing":
        return views
    chance, side = torch.rand(2, len(views), 1, generator=generator, device=views.device)
    upper = side < {"upper": 1.0, "lower": 0.0, "either": 0.5}[teaching.hidden]
    above = torch.arange(views.shape[-1], device=views.device) < round(MIDDLE * views.shape[-1])
    gone = (chance < teaching.hidden_share) & (above == upper)
    return views.masked_fill(gone[:, None, :, None], 0.0)


def load_teacher(folder: Path) -> PublishedModel:
    """A published recognizer that stays as it is.

    Raises: SettingsError for a judge.
    """
    model = load_model(str(folder))
    if any(entry.judges and isinstance(model, entry.model_class) for entry in ENTRIES):
        raise SettingsError(f"{folder} holds a judge, which may teach nothing, or its verdicts would count no more.")
    return model.requires_grad_(False)


def _two_headed(folder: Path) -> PublishedModel:
    model = load_teacher(folder)
    if not (isinstance(model, TwoHeaded) and isinstance(model, nn.Module)):
        raise SettingsError(f"{folder} holds a {type(model).__name__}, which has no two heads to learn from.")
    return model
