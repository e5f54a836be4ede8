"""What the tabs with a picker share: the field for a visitor's own model, connected."""

from __future__ import annotations

from functools import partial
from typing import Any

from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import LOADS_QUEUE, listen
from fer_demo.interface.widgets.markup import sentences
from fer_demo.interface.widgets.model_field import ModelField


def lay_out_model_field(context: AppContext, task: str, brought: Any, name: str) -> None:
    """A field whose models can do the task; the state `brought` holds the names of this visitor's, the newest last."""
    field = ModelField(context.guests.folder is not None, brought, name)
    field.connect(listen, lambda text: context.guests.begin(text, task), partial(origin_in_words, context), LOADS_QUEUE)


def origin_in_words(context: AppContext, name: str) -> str:
    """What a model is and where it came from."""
    model = context.described(name)
    origin = model.origin
    assert origin is not None  # loading always sets it
    commit = "" if origin.revision is None else f"commit {origin.revision[:12]}…, "
    kind, size = type(model).__name__, model.parameter_count()
    hashes = f"{commit}SHA-256 of the weights {origin.sha256[:12]}…"
    return sentences([f"{title(name)} is in the list now: {kind}, {size:,} values; {hashes}"])
