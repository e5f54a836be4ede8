"""Interpolation: a strip of faces along one factor while the other is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo import images
from fer_demo.capabilities import FactorCodes
from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import encode_one, prototype
from fer_demo.inference.preparation import as_editor
from fer_demo.inference.recognition import basic_probabilities, recognize_aligned
from fer_demo.published_model import PublishedModel

MAX_STEPS = 101
Factor = Literal["expression", "identity"]


@dataclass(frozen=True, eq=False)
class Strip:
    """The frames of one walk between two codes, with what is measured on each."""

    frames: np.ndarray  # (T, S, S, 3) uint8
    alphas: np.ndarray  # (T,) float32, 0 at the start and 1 at the target
    probabilities: np.ndarray  # (T, 7) float32 by the judge, in the order of expressions.BASIC
    identity_similarity: np.ndarray  # (T,) float32: cosine of the frame's identity code, encoded again by the editing
    # model itself, to that of the first person; the model's own view, not an independent face recognizer's
    along: Factor


@torch.inference_mode()
def interpolate(
    model: PublishedModel,
    judge: PublishedModel,
    source: FaceCrop,
    start: FaceCrop | str | None,
    target: FaceCrop | str,
    steps: int = 11,
    along: Factor = "expression",
) -> Strip:
    """Walk in equal steps from `start` to `target` along one factor; `source` supplies the factor that is held.

    Along "expression" the source's identity is held, and start and target are faces or basic expressions by name.
    Along "identity" the source's expression is held, and start and target are two people's faces. A start of None is
    the source itself. `judge` is a recognizer other than `model`, so that it did not learn with it. Frames of a grey
    model carry the chroma of the photos of the people shown, mixed in the same proportion.

    Raises: SettingsError for steps outside 2-101, an unknown expression, or an expression where a person is needed.
    """
    if not 2 <= steps <= MAX_STEPS:
        raise SettingsError(f"The number of steps must lie between 2 and {MAX_STEPS}, not {steps}.")
    alphas = np.linspace(0.0, 1.0, steps, dtype=np.float32)
    own = encode_one(model, source)
    if along == "expression":
        first, last = source, source
        begin = own.expression if start is None else _expression_code(model, start)
        identity = own.identity.expand(steps, -1)
        expression = _between(begin, _expression_code(model, target), alphas)
        reference = own.identity
    else:
        first, last = _person(source if start is None else start), _person(target)
        reference = encode_one(model, first).identity
        identity = _between(reference, encode_one(model, last).identity, alphas)
        expression = own.expression.expand(steps, -1)
    editor = as_editor(model)
    painted = editor.decode(FactorCodes(identity, expression))
    seen_again = editor.encode(painted).identity
    frames = images.to_uint8(painted)
    judged = recognize_aligned(judge, frames)
    return Strip(
        frames=frames if frames.ndim == 4 else _with_mixed_chroma(frames, first, last, alphas),
        alphas=alphas,
        probabilities=np.stack([basic_probabilities(answer) for answer in judged]),
        identity_similarity=torch.cosine_similarity(seen_again, reference).float().cpu().numpy(),
        along=along,
    )


def _expression_code(model: PublishedModel, wanted: FaceCrop | str) -> Float[Tensor, "1 expression_dims"]:
    return prototype(model, wanted) if isinstance(wanted, str) else encode_one(model, wanted).expression


def _person(wanted: FaceCrop | str) -> FaceCrop:
    if isinstance(wanted, str):
        raise SettingsError(f"Between two people, both ends must be faces; {wanted!r} is not one.")
    return wanted


def _between(
    begin: Float[Tensor, "1 dims"], end: Float[Tensor, "1 dims"], alphas: np.ndarray
) -> Float[Tensor, "steps dims"]:
    weights = torch.from_numpy(alphas)[:, None].to(begin)
    return torch.lerp(begin.expand(len(alphas), -1), end.expand(len(alphas), -1), weights)


def _with_mixed_chroma(grey: np.ndarray, first: FaceCrop, last: FaceCrop, alphas: np.ndarray) -> np.ndarray:
    size = grey.shape[1]
    begin, end = (crop.pixels(size).astype(np.float32) for crop in (first, last))
    mixed = [np.rint((1 - alpha) * begin + alpha * end).astype(np.uint8) for alpha in alphas]
    return np.stack([images.with_chroma_of(face, photo) for face, photo in zip(grey, mixed, strict=True)])
