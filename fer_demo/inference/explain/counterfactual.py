"""Counterfactuals: the smallest change of the facial movements after which a recognizer gives another answer.

The step is searched by gradient through the editor, so that the picture stays a face of the same person and the step
can be said in words. A fixed editor is what keeps this from being an adversarial pattern, but only in part: whether
another recognizer, which had no say in the search, agrees is asked as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from fer_demo.capabilities import EditsPhoto
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_batches, face_tensor
from fer_demo.inference.recognize.probabilities import LABEL, logits_of
from fer_demo.inference.transfer.editing import (
    SLIDER_RANGE,
    SLIDERS,
    EditedFace,
    as_photo_editor,
    edit_frames,
    slider_direction,
)
from fer_demo.published.model import PublishedModel

_STEPS = 20  # of the search, each along one gradient
_HALVINGS = 6  # of the way back to the boundary
_LONGEST = 0.4  # of one step, units: the gradient says little about what lies farther away
_AHEAD = 0.2  # by which the wanted logit must be ahead, so that the picture in grey levels is answered alike
_OVERSHOOT = 2.0  # times as far ahead the linear estimate aims
_PATIENCE = 6  # steps without a better place, after which the search ends
_LONGER = (1.0, 1.1, 1.25, 1.5, 2.0)  # times the step found, until the picture that is shown is answered as wanted
_NAMED, _SHOWN = 6, 0.03  # as many sliders are named, unless they move less


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """The changed face that came nearest to the wanted answer, and what changed it."""

    edited: EditedFace
    movements: Mapping[str, float]  # by slider, -1..1, the largest first
    wanted: str
    before: str  # the recognizer's label of the face as it is
    after: str  # and of the picture that is shown
    share: float  # probability of the wanted expression in that picture, 0..1, not calibrated

    @property
    def found(self) -> bool:
        """Whether the answer became the wanted one."""
        return self.after == self.wanted

    @property
    def step(self) -> float:
        """Euclidean length of the step in units, in which a slider of two units at 1 is 1.4 long."""
        return float(np.linalg.norm(self.edited.wanted - self.edited.own))

    @property
    def words(self) -> str:
        """What moved, in one sentence."""
        named = [f"{name} {value:+.2f}" for name, value in self.movements.items() if abs(value) >= _SHOWN]
        more = len(named) - _NAMED
        moved = ", ".join(named[:_NAMED]) + (f" and {more} smaller ones" if more > 0 else "") or "hardly anything"
        if self.before == self.wanted:
            return f"The label is {self.wanted} already."
        if not self.found:
            return f"No step that was tried makes the label {self.wanted}; the nearest one moves {moved}."
        return f"The label becomes {self.wanted} with: {moved}."


class CounterfactualSearch:
    """The search for another label, a piece at a time; `result` is there when `done` equals `total`."""

    def __init__(self, model: PublishedModel, editor: PublishedModel, crop: FaceCrop, wanted: str) -> None:
        """Raise SettingsError for an expression that the recognizer does not know, CheckpointError for other models."""
        self._expressions = logits_of(model, LABEL)[1]
        if wanted not in self._expressions:
            raise SettingsError(f"The model does not know {wanted!r}; choose one of: {', '.join(self._expressions)}.")
        self._logits = _logits_in_any_size(model)
        self._model, self._editor, self._crop, self._wanted = model, editor, crop, wanted
        self._photo_editor: EditsPhoto = as_photo_editor(editor)
        self._place = self._expressions.index(wanted)
        self.total, self.done = _STEPS + _HALVINGS + 1, 0
        self.result: Counterfactual | None = None
        self._work = self._run()

    def advance(self, seconds: float) -> None:
        """Go on for about so long, at least one step."""
        end = time.monotonic() + seconds
        while self.result is None:
            next(self._work, None)
            self.done = self.total if self.result is not None else min(self.done + 1, self.total - 1)
            if time.monotonic() >= end:
                return

    def finished(self) -> Counterfactual:
        """The result, after all that is left to do."""
        while self.result is None:
            self.advance(1.0)
        return self.result

    def _run(self) -> Iterator[None]:
        with torch.no_grad():
            face = next(face_batches(self._editor, [self._crop])).float()
            own = self._photo_editor.expression_code(face)
        basis, reach = _basis().to(own), _reach().to(own)
        margin = _Margin(self._photo_editor, self._logits, face, own, basis, self._place)
        place = self._start(own, basis).clamp(-reach, reach)
        best, nearest, idle = place, -torch.inf, 0
        for _ in range(_STEPS):
            value, gradient = margin.with_gradient(place)
            reached = nearest > _AHEAD
            better = value > _AHEAD and place.norm() < best.norm() if reached else value > nearest
            idle = 0 if better else idle + 1
            if better:
                best, nearest = place, value
            if idle == _PATIENCE:
                break
            place = _nearer(place, value, gradient, nearest > _AHEAD).clamp(-reach, reach)
            yield
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS if nearest > _AHEAD else 0):
            middle = (low + high) / 2
            low, high = (low, middle) if margin(middle * best) > _AHEAD else (middle, high)
            yield
        self.result = self._shown(own, high * best, basis, reach)

    def _start(self, own: Tensor, basis: Tensor) -> Tensor:
        """The step to the prototype of the wanted expression; none for one that the editor does not know."""
        if self._wanted not in BASIC:
            return torch.zeros(1, len(basis), device=own.device)
        return (self._photo_editor.prototypes()[BASIC.index(self._wanted)].to(own) - own) @ basis.T

    def _shown(self, own: Tensor, step: Tensor, basis: Tensor, reach: Tensor) -> Counterfactual:
        """The step in the picture that is shown, in colour and in whole grey levels; longer if these need it."""
        before = self._answer(self._crop.pixels(self._editor.config.size))[0]
        for times in _LONGER if before != self._wanted else (0.0,):
            place = (times * step).clamp(-reach, reach)
            edited = edit_frames(self._editor, self._crop, own, own + place @ basis)[0]
            after, probability = self._answer(edited.pixels)
            if after == self._wanted:
                break
        widths = _basis_widths()
        moved = {name: float(value / width) for name, value, width in zip(SLIDERS, place[0], widths, strict=True)}
        ordered = dict(sorted(moved.items(), key=lambda item: -abs(item[1])))
        return Counterfactual(edited, ordered, self._wanted, before, after, probability)

    @torch.no_grad()
    def _answer(self, pixels: np.ndarray) -> tuple[str, float]:
        shares = self._logits(face_tensor(self._model, pixels[None]))[0].softmax(0)
        return self._expressions[int(shares.argmax())], float(shares[self._place])


class _Margin:
    """How far the wanted logit is ahead of the largest other one, as a function of the step in the basis."""

    def __init__(
        self,
        editor: EditsPhoto,
        logits: Callable[[Tensor], Tensor],
        face: Tensor,
        own: Tensor,
        basis: Tensor,
        wanted: int,
    ) -> None:
        self._editor, self._logits, self._face, self._own = editor, logits, face, own
        self._basis, self._wanted = basis, wanted

    def __call__(self, place: Float[Tensor, "1 sliders"]) -> float:
        with torch.no_grad():
            return float(self._of(place))

    def with_gradient(self, place: Float[Tensor, "1 sliders"]) -> tuple[float, Float[Tensor, "1 sliders"]]:
        with torch.enable_grad():
            point = place.detach().clone().requires_grad_(True)
            value = self._of(point)
            (gradient,) = torch.autograd.grad(value, point)
        return float(value.detach()), gradient

    def _of(self, place: Tensor) -> Tensor:
        picture = self._editor.edit(self._face, self._own + place @ self._basis, self._own).result
        logits = self._logits(picture)[0]
        others = torch.cat([logits[: self._wanted], logits[self._wanted + 1 :]])
        return logits[self._wanted] - others.max()


def _nearer(place: Tensor, value: float, gradient: Tensor, reached: bool) -> Tensor:
    """Towards where the margin would be a little more than _AHEAD if it were linear, by at most _LONGEST.

    First to the nearest such place from here (DeepFool: Moosavi-Dezfooli et al. 2016, Eq. 5); once the answer is
    reached, to the nearest from no step at all (Hasofer and Lind 1974).
    """
    steepness = gradient.norm().clamp_min(1e-8)
    uphill = gradient / steepness
    way = uphill * (_OVERSHOOT * _AHEAD - value) / steepness
    if reached:
        way = way + uphill * (uphill * place).sum() - place
    return place + way * (_LONGEST / way.norm().clamp_min(_LONGEST))


def _logits_in_any_size(model: PublishedModel) -> Callable[[Tensor], Tensor]:
    """The recognizer's logits for grey or colour pictures of any size, averaged with those of the mirror image."""
    compute = logits_of(model, LABEL)[2]
    size, channels = model.config.size, model.config.channels

    def logits(pictures: Tensor) -> Tensor:
        seen = pictures.expand(-1, channels, -1, -1)
        if seen.shape[-1] != size:
            seen = interpolate(seen, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
        return (compute(seen) + compute(seen.flip(3))) / 2

    return logits


def _basis() -> Float[Tensor, "sliders 52"]:
    """The directions of the sliders, which are orthogonal, each of length 1."""
    rows = np.stack([slider_direction(name) for name in SLIDERS])
    return torch.from_numpy(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _basis_widths() -> list[float]:
    """How long each slider at 1 is, in units."""
    return [float(np.linalg.norm(slider_direction(name))) for name in SLIDERS]


def _reach() -> Float[Tensor, " sliders"]:
    """How far each direction may be followed: as far as its slider goes."""
    return torch.tensor(_basis_widths()) * SLIDER_RANGE[1]
