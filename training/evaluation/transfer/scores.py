"""The scores of one transfer on fixed pairs, each with an interval over the people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import interpolate

from fer_demo.capabilities import RecognizesExpression
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import Detector
from fer_demo.images import to_colour, to_uint8
from fer_demo.inference.identity import IdentityBand, distances, embed_aligned
from fer_demo.inference.preparation import face_tensor
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.brightness import brightness_drift
from fer_demo.metrics.cycle_error import cycle_error
from fer_demo.metrics.diversity import diversity
from fer_demo.metrics.frechet import frechet_distance
from fer_demo.metrics.head_pose import pose_drift
from fer_demo.metrics.kernel_distance import kernel_distance
from fer_demo.metrics.perceptual import perceptual_distance
from fer_demo.metrics.sharpness import sharpness_ratio
from fer_demo.metrics.structural_similarity import structural_similarity
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel
from training.evaluation.transfer.methods import CYCLE, Transfer
from training.evaluation.transfer.pairs import TransferPairs, TruePairs, basic_labels
from training.evaluation.transfer.table import RENDERED, Score, Scores
from training.recognition.answers import basic_order

DRAWS = 1000  # of the bootstrap
JACKKNIFE_GROUPS = 10  # of people, left out in turn
FACES_AT_ONCE = 32
COMPARED = 64  # pixels at which pictures are held against the truth: editors differ in size, and finer ones err more


@dataclass(frozen=True)
class EvaluationModels:
    """The networks that measure results; none of them may teach an editor."""

    judge: PublishedModel  # a recognizer
    embedder: IdentityEmbedder
    band: IdentityBand  # of the size of the faces
    detector: Detector
    seed: int

    def answers(self, faces: Float[Tensor, "faces channels size size"]) -> np.ndarray:
        """The judge's answers, as indices into BASIC."""
        if not isinstance(self.judge, RecognizesExpression):
            raise CheckpointError(f"{type(self.judge).__name__} cannot judge expressions; choose a recognizer.")
        read = [self.judge.expression_logits(face_tensor(self.judge, to_uint8(part))) for part in faces.split(256)]
        return torch.cat(read)[:, basic_order(self.judge)].argmax(dim=1).numpy()

    def read(self, pairs: TransferPairs) -> Bool[np.ndarray, "people 7"]:
        """Whether the judge names the drivers' own expressions."""
        return self.answers(pairs.paired_drivers).reshape(-1, len(BASIC)) == np.arange(len(BASIC))

    def descriptors(self, faces: Float[Tensor, "faces channels size size"]) -> Float[np.ndarray, "faces 128"]:
        """Who the faces are."""
        return embed_aligned(self.embedder, to_uint8(faces))

    def texture(self, faces: Float[Tensor, "faces channels size size"]) -> Float[np.ndarray, "faces 64"]:
        """Texture of faces regardless of identity: channel means of the embedder's second stage."""
        maps = [self.embedder.feature_maps(self.embedder.chips(part))[1] for part in faces.split(FACES_AT_ONCE)]
        return torch.cat(maps).mean(dim=(2, 3)).numpy()

    def perceptual(self, one: Tensor, other: Tensor) -> np.ndarray:
        """Distance in the embedder's feature maps, picture by picture."""
        parts = zip(one.split(FACES_AT_ONCE), other.split(FACES_AT_ONCE), strict=True)
        chips, maps = self.embedder.chips, self.embedder.feature_maps
        return torch.cat([perceptual_distance(chips(a), chips(b), maps) for a, b in parts]).numpy()

    def points(self, face: Float[Tensor, "channels size size"]) -> np.ndarray | None:
        """The five points of a face, None where the detector finds none."""
        found = self.detector.detect(to_colour(to_uint8(face[None]))[0])
        return found[0].points if found else None


@dataclass(frozen=True)
class References:
    """What is measured once for all transfers of the same pairs."""

    gallery: Float[np.ndarray, "gallery 128"]  # descriptors; the sources' come first
    reference: Float[np.ndarray, "reference 64"]  # textures of real photographs
    drivers_read: Bool[np.ndarray, "people 7"]  # by EvaluationModels.read

    @classmethod
    def of(cls, models: EvaluationModels, pairs: TransferPairs) -> References:
        """Measure the pairs themselves."""
        return cls(models.descriptors(pairs.gallery), models.texture(pairs.reference), models.read(pairs))

    def driven(self, models: EvaluationModels, pairs: TransferPairs) -> References:
        """The same people with other drivers."""
        return replace(self, drivers_read=models.read(pairs))


def score_on_strangers(
    transfer: Transfer, pairs: TransferPairs, references: References, models: EvaluationModels, cycle: bool = True
) -> Scores:
    """Scores of single results that need no ground truth; cycle: whether to give the own expression back as well."""
    sources, labels = pairs.paired_sources, pairs.paired_labels
    results = transfer(sources, pairs.paired_drivers, labels)
    shape = (len(pairs.sources), len(BASIC))
    scores = _expression_and_identity(results, references, models, shape)
    table = {
        "sharpness ratio": sharpness_ratio(results, sources),
        "brightness drift": brightness_drift(results, sources),
        "diversity": diversity(results.unflatten(0, shape), _grey_levels),
    }
    if cycle:
        table[CYCLE] = cycle_error(sources, results, lambda faces, own: transfer(faces, own, labels))
    for name, values in table.items():
        middle = np.median if name == "sharpness ratio" else np.mean  # a ratio has a long tail
        scores[name] = interval(values.numpy().reshape(len(pairs.sources), -1), models.seed, middle)
    scores["head pose drift"], scores["face found"] = _pose(pairs.sources, results.unflatten(0, shape), models)
    return scores


