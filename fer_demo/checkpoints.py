"""The only way in for weights: a bundled checkpoint, a local folder or a Hub repository, through one strict loader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import constants
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from fer_demo.capabilities import EditsExpression, EditsPhoto, EmbedsIdentity, FindsLandmarks, RecognizesExpression
from fer_demo.catalog import MODELS, CatalogEntry
from fer_demo.errors import CheckpointError, FerDemoError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.faces.alignment import TEMPLATE_NAME
from fer_demo.published.calibration import CALIBRATION_FILE, Calibration
from fer_demo.published.hub_files import (
    cached_snapshot,
    download,
    download_if_there,
    hash_stated_by_hub,
    hub_answers,
    is_commit,
    is_hub_id,
)
from fer_demo.published.model import CONFIG_FILE, WEIGHTS_FILE, FaceModelConfig, Origin, PublishedModel

BUNDLED_FOLDER = Path(__file__).parent / "assets" / "checkpoints"
CONFIG_LIMIT = 1_000_000  # bytes; a config is a page of text
# What a weights file may hold in place of float32.
STORED_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
WRAPPERS: Mapping[str, str] = {  # what comes before every name when the wrapper is saved in place of the network
    "module.": "DataParallel or DistributedDataParallel",
    "_orig_mod.": "torch.compile",
    "model.": "a LightningModule or another class around the network",
}
CAPABILITY: Mapping[str, tuple[type, ...]] = {  # what a task asks of a model: one of these
    "recognition": (RecognizesExpression,),
    "transfer": (EditsExpression, EditsPhoto),
    "identity": (EmbedsIdentity,),
    "landmarks": (FindsLandmarks,),
}


@dataclass(frozen=True)
class ModelSource:
    """Where to look for a model: a folder on this machine or, if there is none, a Hub repository."""

    name: str  # as asked for, shown to people
    folder: Path | None = None
    repo: str | None = None
    revision: str | None = None  # branch, tag or commit of the repository
    entry: CatalogEntry | None = None  # set when asked for by catalogue name: the class must then be this one

    @property
    def remedy(self) -> str:
        """What to do when the files found here are no good."""
        if self.repo is not None:
            return f"Pin a revision of {self.repo} that works, or tell its owners."
        if self.entry is not None:
            return "Install fer_demo again."
        return "Write the folder again with `python -m training publish`."

    def place(self, path: Path) -> str:
        """What people call a file found here: where a bundled one is installed tells them nothing."""
        bundled = self.entry is not None and self.repo is None
        return f"{path.name} of the bundled model {self.name}" if bundled else str(path)


def parse_source(source: str, revision: str | None = None) -> ModelSource:
    """Read a catalogue name, a local folder or a Hub id `owner/name`, optionally `owner/name@revision`.

    Raises:
        CheckpointError: the text is none of these, or a revision is given for something that has none.
    """
    text = source.strip()
    folder = Path(text)
    if text and text not in MODELS and folder.is_dir():
        if revision is not None:
            raise CheckpointError(f"{text} is a folder and has no revisions. Leave the revision out.")
        return ModelSource(text, folder=folder)
    name, _, inline_revision = text.partition("@")
    revision = revision or inline_revision or None
    if name in MODELS:
        return _catalogue_source(MODELS[name], revision)
    if is_hub_id(name):
        return ModelSource(text, repo=name, revision=revision)
    raise CheckpointError(
        f"There is no model {source!r}. Give one of {', '.join(MODELS)}, an existing checkpoint folder, "
        "or a Hub id of the form owner/name."
    )


def load_model(source: str, revision: str | None = None) -> PublishedModel:
    """The model at `source` in eval mode and float32, with its origin set; every tensor is checked first.

    Raises:
        CheckpointError: it cannot be had or is not exactly what its class expects.
    """
    wanted = parse_source(source, revision)
    folder = wanted.folder or _hub_snapshot(wanted)
    entry, config = _read_config(folder / CONFIG_FILE, wanted)
    # First on the meta device, shapes only: a config that promises too much costs no memory.
    expected = _build(entry, config, folder, "meta").state_dict()
    stored, sha256 = _read_weights(folder / WEIGHTS_FILE, expected, wanted)
    model = _build(entry, config, folder, "cpu")
    model.load_state_dict(stored, strict=True)
    model.origin = Origin(wanted.repo or wanted.name, None if wanted.repo is None else folder.name, sha256)
    model.calibration = _read_calibration(folder, config, wanted)
    return model.eval()


def load_or_bundled(source: str, fallback_name: str) -> tuple[PublishedModel, str | None]:
    """The model at `source`, or else the bundled one and a sentence that says why.

    Takes no more than 3 s when the Hub is away.
    """
    fallback = MODELS[fallback_name]
    try:
        model = load_model(source)
        if not isinstance(model, CAPABILITY[fallback.task]):
            raise CheckpointError(f"{source} is a {type(model).__name__}, which cannot do {fallback.task}.")
        return model, None
    except CheckpointError as error:
        if source == fallback_name:
            raise
        return load_model(fallback_name), f"{error} The bundled model {fallback.title} is used instead."


def first_with_weights(task: str) -> str:
    """The catalogue name of the preferred method for a task: the first that has weights."""
    names = [name for name, entry in MODELS.items() if entry.task == task]
    there = (name for name in names if (BUNDLED_FOLDER / name).is_dir() or MODELS[name].hub_id is not None)
    return next(there, names[0])


def _catalogue_source(entry: CatalogEntry, revision: str | None) -> ModelSource:
    """The bundled folder of a method, or its Hub repository if it is not bundled or a revision is wanted."""
    folder = BUNDLED_FOLDER / entry.name
    if folder.is_dir() and revision is None:
        return ModelSource(entry.name, folder=folder, entry=entry)
    if entry.hub_id is not None:
        return ModelSource(entry.name, repo=entry.hub_id, revision=revision or entry.revision, entry=entry)
    if folder.is_dir():
        raise CheckpointError(f"The bundled model {entry.name} has no revisions. Leave the revision out.")
    raise CheckpointError(
        f"{entry.title} has no weights in this installation. Train it with `python -m training train {entry.name}`, "
        "or give a folder that holds it."
    )


def _entry_of_class(class_name: object) -> CatalogEntry | None:
    """The catalogue's entry for a model class."""
    return next((entry for entry in MODELS.values() if entry.model_class.__name__ == class_name), None)


