"""Interpolation: a strip of faces along one factor while the other is held, with what is measured on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import EditsExpression, EncodesFactors, FactorCodes
from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import encode_one
from fer_demo.inference.preparation import as_editor, as_encoder, face_tensor
from fer_demo.inference.recognize.probabilities import basic_probabilities, recognize_aligned
from fer_demo.inference.transfer.identity_kept import IdentityKept, identity_kept
from fer_demo.inference.transfer.painters import SCALED_BELOW, code_of, painter_of, wholly
from fer_demo.inference.transfer.transfer import Direction, checked, direction_to, targets_along
from fer_demo.published.model import PublishedModel

MAX_STEPS = 101
Factor = Literal["expression", "identity"]


@dataclass(frozen=True, eq=False)
class Strip:
    """The frames of one walk between two codes, with what is measured on each."""

    frames: np.ndarray  # (T, S, S, 3) uint8
    alphas: np.ndarray  # (T,) float32, 0 at the start; at 1 the editor has gone the whole way to the target
    probabilities: np.ndarray  # (T, 7) float32 by the judge, in the order of expressions.BASIC
    identity_similarity: np.ndarray | None  # (T,) float32: cosine of the frame's identity code, encoded again by the
    # editing model itself, to that of the first person; None from a model without identity codes
    along: Factor
    identity: IdentityKept | None = None  # to the first person, by the identity embedder; None without one
    identity_to_target: IdentityKept | None = None  # to the second person of a walk along identity; None of any other

    @property
    def outside(self) -> np.ndarray | None:
        """(T,) bool, the frames that no longer pass for their person; None if unknown or if it is to change."""
        return None if self.identity is None or self.along == "identity" else ~self.identity.inside


@torch.inference_mode()
def interpolate(
    model: PublishedModel,
    judge: PublishedModel,
    source: FaceCrop,
    start: FaceCrop | str | None,
    target: FaceCrop | str,
    steps: int = 11,
    along: Factor = "expression",
    embedder: PublishedModel | None = None,
    *,
    reach: float = 1.0,
    scaled_below: float = SCALED_BELOW,
    direction: Direction | None = None,
) -> Strip:
    """Walk in equal steps from `start` to `target` along one factor; `source` supplies the factor that is held.

    The last frame is the share `reach` of the way along. `scaled_below` is the painters' (0 for what was made before
    they had it). `direction` is that from the source's own expression to the target's, if it is known already.

    Along "expression" the source's identity is held, and start and target are faces or basic expressions by name.
    Along "identity" the source's expression is held, and start and target are two people's faces. A start of None is
    the source itself. `judge` is a recognizer other than `model`, so that it did not learn with it; `embedder` is an
    identity embedder. Grey frames carry the chroma of the photos of the people shown, mixed in the same proportion.

    Raises: SettingsError for steps outside 2-101, a reach out of range, an unknown expression, an expression where a
    person is needed, or a walk along identity with a model that has no identity codes.
    """
    if not 2 <= steps <= MAX_STEPS:
        raise SettingsError(f"The number of steps must lie between 2 and {MAX_STEPS}, not {steps}.")
    alphas = np.linspace(0.0, checked(reach), steps, dtype=np.float32)
    if along == "expression":
        first, last = source, source
        painter = painter_of(model)
        if start is None:
            asked = targets_along(model, direction or direction_to(model, source, target), alphas, scaled_below)
        else:
            begin, end = (code_of(painter, wanted, source) for wanted in (start, target))
            asked = wholly(_between(begin, end, alphas))
        painted = painter.paint([source], asked)
    else:
        first, last = _person(source if start is None else start), _person(target)
        painted = _along_identity(model, source, first, last, alphas)
    judged = recognize_aligned(judge, painted)
    second = last if along == "identity" else None
    return Strip(
        frames=painted if painted.ndim == 4 else _with_mixed_chroma(painted, first, last, alphas),
        alphas=alphas,
        probabilities=np.stack([basic_probabilities(answer) for answer in judged]),
        identity_similarity=_own_view(model, painted, first) if isinstance(model, EncodesFactors) else None,
        along=along,
        identity=None if embedder is None else identity_kept(embedder, painted, first),
        identity_to_target=None if embedder is None or second is None else identity_kept(embedder, painted, second),
    )


def _along_identity(
    model: PublishedModel, source: FaceCrop, first: FaceCrop, last: FaceCrop, alphas: np.ndarray
) -> np.ndarray:
    if not isinstance(model, EditsExpression):
        raise SettingsError(
            "This model has no identity codes, so it cannot turn one person into another; choose TDGAN for that."
        )
    editor = as_editor(model)
    identity = _between(encode_one(model, first).identity, encode_one(model, last).identity, alphas)
    expression = encode_one(model, source).expression.expand(len(alphas), -1)
    return images.to_uint8(editor.decode(FactorCodes(identity, expression)))


def _own_view(model: PublishedModel, frames: np.ndarray, person: FaceCrop) -> np.ndarray:
    """How alike the editing model itself finds the identity codes of the frames and of the person."""
    seen_again = as_encoder(model).encode(face_tensor(model, frames)).identity
    return torch.cosine_similarity(seen_again, encode_one(model, person).identity).float().cpu().numpy()


def _person(wanted: FaceCrop | str) -> FaceCrop:
    if isinstance(wanted, str):
        raise SettingsError(f"Between two people, both ends must be faces; {wanted!r} is not one.")
    return wanted


def _between(
    begin: Float[Tensor, "1 dims"], end: Float[Tensor, "1 dims"], alphas: np.ndarray
) -> Float[Tensor, "steps dims"]:
    weights = torch.from_numpy(alphas)[:, None].to(begin)
    return torch.lerp(begin.expand(len(alphas), -1), end.to(begin).expand(len(alphas), -1), weights)


def _with_mixed_chroma(grey: np.ndarray, first: FaceCrop, last: FaceCrop, alphas: np.ndarray) -> np.ndarray:
    size = grey.shape[1]
    begin, end = (crop.pixels(size).astype(np.float32) for crop in (first, last))
    mixed = [np.rint((1 - alpha) * begin + alpha * end).clip(0, 255).astype(np.uint8) for alpha in alphas]
    return np.stack([images.with_chroma_of(face, photo) for face, photo in zip(grey, mixed, strict=True)])
