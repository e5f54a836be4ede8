"""The models of the app: each is described at once, and loaded for everybody when somebody first asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.published.model import PublishedModel


class LoadedModels(Mapping[str, PublishedModel]):
    """Models by name; asking for one loads it, which may fail with a CheckpointError, and asking again tries again.

    described: every model as `checkpoints.describe_model` gives it, or with its weights.
    """

    def __init__(self, described: Mapping[str, PublishedModel]) -> None:
        self.described = dict(described)  # whatever needs no weights asks here
        self.announce: Callable[[str], None] = lambda name: None  # called when somebody waits for this model
        self._loaded = {name: model for name, model in described.items() if model.device.type != "meta"}
        self._locks = {name: threading.Lock() for name in described}

    def __getitem__(self, name: str) -> PublishedModel:
        if not self.is_loaded(name):
            lock = self._locks[name]
            self.announce(name)
            with lock:
                if not self.is_loaded(name):
                    self._loaded[name] = _load(self.described[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.described

    def is_loaded(self, name: str) -> bool:
        """Whether somebody asked for it already."""
        return name in self._loaded

    def __iter__(self) -> Iterator[str]:
        return iter(self.described)

    def __len__(self) -> int:
        return len(self.described)


def _load(described: PublishedModel) -> PublishedModel:
    """The same model with the weights that were there when it was described."""
    origin = described.origin
    assert origin is not None  # describe_model always sets it
    model = load_model(origin.source, origin.revision)
    if model.origin != origin:
        raise CheckpointError(f"The weights of {origin.source} changed after the app was started; start it again.")
    model.method = described.method
    return model
