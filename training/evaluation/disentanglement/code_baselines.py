"""The codes of a model's faces beside those they are compared with, reduced for the probes of the app."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate
from tqdm import tqdm

from fer_demo.capabilities import EditsPhoto, EncodesFactors, RecognizesExpression
from fer_demo.checkpoints import load_model
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError
from fer_demo.inference.encoding import BASELINE_CLASSIFIER
from fer_demo.inference.identity import as_embedder
from fer_demo.inference.leakage.probe_codes import DIMS, OWN, TITLES, ProbeCodes
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import build_face_set

EMBEDDER = "identity_embedder"
_BATCH = 64
_LEAST = 1e-6  # probability, so that its logarithm stays finite

Encode = Callable[[Tensor], Tensor]


def encode_source(model: PublishedModel, source: FaceSource, seed: int) -> ProbeCodes:
    """All codes of all faces; the seed fills the untrained encoder and starts the search for principal dimensions.

    Every code sees the same grey crops at the model's size, brought to the size that its network wants.

    Raises: CheckpointError if the model has no code.
    """
    classifier, embedder = load_model(BASELINE_CLASSIFIER), load_model(EMBEDDER)
    assert isinstance(classifier, ExpressionClassifier)
    faces = plain_views(build_face_set(source, model.config.size).crops, model.config.size)
    side = classifier.config.size
    small = interpolate(faces, size=(side, side), mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
    recognizer, seen = (model, faces) if isinstance(model, RecognizesExpression) else (classifier, small)
    found = _own_codes(model, faces)
    found |= {
        "pixels": faces.flatten(1).numpy(),
        "classifier": _encoded(classifier.features, small, "classifier"),
        "untrained": _own_codes(_untrained(model, seed), faces)["expression"],
        "embedder": _encoded(as_embedder(embedder).embed_aligned, faces, "embedder"),
        "probabilities": _encoded(lambda part: _log_probabilities(recognizer, part), seen, "probabilities"),
    }
    return ProbeCodes(
        weights_sha256=_sha256(model),
        compared_sha256={BASELINE_CLASSIFIER: _sha256(classifier), EMBEDDER: _sha256(embedder)},
        keys=tuple(source.column("key")),
        brightness=(faces.mean(dim=(1, 2, 3)) * 127.5 + 127.5).numpy(),
        codes={name: principal(found[name], DIMS, seed) for name in TITLES if name in found},
        seed=seed,
    )


def principal(codes: np.ndarray, dims: int, seed: int) -> np.ndarray:
    """(N, D) codes on their first principal dimensions, as float32 in units that fp16 can hold."""
    from sklearn.decomposition import PCA

    kept = min(dims, *codes.shape)
    reduced = PCA(kept, svd_solver="randomized", random_state=seed).fit_transform(codes.astype(np.float32))
    return (reduced / (np.abs(reduced).max() or 1.0) * 100).astype(np.float32)


def compared_weights() -> dict[str, str]:
    """The weights of the models that codes are compared with now, by catalogue name."""
    return {name: _sha256(load_model(name)) for name in (BASELINE_CLASSIFIER, EMBEDDER)}


def _sha256(model: PublishedModel) -> str:
    assert model.origin is not None  # load_model always sets it
    return model.origin.sha256


@torch.inference_mode()
def _own_codes(model: PublishedModel, faces: Tensor) -> dict[str, np.ndarray]:
    """Whatever codes the model has."""
    if isinstance(model, EncodesFactors):
        parts = [model.encode(part) for part in tqdm(faces.split(_BATCH), desc="codes", leave=False)]
        return {name: torch.cat([getattr(part, name) for part in parts]).float().numpy() for name in OWN}
    if isinstance(model, EditsPhoto):
        return {"expression": _encoded(model.expression_code, faces, "codes")}
    raise CheckpointError(f"{type(model).__name__} has no code to look into; choose a model that encodes faces.")


def _untrained(model: PublishedModel, seed: int) -> PublishedModel:
    """The same architecture before it learned anything."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return type(model)(model.config).eval()


def _log_probabilities(recognizer: PublishedModel, faces: Tensor) -> Tensor:
    assert isinstance(recognizer, RecognizesExpression)
    return recognizer.expression_logits(faces).softmax(dim=1).clamp_min(_LEAST).log()


@torch.inference_mode()
def _encoded(encode: Encode, faces: Tensor, name: str) -> np.ndarray:
    parts = [encode(part).flatten(1) for part in tqdm(faces.split(_BATCH), desc=name, leave=False)]
    return torch.cat(parts).float().numpy()
