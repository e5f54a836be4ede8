"""What the visitor asks for: whose face, which expression, by which model; and the link that asks for it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fer_demo.context import AppContext
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.interpolation import Factor, moves_photo
from fer_demo.inference.study import Study, StudyModels, study_of
from fer_demo.inference.transfer import ALPHA_RANGE
from fer_demo.widgets.face_field import ChosenFace

STEPS = 11
EXPRESSION, FACE = "expression", "identity"  # what changes along the strip
NAMED, DRIVER = "named", "driver"  # where the wanted expression comes from


class Inputs(NamedTuple):
    """The components that make up a wish, in the order of `wish_of`."""

    source: Any
    driver: Any
    kind: Any
    name: Any
    along: Any
    model: Any


@dataclass(frozen=True, eq=False)
class Wish:
    """What the visitor asks for."""

    model: str
    source: ChosenFace
    driver: ChosenFace | None
    kind: str  # NAMED or DRIVER
    name: str  # a basic expression
    along: Factor

    @property
    def target(self) -> FaceCrop | str:
        """The far end of the strip."""
        if self.kind == NAMED and self.along == EXPRESSION:
            return self.name
        if self.driver is None:
            raise DataError("There is no second face yet; choose one.")
        return self.driver.crop

    @property
    def doubts(self) -> tuple[str, ...]:
        """What about the faces that take part may spoil the result, in sentences."""
        driver = _driver_of(self)
        theirs = driver.crop.notes if isinstance(driver, ChosenFace) else ()
        return (*self.source.crop.notes, *(f"Second face: {note}" for note in theirs))


def wish_of(
    context: AppContext,
    source: ChosenFace | None,
    driver: ChosenFace | None,
    kind: str,
    name: str,
    along: str,
    model: str,
) -> Wish:
    """The wish of the components' values; raises DataError while there is no face."""
    if source is None:
        raise DataError("There is no face yet; choose one first.")
    # Where only the expression can change, the choice is hidden and may still say FACE.
    keeps_face = moves_photo(context.editor(model))
    changing: Factor = "expression" if keeps_face or along == EXPRESSION else "identity"
    return Wish(model, source, driver, kind, name, changing)


def models_of(context: AppContext, wish: Wish) -> StudyModels:
    """The networks that walk and measure."""
    return StudyModels(context.editor(wish.model), context.judge_of(wish.model), context.embedder, context.detector)


def study_of_wish(context: AppContext, wish: Wish) -> Study:
    """The walk that is wished for."""
    return study_of(context.judge_of(wish.model), wish.source.crop, None, wish.target, wish.along, STEPS)


def example(context: AppContext, index: int) -> ChosenFace | None:
    """One of the example faces, None if there are none."""
    return None if index < 0 else ChosenFace((context.crop_of_row(context.example_rows[index]),), example=index)


def link_of(context: AppContext, wish: Wish, alpha: float) -> str | None:
    """A query that asks for the same; None where a visitor's own photo, which nobody keeps, takes part."""
    faces = {"source": wish.source, **({} if isinstance(_driver_of(wish), str) else {"driver": wish.driver})}
    keys = {role: _key(context, face) for role, face in faces.items()}
    if None in keys.values():
        return None
    asked = {"kind": wish.kind, "expression": wish.name, "along": wish.along, "alpha": f"{alpha:g}"}
    return "?" + urlencode({"tab": "transfer", "model": wish.model, **keys, **asked})


class Asked(NamedTuple):
    """A wish as a link asks for it."""

    wish: Wish
    alpha: float


def asked_by(context: AppContext, query: Mapping[str, str]) -> Asked | None:
    """What a link asks for; None if it asks for nothing here, or for something that is not there any more."""
    source = _of_key(context, query.get("source", ""))
    model, kind, along = query.get("model", ""), query.get("kind", NAMED), query.get("along", EXPRESSION)
    name, driver = query.get("expression", "happy"), _of_key(context, query.get("driver", ""))
    known = model in context.editors.values() and kind in (NAMED, DRIVER) and along in (EXPRESSION, FACE)
    if query.get("tab") != "transfer" or source is None or not known or name not in BASIC:
        return None
    if driver is None and (kind == DRIVER or along == FACE):
        return None
    try:
        alpha = min(max(float(query.get("alpha", "1")), ALPHA_RANGE[0]), ALPHA_RANGE[1])
    except ValueError:
        return None
    return Asked(wish_of(context, source, driver, kind, name, along, model), alpha)


def _driver_of(wish: Wish) -> str | ChosenFace | None:
    return wish.name if wish.kind == NAMED and wish.along == EXPRESSION else wish.driver


def _key(context: AppContext, face: ChosenFace | None) -> str | None:
    if face is None or face.example is None:
        return None
    return str(context.bundled.column("key")[context.example_rows[face.example]])


def _of_key(context: AppContext, key: str) -> ChosenFace | None:
    row = context.row_of_key.get(key)
    return example(context, context.example_rows.index(row)) if row in context.example_rows else None