def score_as_a_set(
    transfer: Transfer, pairs: TransferPairs, references: References, models: EvaluationModels
) -> Scores:
    """Whether results, all together, look like photographs.

    Of many people one result each: seven results of few people would lack the variety of the reference.
    """
    textures = models.texture(transfer(pairs.gallery, pairs.gallery_drivers, pairs.gallery_labels))
    return {
        "Fréchet distance": jackknife(textures, lambda rows: frechet_distance(rows, references.reference)),
        "kernel distance": jackknife(textures, lambda rows: kernel_distance(rows, references.reference)),
    }


def score_rendered_drivers(
    transfer: Transfer, pairs: TransferPairs, references: References, models: EvaluationModels
) -> Scores:
    """Expression and identity alone."""
    results = transfer(pairs.paired_sources, pairs.paired_drivers, pairs.paired_labels)
    scores = _expression_and_identity(results, references, models, (len(pairs.sources), len(BASIC)))
    return {f"{name}{RENDERED}": score for name, score in scores.items()}


def score_against_truth(transfer: Transfer, pairs: TruePairs, models: EvaluationModels) -> Scores:
    """Errors against the exact answers, at one size for all editors."""
    shape = pairs.sources.shape[:2]
    sources, drivers, truth = (faces.flatten(0, 1) for faces in (pairs.sources, pairs.drivers, pairs.truth))
    results = transfer(sources, drivers, basic_labels(shape[0]))
    seen, untouched, right = (_compared(faces) for faces in (results, sources, truth))
    error, copying = _grey_levels(seen, right).numpy(), _grey_levels(untouched, right).numpy()
    scores = {
        "L1 to the truth": interval(error.reshape(shape), models.seed),
        "SSIM to the truth": interval(structural_similarity(seen, right).numpy().reshape(shape), models.seed),
        "perceptual distance to the truth": interval(models.perceptual(results, truth).reshape(shape), models.seed),
    }
    both = np.stack([error.reshape(shape), copying.reshape(shape)], axis=-1)
    scores["share of the true change"] = interval(both, models.seed, _share_of_change)
    return scores


def interval(
    values: Float[np.ndarray, "people ..."], seed: int, statistic: Callable[[np.ndarray], float] = np.mean
) -> Score:
    """The statistic of all values and its 95 % bootstrap interval; people are redrawn, not pairs.

    Results of one person resemble each other; pairs drawn one by one would promise too narrow an interval.
    """
    low, high = bootstrap_interval(values, seed, statistic, DRAWS)
    return Score(float(statistic(values)), low, high, int(np.prod(values.shape[:2])))


def jackknife(features: Float[np.ndarray, "people dims"], distance: Callable[[np.ndarray], float]) -> Score:
    """A distance of sets, with 1.96 standard errors from leaving out groups of people (Tukey 1958).

    A bootstrap would repeat pictures, which both distances of sets answer with a bias.
    """
    people = len(features)
    groups = np.array_split(np.arange(people), min(JACKKNIFE_GROUPS, people))
    partial = np.array([distance(np.delete(features, group, axis=0)) for group in groups])
    error = 1.96 * np.sqrt((len(groups) - 1) * partial.var())
    value = distance(features)
    return Score(value, value - float(error), value + float(error), people)


def _expression_and_identity(
    results: Tensor, references: References, models: EvaluationModels, shape: tuple[int, int]
) -> dict[str, Score]:
    """What the judge and the embedder see in the results."""
    people, drivers = shape
    reached = models.answers(results).reshape(shape) == np.arange(drivers)
    descriptors = models.descriptors(results)
    own = np.repeat(np.arange(people), drivers)
    apart = distances(descriptors, references.gallery[own])
    nearest = np.linalg.norm(descriptors[:, None] - references.gallery[None], axis=-1).argmin(axis=1)
    kept = models.band.contains(apart).reshape(shape)
    ceiling = references.drivers_read[:people]
    table: Mapping[str, np.ndarray] = {
        "expression reached": reached,
        "identity kept": kept,
        "both at once": reached & kept,
        "identity rank-1": (nearest == own).reshape(shape),
        "identity distance": apart.reshape(shape),
    }
    scores = {name: interval(values, models.seed) for name, values in table.items()}
    both = np.stack([reached, ceiling], axis=-1)
    scores["expression reached, of the drivers' own"] = interval(both, models.seed, _ratio)
    return scores


def _pose(sources: Tensor, results: Tensor, models: EvaluationModels) -> tuple[Score, Score]:
    """Drift in degrees, and the share of faces found again; one result of each person, since detecting is slow."""
    drifts, found = [], []
    for number, source in enumerate(sources):
        before, after = models.points(source), models.points(results[number, number % results.shape[1]])
        found.append(after is not None)
        if before is not None and after is not None:
            drifts.append(pose_drift(before, after))
    drift = interval(np.array(drifts)[:, None], models.seed) if drifts else Score(180.0, 180.0, 180.0, 0)
    return drift, interval(np.array(found)[:, None], models.seed)


def _compared(faces: Float[Tensor, "faces channels size size"]) -> Float[Tensor, "faces channels 64 64"]:
    if faces.shape[-1] == COMPARED:
        return faces
    return interpolate(faces, (COMPARED, COMPARED), mode="bilinear", antialias=True)


def _grey_levels(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).abs().mean(dim=(1, 2, 3)) * 127.5


def _share_of_change(both: np.ndarray) -> float:
    """1 = exact, 0 = as far from the truth as the untouched source."""
    error, copying = both[..., 0].mean(), both[..., 1].mean()
    return float(1 - error / max(copying, 1e-9))


def _ratio(both: np.ndarray) -> float:
    return float(both[..., 0].mean() / max(both[..., 1].mean(), 1e-9))
