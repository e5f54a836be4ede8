"""Up to three methods on one question about one face, or on both codes of it, examined in short steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.asking import ANSWER, CODE, PERSON, ask, examine, targets_for
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.many_faces import VERDICT_TABLE, faithful_counts, faithful_sentence
from fer_demo.inference.explain.methods import GRAD_CAM, MASKS, methods_for
from fer_demo.inference.explain.verdict import Verdict
from fer_demo.inference.recognize.probabilities import answers_of, recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.published.model import PublishedModel

MOST_METHODS = 3
ON_ARRIVAL = (GRAD_CAM, "integrated gradients", "occlusion")  # the methods
OWN = ""  # the expression: the one that the model answers with
NONE = ""  # the other one: none
BOTH = "both codes, side by side"  # this person and the expression code


@dataclass(frozen=True, eq=False)
class Map:
    """What one method drew; curves and a verdict when it was checked."""

    method: str
    question: str  # in words
    heat: np.ndarray  # (size, size), positive where a pixel speaks for the answer
    curves: Mapping[str, np.ndarray]  # by name, the answer at each of SHARES
    verdict: Verdict | None


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Explained:
    """What the tab shows: the maps of a question about one face, or of two."""

    crop: FaceCrop
    model: str
    target: str
    maps: Mapping[str, Map]  # by method, and by its question if there are two
    rivals: Mapping[str, Mapping[str, Mapping[str, np.ndarray]]]  # by question, curve and rival, (maps, shares)
    troubles: tuple[str, ...]  # why methods are missing
    often: Mapping[str, str] = field(default_factory=dict)  # by method, on how many faces it is faithful, in a sentence
    asked: object = field(default_factory=object)  # stays the same while the checks of these maps go on

    @property
    def question(self) -> str:
        """What was asked, in words."""
        return " and ".join(self.rivals)

    @property
    def checked(self) -> bool:
        """Whether every map has its verdict."""
        return all(one.verdict is not None for one in self.maps.values())


class Examined(NamedTuple):
    """A method on a question, under way."""

    method: str
    asked: Asked
    work: Examination


class Explanations:
    """The work: first all maps, so that they can be shown, then the checks of one after the other."""

    def __init__(
        self, crop: FaceCrop, model: str, target: str, examined: Sequence[Examined], often: Mapping[str, str]
    ) -> None:
        self._crop, self._model, self._target, self._examined = crop, model, target, list(examined)
        self._often = often
        self._asked = list(dict.fromkeys(one.asked for one in examined))  # the questions in their order
        self.total, self.done = sum(one.work.total for one in examined), 0
        self._troubles: list[str] = []

    def advance(self, seconds: float) -> None:
        """Go on for about so long; all maps come in the first step, without methods that this model rules out.

        Raises: CheckpointError if it rules out all of them.
        """
        end = time.monotonic() + seconds
        for one in list(self._examined):
            if one.work.heat is None:
                self._map(one)
        while (left := self._unfinished()) and time.monotonic() < end:
            left[0].advance(0)
        self.done = sum(one.work.done for one in self._examined)

    def maps(self) -> Explained:
        """The maps, not checked yet.

        Raises: as `advance` does.
        """
        self.advance(0)
        return self.found()

    def found(self) -> Explained:
        """What is known so far."""
        maps = {
            self._name(one): Map(
                one.method, one.asked.question.words, one.work.heat, dict(one.work.curves), one.work.verdict
            )
            for one in self._examined
            if one.work.heat is not None
        }
        rivals = {asked.question.words: dict(asked.rival_curves) for asked in self._asked}
        return Explained(self._crop, self._model, self._target, maps, rivals, tuple(self._troubles), self._often)

    def _name(self, one: Examined) -> str:
        return f"{one.method}, {one.asked.question.words}" if self._target == BOTH else one.method

    def _map(self, one: Examined) -> None:
        try:
            one.work.advance(0)
        except CheckpointError as error:
            self._troubles.append(f"{self._name(one)}: {error}")
            self.total -= one.work.total
            self._examined.remove(one)
            if not self._examined:
                raise CheckpointError(" ".join(self._troubles)) from error

    def _unfinished(self) -> list[Examination]:
        return [one.work for one in self._examined if one.work.verdict is None]


def explanations_of(
    context: AppContext,
    chosen: ChosenFace | None,
    model: str,
    expression: str,
    other: str,
    methods: Sequence[str],
    target: str = ANSWER,
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
    # A page tells of another model before its fields have followed.
    target = target if target in (offered := offered_targets(asked_model)) else offered[0]
    than = other or None if target == ANSWER else None
    targets = (PERSON, CODE) if target == BOTH else (target,)
    questions = [ask(asked_model, crop, why, than, answer, one) for one in targets]
    examined = [
        Examined(method, asked, examine(asked, crop, method, context.landmarker))
        for method in still_there(asked_model, methods)
        for asked in questions
    ]
    return Explanations(crop, model, target, examined, how_often(model, asked_model) if target == ANSWER else {})


def how_often(name: str, model: PublishedModel) -> dict[str, str]:
    """By method, on how many faces it is faithful; none where nobody measured it."""
    found = bundled_evaluation(name, model, VERDICT_TABLE, faithful_counts)
    if found is None:
        return {}
    faces, counts = found
    return {method: faithful_sentence(faces, method, count) for method, count in counts.items()}


def still_there(model: PublishedModel, methods: Sequence[str]) -> list[str]:
    """The chosen methods but for masks of another model; those on arrival if none would be left."""
    offered = methods_for(model)
    foreign = [method for method in methods if method in MASKS and method not in offered]
    return [method for method in methods if method not in foreign] or list(ON_ARRIVAL)


def offered_targets(model: PublishedModel) -> tuple[str, ...]:
    """What can be explained of a recognizer, its answer first; of one with two codes also both at once."""
    targets = targets_for(model)
    return (*targets, BOTH) if {PERSON, CODE} <= set(targets) else targets
