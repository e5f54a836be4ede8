"""The edit that the visitor wants: whose face, which expression, by which model; and the link to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from fer_demo.capabilities import EditsExpression, EditsPhoto, Guidance
from fer_demo.catalog import check_not_retired
from fer_demo.errors import DataError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.quality import MOUTH_HIDDEN
from fer_demo.inference.study.run import Study, StudyModels, read_expression, study_of
from fer_demo.inference.transfer.guidance import guidance_of, guided, wanted_guidance
from fer_demo.inference.transfer.interpolation import Factor
from fer_demo.inference.transfer.transfer import nearest_allowed
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.published.model import PublishedModel

MOUTH_LEFT = "The mouth of this face seems hidden, or is not a person's, so it is left as it is."
STEPS = 11
EXPRESSION, FACE = "expression", "identity"  # what changes along the strip
NAMED, DRIVER = "named", "driver"  # where the wanted expression comes from
AS_READ = ""  # the label while the visitor has not corrected the judge
OFFERED = ("happy", "surprise", "sad", "angry", "fear", "disgust", "neutral")  # the first that the face does not show
OPENING_FACES = (6, 5)  # of the examples: the face, and the second face


class Inputs(NamedTuple):
    """The components that make up a request, in the order of `edit_request`."""

    source: Any
    driver: Any
    kind: Any
    name: Any
    along: Any
    model: Any
    label: Any
    by_person: Any
    by_expression: Any


@dataclass(frozen=True, eq=False)
class EditRequest:
    """The edit that the visitor wants."""

    model: str
    source: ChosenFace
    driver: ChosenFace | None
    kind: str  # NAMED or DRIVER
    name: str  # a basic expression
    along: Factor
    label: str = AS_READ  # what the driver, or the face whose expression is kept, shows according to the visitor
    guidance: Guidance | None = None  # None where the model has none

    @property
    def by_name(self) -> bool:
        """Whether a named expression is wanted."""
        return self.kind == NAMED and self.along == EXPRESSION

    @property
    def target(self) -> FaceCrop | str:
        """The far end of the strip."""
        if self.by_name:
            return self.name
        if self.driver is None:
            raise DataError("There is no second face yet; choose one.")
        return self.driver.crop

    def warnings(self, moves_photo: bool) -> tuple[str, ...]:
        """Sentences about what in these faces may spoil the result of an editor that moves the photo, or does not."""
        notes = self.source.crop.notes
        own = (MOUTH_LEFT if moves_photo and note == MOUTH_HIDDEN else note for note in notes)
        theirs = () if self.by_name or self.driver is None else self.driver.crop.notes
        return (*own, *(f"Second face: {note}" for note in theirs))

    def same(self, other: EditRequest) -> bool:
        """Whether both are the same request; Gradio hands over copies."""
        asked = [(request.model, request.along, request.by_name, request.guidance) for request in (self, other)]
        if asked[0] != asked[1] or not same_face(self.source, other.source):
            return False
        if self.by_name:
            return self.name == other.name
        return self.label == other.label and same_face(self.driver, other.driver)


def edit_request(
    context: AppContext,
    source: ChosenFace | None,
    driver: ChosenFace | None,
    kind: str,
    name: str,
    along: str,
    model: str,
    label: str | None = AS_READ,
    by_person: float | None = None,
    by_expression: float | None = None,
) -> EditRequest:
    """The request of the components' values; raises DataError while there is no face.

    by_person, by_expression: guidance, for models that have any; None is the model's own.
    """
    if source is None:
        raise DataError("There is no face yet; choose one first.")
    model = editor_for(context, model, kind)
    # Where only the expression can change, the choice is hidden and may still say FACE.
    changing: Factor = "identity" if context.can(model, EditsExpression) and along == FACE else "expression"
    said = label if label in BASIC else AS_READ
    guidance = guidance_for(context, model, by_person, by_expression)
    return EditRequest(model, source, driver, kind, name, changing, said, guidance)


def guidance_for(
    context: AppContext, model: str, by_person: float | None = None, by_expression: float | None = None
) -> Guidance | None:
    """The wanted guidance of a model, its own where None is wanted; None if it has no guidance.

    Raises: SettingsError for a strength out of range.
    """
    known = model in context.models.described or model in context.guests
    described = context.described(model) if known else None
    if described is None or guidance_of(described) is None:
        return None
    return wanted_guidance(described, by_person, by_expression)


def editor_of(context: AppContext, request: EditRequest, name: str = "") -> PublishedModel:
    """The editor of a request, or another one by its name, with the requested guidance if it has any."""
    model = context.editor(name or request.model)
    return model if guidance_of(model) is None else guided(model, request.guidance)


def editors_for(context: AppContext, kind: str) -> tuple[str, ...]:
    """The names of the editors that can do what is asked for: some know expressions by their names alone."""
    return context.followers if kind == DRIVER else tuple(context.editors.values())


def editor_for(context: AppContext, model: str, kind: str) -> str:
    """The chosen editor, or the first that can do what is asked for where it cannot."""
    able = editors_for(context, kind)
    if model in context.guests and kind == DRIVER and able and not context.can(model, EditsExpression, EditsPhoto):
        return able[0]
    return model if model in able or not able or model not in context.editors.values() else able[0]


def same_face(one: ChosenFace | None, other: ChosenFace | None) -> bool:
    """Whether it is the same face of the same photo."""
    if one is None or other is None or one is other:
        return one is other
    return same_crop(one.crop, other.crop)


def same_crop(one: FaceCrop, other: FaceCrop) -> bool:
    """Whether it is the same face of the same photo; Gradio hands over copies."""
    if one.photo.shape != other.photo.shape or (one.face is None) != (other.face is None):
        return False
    if one.face is not None and other.face is not None and one.face.box != other.face.box:
        return False
    return bool((one.photo == other.photo).all())


def offered(context: AppContext, request: EditRequest) -> tuple[EditRequest, str]:
    """The request for a newly chosen face; one for what it shows already becomes another, with a sentence why."""
    if (
        not request.by_name
        or read_expression(context.judge_of(request.model), request.source.crop).expression != request.name
    ):
        return request, ""
    other = next(name for name in OFFERED if name != request.name)
    return replace(request, name=other), f"This face shows {request.name} already, so {other} is offered."


def models_of(context: AppContext, request: EditRequest) -> StudyModels:
    """The networks that edit and measure."""
    return StudyModels(
        context.editor(request.model), context.judge_of(request.model), context.embedder, context.detector
    )


def requested_study(context: AppContext, request: EditRequest) -> Study:
    """The study of the requested walk."""
    judge, label = context.judge_of(request.model), request.label or None
    target, guidance = request.target, request.guidance
    return study_of(judge, request.source.crop, None, target, request.along, STEPS, label=label, guidance=guidance)


def file_name(context: AppContext, request: EditRequest, expression: str, amount: float | None = None) -> str:
    """The name of a request's file, without its ending: person, model, expression and amount.

    `expression` is the one that it should show; `amount` is left out of files of a whole strip.
    """
    asked = expression
    if request.along == FACE:
        asked = f"turned-into-{person_name(context, request.driver)}"
    elif not request.by_name:
        asked = (
            f"from-{person_name(context, request.driver)}-{'said-to-be' if request.label else 'read-as'}-{expression}"
        )
    parts = [person_name(context, request.source), request.model, asked, *([] if amount is None else [f"{amount:.2f}"])]
    return plain_name(*parts)


def plain_name(*parts: str) -> str:
    """The name of a file, made of parts without characters that a file system may refuse."""
    return "_".join(re.sub(r"[^\w.-]+", "-", part).strip("-.") or "nameless" for part in parts)


def person_name(context: AppContext, face: ChosenFace | None) -> str:
    """A face in the name of a file."""
    return _key(context, face) or "own-photo"


def example(context: AppContext, index: int) -> ChosenFace | None:
    """One of the example faces, None if there are none."""
    return None if index < 0 else ChosenFace((context.crop_of_row(context.example_rows[index]),), example=index)


def settings_of(context: AppContext, request: EditRequest, alpha: float) -> dict[str, str] | None:
    """The request as settings for the page's address; None with a visitor's own photo, which is not kept."""
    faces = {"source": request.source, **({} if request.by_name else {"driver": request.driver})}
    keys = {role: _key(context, face) for role, face in faces.items()}
    if None in keys.values():
        return None
    asked = {"kind": request.kind, "expression": request.name, "along": request.along, "alpha": f"{alpha:g}"}
    corrected = {"said": request.label} if request.label else {}
    if request.guidance is not None:
        asked["guidance"] = f"{request.guidance.person:g},{request.guidance.expression:g}"
    return {"model": request.model, **{role: str(key) for role, key in keys.items()}, **asked, **corrected}


class LinkedRequest(NamedTuple):
    """A request from a link."""

    request: EditRequest
    alpha: float  # the amount


def read_link(context: AppContext, query: Mapping[str, str]) -> LinkedRequest | None:
    """The request of a link; None if its faces, its model or its values do not exist, or not any more.

    What a link leaves out is as on arrival, so that it may name a model alone.

    Raises: RetiredError if it names an editor that was taken out.
    """
    usual = opening_request(context)
    if usual is None:
        return None
    source, driver = (
        _of_key(context, query[role]) if role in query else face
        for role, face in (("source", usual.source), ("driver", usual.driver))
    )
    model, kind, along = query.get("model", usual.model), query.get("kind", NAMED), query.get("along", EXPRESSION)
    if model not in context.editors.values():
        check_not_retired(model)
    name = query.get("expression", usual.name)
    known = model in context.editors.values() and kind in (NAMED, DRIVER) and along in (EXPRESSION, FACE)
    if source is None or not known or name not in BASIC:
        return None
    if driver is None and (kind == DRIVER or along == FACE):
        return None
    try:
        alpha = float(query.get("alpha", 1.0))
        person, expression = map(float, query["guidance"].split(",")) if "guidance" in query else (None, None)
        request = edit_request(context, source, driver, kind, name, along, model, query.get("said"), person, expression)
    except (ValueError, SettingsError):  # no numbers, not two of them, or out of range
        return None
    if not math.isfinite(alpha):
        return None
    if "expression" not in query:
        request = offered(context, request)[0]
    return LinkedRequest(request, nearest_allowed(alpha))


def opening_request(context: AppContext) -> EditRequest | None:
    """The request on arrival; None if there is no face."""
    last = len(context.example_rows) - 1
    source, driver = (example(context, min(index, last)) for index in OPENING_FACES)
    model = next(iter(context.editors.values()))
    return None if source is None else edit_request(context, source, driver, NAMED, "happy", EXPRESSION, model)


def _key(context: AppContext, face: ChosenFace | None) -> str | None:
    if face is None or face.example is None:
        return None
    return str(context.bundled.column("key")[context.example_rows[face.example]])


def _of_key(context: AppContext, key: str) -> ChosenFace | None:
    row = context.row_of_key.get(key)
    return example(context, context.example_rows.index(row)) if row in context.example_rows else None
