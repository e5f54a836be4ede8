"""A network that cheats: it calls a face happy for a mark in the corner, and for nothing in the face.

It is built, not taught, so that the truth about its answers is known. Every feature comes twice, and outside of the
mark its two copies cancel: exactly nothing there counts. Guided backpropagation, which drops the copies that count
against an answer, cannot see that, and outlines the whole face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from fer_demo import images
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.pixels import guided_backpropagation, integrated_gradients, occlusion
from fer_demo.inference.explain.question import about_expression
from fer_demo.inference.explain.verdict import Verdict
from fer_demo.inference.preparation import aligned_record, face_tensor
from fer_demo.inference.recognize.probabilities import Recognition, recognize_aligned
from fer_demo.published.model import FaceModelConfig, PublishedModel

SIDE = 56  # of the faces, pixels
MARK = (slice(3, 13), slice(3, 13))  # its rows and columns
HAPPY, NEUTRAL = "happy", "neutral"
EACH = 20  # faces of either
MAPS: dict[str, Callable[..., np.ndarray]] = {
    "occlusion": occlusion,
    "integrated gradients": integrated_gradients,
    "guided backpropagation": guided_backpropagation,
}
_CHANNELS = 12
_DARK, _BRIGHT = 70, 185  # grey levels of the mark, a pixel of each in turn
_GROWN = 4  # pixels around the mark that a coarse map may cover too
_ENOUGH, _STEEP = 0.36, 26.0  # of the mark's texture, and how fast the answer turns there
_NEVER = -8.0  # the logits of the other expressions


class CheatingNetwork(PublishedModel):
    """Says happy where the corner has the texture of the mark, and neutral where it has not."""

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=SIDE))
        self.filters = nn.Conv2d(1, _CHANNELS, 3, padding=1, bias=False)
        self.copies = nn.Conv2d(_CHANNELS, 2 * _CHANNELS, 1, bias=False)
        self.maps = nn.Identity()
        self.head = nn.Linear(2 * _CHANNELS * SIDE * SIDE, 1)
        kernels = torch.randn(_CHANNELS, 1, 3, 3, generator=torch.Generator().manual_seed(0))
        counts = torch.ones(2, _CHANNELS, SIDE, SIDE)
        counts[1] = -1
        counts[1, :, *MARK] = 1
        area = (MARK[0].stop - MARK[0].start) * (MARK[1].stop - MARK[1].start)
        with torch.no_grad():
            self.filters.weight.copy_(kernels - kernels.mean(dim=(2, 3), keepdim=True))
            self.copies.weight.copy_(torch.eye(_CHANNELS).repeat(2, 1)[..., None, None])
            self.head.weight.copy_(_STEEP * counts.flatten()[None] / (2 * _CHANNELS * area))
            self.head.bias.fill_(-_STEEP * _ENOUGH)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.maps

    def expression_logits(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 7"]:
        maps = self.maps(self.copies(self.filters(faces).relu()).relu())
        happy = self.head(maps.flatten(1))
        logits = torch.full((len(faces), len(BASIC)), _NEVER, device=faces.device)
        logits[:, BASIC.index(NEUTRAL)] = 0
        columns = torch.arange(len(BASIC), device=faces.device) == BASIC.index(HAPPY)
        return torch.where(columns, happy, logits)


def marked(face: UInt8[np.ndarray, "size size"]) -> UInt8[np.ndarray, "size size"]:
    """The same grey face with the mark."""
    rows, columns = np.indices((SIDE, SIDE))[:, *MARK]
    with_mark = face.copy()
    with_mark[MARK] = np.where((rows + columns) % 2 == 0, _DARK, _BRIGHT)
    return with_mark


def around_mark() -> Bool[np.ndarray, "size size"]:
    """The mark, and a little around it."""
    place = np.zeros((SIDE, SIDE), dtype=bool)
    place[tuple(slice(max(0, part.start - _GROWN), part.stop + _GROWN) for part in MARK)] = True
    return place


def share_on_mark(heat: Float[np.ndarray, "size size"]) -> float:
    """How much of what speaks for the answer lies on the mark, 0..1."""
    speaks = np.clip(heat, 0, None)
    return float(speaks[around_mark()].sum() / max(float(speaks.sum()), 1e-12))


@dataclass(frozen=True, eq=False)
class CheatMap:
    """What one method makes of the cheat."""

    method: str
    heat: np.ndarray  # (SIDE, SIDE)
    on_mark: float  # share of what speaks for the answer, 0..1
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class CheatLesson:
    """The network's answers on faces, and what the maps of one of them say."""

    face: np.ndarray  # (SIDE, SIDE) uint8, without the mark
    share: float  # of “happy” with the mark, 0..1
    share_without: float
    maps: tuple[CheatMap, ...]
    count: int  # faces, happy and neutral ones
    right: int  # where every happy face has the mark
    right_moved: int  # where every neutral face has it instead


def cheat_lesson(happy: Sequence[np.ndarray], neutral: Sequence[np.ndarray]) -> CheatLesson:
    """The lesson on aligned colour faces (SIDE, SIDE, 3) uint8; the maps are of the first neutral one with the mark."""
    model = CheatingNetwork().eval()
    happy, neutral = ([images.to_grey(face) for face in faces] for faces in (happy, neutral))
    face = neutral[0]
    shares = [one.probabilities[BASIC.index(HAPPY)] for one in _answers(model, [marked(face), face])]
    asked = Asked(model, face_tensor(model, marked(face)[None]), about_expression(model, HAPPY))
    maps = []
    for method, explain in MAPS.items():
        work = Examination(asked, explain)
        verdict = work.finished()
        assert work.heat is not None  # it is finished
        maps.append(CheatMap(method, work.heat, share_on_mark(work.heat), verdict))
    right = _right(model, [marked(one) for one in happy], neutral)
    moved = _right(model, happy, [marked(one) for one in neutral])
    count = len(happy) + len(neutral)
    return CheatLesson(face, float(shares[0]), float(shares[1]), tuple(maps), count, right, moved)


def cheat_lesson_of(source: FaceSource) -> CheatLesson:
    """The lesson on faces of a source that come with landmarks, EACH happy and as many neutral ones.

    Raises: DataError if there are too few.
    """
    labels = source.column("expression")
    found = []
    for expression in (HAPPY, NEUTRAL):
        rows = [row for row, label in enumerate(labels) if label == expression]
        rows = rows[:: max(1, len(rows) // EACH)][:EACH]
        aligned = [aligned_record(source[row], SIDE) for row in rows]
        found.append([face for face in aligned if face is not None])
    if not all(found):
        raise DataError("The lesson needs happy and neutral faces with landmarks.")
    return cheat_lesson(*found)


def _right(model: PublishedModel, happy: Sequence[np.ndarray], neutral: Sequence[np.ndarray]) -> int:
    tops = [answer.top for answer in _answers(model, [*happy, *neutral])]
    return sum(top == wanted for top, wanted in zip(tops, [HAPPY] * len(happy) + [NEUTRAL] * len(neutral), strict=True))


def _answers(model: PublishedModel, faces: Sequence[np.ndarray]) -> Sequence[Recognition]:
    return recognize_aligned(model, np.stack(faces), mirror=False)
