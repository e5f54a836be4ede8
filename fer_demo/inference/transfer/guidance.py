"""Guidance of an editor: how firmly what it paints is held to the person, and how firmly to the expression."""

from __future__ import annotations

from fer_demo.capabilities import Guidance, PaintsWithGuidance
from fer_demo.errors import SettingsError
from fer_demo.published.model import PublishedModel

GUIDANCE_COLUMNS = ("guidance_person", "guidance_expression")


def guidance_of(model: PublishedModel) -> Guidance | None:
    """The guidance that a model paints with; None where there is none to choose."""
    return model.guidance if isinstance(model, PaintsWithGuidance) else None


def wanted_guidance(
    model: PublishedModel, person: float | None = None, expression: float | None = None
) -> Guidance | None:
    """The guidance with these strengths; None leaves the model's own, or none where it has none.

    Raises: SettingsError for a strength out of range, or for any if the model has no guidance.
    """
    own = guidance_of(model)
    if person is None and expression is None:
        return own
    if own is None:
        raise _without(model)
    return Guidance(own.person if person is None else person, own.expression if expression is None else expression)


def guided(model: PublishedModel, guidance: Guidance | None) -> PublishedModel:
    """The same model with this guidance; None leaves its own.

    Raises: SettingsError if the model has no guidance.
    """
    if guidance is None:
        return model
    if not isinstance(model, PaintsWithGuidance) or model.guidance is None:
        raise _without(model)
    return model.guided(guidance)


def _without(model: PublishedModel) -> SettingsError:
    return SettingsError(f"{type(model).__name__} has no guidance to set; leave it out, or choose another model.")


def guidance_cells(guidance: Guidance | None) -> tuple[str, str]:
    """GUIDANCE_COLUMNS of a row of text."""
    return ("", "") if guidance is None else (f"{guidance.person:.4f}", f"{guidance.expression:.4f}")
