"""Models that visitors bring from the Hub, or from the operator's folder: loaded strictly, kept for a while.

Whoever asks is a stranger to the Hub unless the operator lends his login, and what is fetched lies apart from what
that login fetched. Files go when the model does, and all of them when the app ends.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import CAPABILITY, ModelSource, describe_model, hub_source, load_model
from fer_demo.errors import CheckpointError, FerDemoError
from fer_demo.published.hub_files import HubAccess
from fer_demo.published.model import PublishedModel

LARGEST_FILE = 100_000_000  # bytes; four times the largest bundled model
MOST_KNOWN = 20  # models whose files are here
MOST_LOADED = 2  # of them with weights in memory, at most 200 MB each
_AT_ONCE = 2  # loads that go on; the others wait
_GONE = "This model was unloaded because others have been loaded since; load it again."


@dataclass(frozen=True)
class _Guest:
    """A model that was loaded once, and where its files are."""

    described: PublishedModel
    source: ModelSource
    access: HubAccess


class GuestModels:
    """Guests by names that say their revision; of those unused for longest the weights go first, then the files.

    login: ask the Hub with the login of this machine. folder: the only one below which folders may be named.
    """

    def __init__(self, login: bool = False, folder: Path | None = None) -> None:
        self._login, self.folder = login, folder
        self._known: OrderedDict[str, _Guest] = OrderedDict()
        self._loaded: OrderedDict[str, PublishedModel] = OrderedDict()
        self._lock, self._turns = threading.RLock(), threading.BoundedSemaphore(_AT_ONCE)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def described(self, name: str) -> PublishedModel:
        """A guest without its weights.

        Raises: CheckpointError if it is not here any more.
        """
        with self._lock:
            if name not in self._known:
                raise CheckpointError(_GONE)
            self._known.move_to_end(name)
            return self._known[name].described

    def __getitem__(self, name: str) -> PublishedModel:
        """A guest, read again from its files if its weights had to go.

        Raises: CheckpointError if it is not here any more, or its files have changed.
        """
        described = self.described(name)
        with self._lock:
            if name not in self._loaded:
                guest = self._known[name]
                model = load_model(guest.source, access=guest.access)
                if model.origin != described.origin:
                    raise CheckpointError(f"The weights of {guest.source.name} have changed; load them again.")
                self._keep(name, model)
            self._loaded.move_to_end(name)
            return self._loaded[name]

    def load(self, text: str, task: str, watch: Callable[[int, int], None]) -> str:
        """The name under which a model is found from now on, after it was fetched, checked and loaded.

        Raises: CheckpointError if it cannot be had, is damaged or cannot do the task; whatever `watch` raises.
        """
        wanted = self._source(text)
        cache = Path(tempfile.mkdtemp(prefix="guest-"))
        access = HubAccess(None if self._login else False, cache, LARGEST_FILE, watch)
        try:
            model = load_model(wanted, access=access)
            if not isinstance(model, CAPABILITY[task]):
                raise CheckpointError(f"{wanted.name} is a {type(model).__name__}, which cannot do {task}.")
            assert model.origin is not None  # load_model always sets it
            pinned, access = replace(wanted, revision=model.origin.revision), replace(access, watch=None)
            guest = _Guest(describe_model(pinned, access=access), pinned, access)
        except BaseException:
            shutil.rmtree(cache, ignore_errors=True)
            raise
        name = f"{wanted.repo or wanted.name}@{model.origin.revision or model.origin.sha256}"
        with self._lock:
            self._remove(name)
            self._known[name] = guest
            self._keep(name, model)
            while len(self._known) > MOST_KNOWN:
                self._remove(next(iter(self._known)))
        return name

    def begin(self, text: str, task: str) -> GuestLoad:
        """The same as work that goes on by itself when its turn comes.

        Raises: CheckpointError if the text can be no model.
        """
        self._source(text)
        return GuestLoad(lambda watch: self.load(text, task, watch), self._turns)

    def _source(self, text: str) -> ModelSource:
        """A Hub id, or a folder below the operator's; the disk is not looked at for anything else."""
        text = text.strip()
        if text in MODELS:
            raise CheckpointError(f"{MODELS[text].title} comes with the app; choose it in the list.")
        if self.folder is not None and text and "\0" not in text and len(text) < 200:
            root = self.folder.resolve()
            folder = (root / text).resolve()
            if folder.is_relative_to(root) and folder != root and folder.is_dir():
                if (folder / "model.safetensors").is_file():
                    self._check_size(folder / "model.safetensors")
                return ModelSource(folder.relative_to(root).as_posix(), folder=folder)
        return hub_source(text)

    def _check_size(self, path: Path) -> None:
        if path.stat().st_size > LARGEST_FILE:
            raise CheckpointError(
                f"{path.name} has more than {LARGEST_FILE / 1e6:,.0f} MB, the most that is loaded here."
            )

    def _keep(self, name: str, model: PublishedModel) -> None:
        self._loaded[name] = model
        while len(self._loaded) > MOST_LOADED:
            self._loaded.popitem(last=False)

    def _remove(self, name: str) -> None:
        self._loaded.pop(name, None)
        guest = self._known.pop(name, None)
        if guest is not None and guest.access.cache is not None:
            shutil.rmtree(guest.access.cache, ignore_errors=True)


class GuestLoad:
    """A load in a thread of its own; it waits until one of the few turns is free, and may be stopped."""

    def __init__(self, load: Callable[[Callable[[int, int], None]], str], turns: threading.BoundedSemaphore) -> None:
        self.total, self.done = 100, 0  # percent; 100 only when it is over
        self._load, self._turns = load, turns
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._name = ""
        self._fault: BaseException | None = None

    def advance(self, seconds: float) -> None:
        """Begin if it is this load's turn, or wait so long for its end."""
        if self._thread is None:
            if not self._turns.acquire(timeout=min(seconds, 0.3)):
                return
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._thread.join(seconds)
        if not self._thread.is_alive():
            self.done = self.total

    def result(self) -> str:
        """The name of the model.

        Raises: CheckpointError if there is none, or the load was stopped before its end.
        """
        if isinstance(self._fault, FerDemoError):
            raise self._fault
        if self._fault is not None:
            raise CheckpointError("The model could not be loaded; try again.") from self._fault
        if not self._name:
            self._stopped = True  # the thread ends when it hears of more bytes
            raise CheckpointError("The load was stopped.")
        return self._name

    def _run(self) -> None:
        try:
            self._name = self._load(self._watch)
        except BaseException as error:
            self._fault = error
        finally:
            self._turns.release()

    def _watch(self, done: int, total: int) -> None:
        if self._stopped:
            raise CheckpointError("The load was stopped.")
        self.done = min(99, 100 * done // total) if total else 0