def _hub_snapshot(wanted: ModelSource) -> Path:
    """Folder of the local cache that holds the wanted revision; its name is the commit.

    A cached commit needs no network. Anything else is asked for again when the Hub answers, because a branch moves.
    """
    repo = wanted.repo or ""
    cached = cached_snapshot(repo, wanted.revision, (CONFIG_FILE, WEIGHTS_FILE))
    if cached is not None and is_commit(wanted.revision):
        return cached
    if not hub_answers(repo, CONFIG_FILE, wanted.revision):
        if cached is not None:
            return cached
        raise CheckpointError(
            f"{repo} is not on this machine and {constants.ENDPOINT} cannot be reached. "
            "Connect to the network, or give a local folder."
        )
    config_path = download(repo, CONFIG_FILE, wanted.revision)
    _read_config(config_path, wanted)  # a wrong class is said before its weights are fetched
    commit = config_path.parent.name
    download_if_there(repo, CALIBRATION_FILE, commit)
    return download(repo, WEIGHTS_FILE, commit).parent


def _read_config(path: Path, wanted: ModelSource) -> tuple[CatalogEntry, FaceModelConfig]:
    """The class a config names and its checked values."""
    try:
        if path.stat().st_size > CONFIG_LIMIT:
            raise CheckpointError(f"it is larger than {CONFIG_LIMIT} bytes.")
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise CheckpointError("it is not a JSON object.")
        class_name = values.pop("model", None)
        entry = _entry_of_class(class_name)
        if entry is None:
            known = ", ".join(entry.model_class.__name__ for entry in MODELS.values())
            raise CheckpointError(f"it names the model class {class_name!r}, but only {known} can be loaded.")
        if wanted.entry is not None and entry is not wanted.entry:
            expected = wanted.entry.model_class.__name__
            raise CheckpointError(f"it holds a {class_name} where a {expected} belongs.")
        config = entry.model_class.config_from_dict(values)
        if config.alignment != TEMPLATE_NAME:
            raise CheckpointError(f"its crops are aligned to {config.alignment!r}, ours to {TEMPLATE_NAME!r}.")
        if not set(config.expressions) <= set(WITH_CONTEMPT):
            raise CheckpointError(f"its expressions {config.expressions} are not all among {WITH_CONTEMPT}.")
    except FileNotFoundError as error:
        raise CheckpointError(f"{wanted.place(path)} is missing. {wanted.remedy}") from error
    except (CheckpointError, OSError, ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{wanted.place(path)} cannot be used: {error} {wanted.remedy}") from error
    return entry, config


def _read_calibration(folder: Path, config: FaceModelConfig, wanted: ModelSource) -> Calibration | None:
    """The calibration beside the weights, if there is one."""
    try:
        calibration = Calibration.load(folder)
    except CheckpointError as error:
        raise CheckpointError(
            str(error).replace(str(folder / CALIBRATION_FILE), wanted.place(folder / CALIBRATION_FILE))
        ) from error
    if calibration is not None and calibration.expressions != config.expressions:
        place = wanted.place(folder / CALIBRATION_FILE)
        raise CheckpointError(f"{place} belongs to a model with other expressions. {wanted.remedy}")
    return calibration


class _WithoutRandomness(TorchFunctionMode):
    """Leaves new weights unfilled: loading overwrites them, and filling them takes seconds on the meta device."""

    FILLING = frozenset({"normal_", "uniform_", "kaiming_normal_", "kaiming_uniform_"})  # of Tensor and of nn.init

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in self.FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def _build(entry: CatalogEntry, config: FaceModelConfig, folder: Path, device: str) -> PublishedModel:
    """A network with the given config that waits for its weights."""
    try:
        with torch.device(device), _WithoutRandomness():
            return entry.model_class(config)
    except (FerDemoError, TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as error:
        raise CheckpointError(f"{folder / CONFIG_FILE} describes no {entry.model_class.__name__}: {error}") from error


def _read_weights(path: Path, expected: dict[str, Tensor], wanted: ModelSource) -> tuple[dict[str, Tensor], str]:
    """The tensors of a weights file, each as its class expects it, and the file's hash."""
    if not path.is_file():
        raise CheckpointError(
            f"{wanted.place(path)} is missing, and weights are never read from a pickle. {wanted.remedy}"
        )
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if wanted.repo is not None and sha256 != hash_stated_by_hub(path, sha256):
        path.resolve().unlink()  # the client compares only sizes, and would keep the damaged copy for ever
        path.unlink()
        raise CheckpointError(f"{path} was damaged on its way from the Hub and has been deleted. Load it again.")
    try:
        stored = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{wanted.place(path)} is damaged or no safetensors file ({error}). {wanted.remedy}"
        ) from error
    if problem := _mismatch(stored, expected):
        raise CheckpointError(f"{wanted.place(path)} does not fit its config: {problem}. {wanted.remedy}")
    return {name: tensor.to(expected[name].dtype) for name, tensor in stored.items()}, sha256


def _mismatch(stored: dict[str, Tensor], expected: dict[str, Tensor]) -> str:
    """What is wrong with the stored tensors, naming one of them; empty if nothing is."""
    for prefix, wrapper in WRAPPERS.items():
        if all(name.startswith(prefix) for name in stored) and not any(name.startswith(prefix) for name in expected):
            return (
                f"every tensor's name begins with {prefix!r}, as {wrapper} saves them; save the network inside it, or "
                f"take {prefix!r} off the names"
            )
    if missing := sorted(set(expected) - set(stored)):
        return f"{len(missing)} tensors are missing, such as {missing[0]}"
    if unknown := sorted(set(stored) - set(expected)):
        return f"{len(unknown)} tensors are unknown, such as {unknown[0]}"
    for name, tensor in stored.items():
        shape, wanted_shape = tuple(tensor.shape), tuple(expected[name].shape)
        if shape != wanted_shape:
            return f"{name} has shape {shape} instead of {wanted_shape}"
        allowed = STORED_FLOATS if expected[name].is_floating_point() else (expected[name].dtype,)
        if tensor.dtype not in allowed:
            return f"{name} is stored as {tensor.dtype} instead of {' or '.join(map(str, allowed))}"
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            return f"{name} holds values that are not finite"
    return ""
