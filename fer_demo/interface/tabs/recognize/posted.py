"""Pictures that a page's own script posts while it works, and the answers that go back to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import Recognition

# Cameras and batches of all visitors take turns, one picture each: nobody's stream holds up the others for long.
_turns = threading.Lock()

Faces = Sequence[tuple[FaceCrop, Recognition]]
# A service under `events.guarded`: file content, model and answer in; the faces, and a sentence if there are none.
Service = Callable[[bytes, str, str], tuple[Faces, str]]


class Posted(NamedTuple):
    """One file as the browser sent it, and what was found in it."""

    name: str
    faces: Faces
    trouble: str  # a sentence; empty if all went well


def answered(service: Service, sent: Any) -> Posted:
    """The answer to what `server.x({binary: true, data: {file, name, model, answer}})` sent, when its turn has come."""
    files, words = getattr(sent, "files", None), getattr(sent, "data", None)
    content = bytes(files[0][1]) if files else b""
    asked = words if isinstance(words, dict) else {}
    name, model, answer = (str(asked.get(key, "")) for key in ("name", "model", "answer"))
    with _turns:
        faces, trouble = service(content, model, answer)
    return Posted(name, () if trouble else faces, trouble)
