"""Up to three methods on one question about one face, examined in short steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.asking import ask, examine
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.verdict import Verdict
from fer_demo.inference.recognize.probabilities import answers_of, recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.face_field import ChosenFace

MOST_METHODS = 3
OWN = ""  # the expression: the one that the model answers with
NONE = ""  # the other one: none


@dataclass(frozen=True, eq=False)
class Map:
    """What one method drew; curves and a verdict when it was checked."""

    heat: np.ndarray  # (size, size), positive where a pixel speaks for the answer
    curves: Mapping[str, np.ndarray]  # by name, the answer at each of SHARES
    verdict: Verdict | None


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Explained:
    """What the tab shows: the maps of one question about one face."""

    crop: FaceCrop
    model: str
    question: str
    maps: Mapping[str, Map]  # by method
    rivals: Mapping[str, Mapping[str, np.ndarray]]  # by curve and rival, (maps, shares)
    troubles: tuple[str, ...]  # why methods are missing
    asked: object = field(default_factory=object)  # stays the same while the checks of these maps go on

    @property
    def checked(self) -> bool:
        """Whether every map has its verdict."""
        return all(one.verdict is not None for one in self.maps.values())


class Explanations:
    """The work: first all maps, so that they can be shown, then the checks of one after the other."""

    def __init__(self, crop: FaceCrop, model: str, asked: Asked, examinations: Mapping[str, Examination]) -> None:
        self._crop, self._model, self._asked, self._examinations = crop, model, asked, dict(examinations)
        self.total, self.done = sum(one.total for one in examinations.values()), 0
        self._troubles: list[str] = []

    def advance(self, seconds: float) -> None:
        """Go on for about so long; all maps come in the first step, without methods that this model rules out.

        Raises: CheckpointError if it rules out all of them.
        """
        end = time.monotonic() + seconds
        for method, one in list(self._examinations.items()):
            if one.heat is None:
                self._map(method, one)
        while (left := self._unfinished()) and time.monotonic() < end:
            left[0].advance(0)
        self.done = sum(one.done for one in self._examinations.values())

    def found(self) -> Explained:
        """What is known so far."""
        maps = {
            method: Map(one.heat, dict(one.curves), one.verdict)
            for method, one in self._examinations.items()
            if one.heat is not None
        }
        rivals = dict(self._asked.rival_curves)
        return Explained(self._crop, self._model, self._asked.question.words, maps, rivals, tuple(self._troubles))

    def _map(self, method: str, one: Examination) -> None:
        try:
            one.advance(0)
        except CheckpointError as error:
            self._troubles.append(f"{method}: {error}")
            self.total -= one.total
            del self._examinations[method]
            if not self._examinations:
                raise CheckpointError(" ".join(self._troubles)) from error

    def _unfinished(self) -> list[Examination]:
        return [one for one in self._examinations.values() if one.verdict is None]


def explanations_of(
    context: AppContext, chosen: ChosenFace | None, model: str, expression: str, other: str, methods: Sequence[str]
) -> Explanations:
    """The work on what was asked, not yet begun.

    Raises: DataError without a face, a method or with too many; SettingsError and CheckpointError for what the model
    cannot be asked.
    """
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    if not methods or len(methods) > MOST_METHODS:
        raise DataError(f"Choose one to {MOST_METHODS} methods; {len(methods)} are chosen.")
    context.check_recognizer(model)
    asked_model, crop = context.model(model), chosen.crop
    answer = answers_of(asked_model)[0]
    why = expression or recognize(asked_model, [crop], answer=answer)[0].top
    asked = ask(asked_model, crop, why, other or None, answer)
    examinations = {method: examine(asked, crop, method, context.landmarker) for method in methods}
    return Explanations(crop, model, asked, examinations)


def maps_of(
    context: AppContext, chosen: ChosenFace | None, model: str, expression: str, other: str, methods: Sequence[str]
) -> Explained:
    """The maps, not checked yet.

    Raises: as `explanations_of` and `Explanations.advance` do.
    """
    work = explanations_of(context, chosen, model, expression, other, methods)
    work.advance(0)
    return work.found()
