"""What the ways into the tab share: a model that is known here, and the faces of a photo with their answers."""

from __future__ import annotations

from fer_demo.errors import NoFaceError, SettingsError
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, Answer, recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.recognize.posted import Faces
from fer_demo.published.model import PublishedModel


def faces_of(context: AppContext, content: bytes, model: str, answer: str) -> Faces:
    """Every face of a photo with its answer, the largest first.

    Raises: ImageError, NoFaceError, CheckpointError or SettingsError for what cannot be answered.
    """
    chosen, asked = known_model(context, model), known_answer(answer)
    crops = context.crops_of_photo(content)
    return list(zip(crops, recognize(chosen, crops, answer=asked), strict=True))


def faces_if_any(context: AppContext, content: bytes, model: str, answer: str) -> Faces:
    """The same, and nothing for a photo without a face."""
    try:
        return faces_of(context, content, model, answer)
    except NoFaceError:
        return []


def known_model(context: AppContext, name: str) -> PublishedModel:
    """A recognizer, loaded.

    Raises: CheckpointError for a name that is none of them.
    """
    context.check_recognizer(name)
    return context.model(name)


def described_model(context: AppContext, name: str) -> PublishedModel:
    """A recognizer with or without its weights.

    Raises: CheckpointError for a name that is none of them.
    """
    context.check_recognizer(name)
    return context.described(name)


def known_answer(answer: str) -> Answer:
    """What can be asked of a model.

    Raises: SettingsError for anything else.
    """
    known: dict[str, Answer] = {VOTES: VOTES, LABEL: LABEL}
    if answer not in known:
        raise SettingsError(f"An answer is one of {', '.join(known)}.")
    return known[answer]
