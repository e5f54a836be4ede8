"""The only way in for weights: a bundled checkpoint, a local folder or a Hub repository, through one strict loader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import constants

from fer_demo.capabilities import (
    EditsByLabel,
    EditsExpression,
    EditsPhoto,
    EmbedsIdentity,
    FindsLandmarks,
    RecognizesExpression,
)
from fer_demo.catalog import MODELS, CatalogEntry, check_not_retired
from fer_demo.errors import CheckpointError, RetiredError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.faces.alignment import TEMPLATE_NAME
from fer_demo.published import weights_file
from fer_demo.published.building import build
from fer_demo.published.calibration import CALIBRATION_FILE, Calibration
from fer_demo.published.evaluation_file import Tables, read_evaluation
from fer_demo.published.hub_files import (
    OPERATOR,
    HubAccess,
    cached_snapshot,
    download,
    download_if_there,
    hub_answers,
    is_commit,
    is_hub_id,
    is_revision,
)
from fer_demo.published.model import CONFIG_FILE, WEIGHTS_FILE, FaceModelConfig, Origin, PublishedModel

BUNDLED_FOLDER = Path(__file__).parent / "assets" / "checkpoints"
CONFIG_LIMIT = 1_000_000  # bytes; a config is a page of text
MOST_LAYERS = 1000
_TOO_LONG = 256  # bytes, of any file's name
CAPABILITY: Mapping[str, tuple[type, ...]] = {  # what a task asks of a model: one of these
    "recognition": (RecognizesExpression,),
    "transfer": (EditsExpression, EditsPhoto, EditsByLabel),
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
    sha256: str | None = None  # of the weights at a pinned revision: no others are taken

    @property
    def remedy(self) -> str:
        """What to do when the files found here cannot be used."""
        if self.repo is not None:
            return f"Pin a revision of {self.repo} that works, or tell its owners."
        if self.entry is not None:
            return "Install fer_demo again."
        return "Write the folder again with `python -m training publish`."

    def place(self, path: Path) -> str:
        """What people call a file found here: where it lies on this machine tells them nothing."""
        if self.entry is not None and self.repo is None:
            return f"{path.name} of the bundled model {self.name}"
        return str(Path(self.repo or self.name) / path.name)


def parse_source(source: str, revision: str | None = None) -> ModelSource:
    """Read a catalogue name, a local folder or a Hub id `owner/name`, optionally `owner/name@revision`.

    Raises:
        CheckpointError: the text is none of these, or a revision is given for something that has none.
    """
    text = source.strip()
    folder = Path(text)
    if text and text not in MODELS and len(text.encode(errors="replace")) < _TOO_LONG and folder.is_dir():
        if revision is not None:
            raise CheckpointError(f"{text} is a folder and has no revisions. Leave the revision out.")
        return ModelSource(text, folder=folder)
    name, _, inline_revision = text.partition("@")
    revision = revision or inline_revision or None
    if name in MODELS:
        return _catalogue_source(MODELS[name], revision)
    if is_hub_id(name):
        return hub_source(text, revision)
    check_not_retired(name)
    raise CheckpointError(
        f"There is no model {source!r}. Give one of {', '.join(MODELS)}, an existing checkpoint folder, "
        "or a Hub id of the form owner/name."
    )


def hub_source(text: str, revision: str | None = None) -> ModelSource:
    """A Hub id `owner/name` or `owner/name@revision`, which never means a folder here.

    Raises: CheckpointError if it is none.
    """
    name, _, inline_revision = text.partition("@")
    revision = revision or inline_revision or None
    if not is_hub_id(name):
        raise CheckpointError(f"{text!r} is no Hub id; write it as owner/name or owner/name@revision.")
    if revision is not None and not is_revision(revision):
        raise CheckpointError(f"{revision!r} cannot be a revision. Give a branch, tag or commit that exists.")
    return ModelSource(text, repo=name, revision=revision)


def load_model(source: str | ModelSource, revision: str | None = None, access: HubAccess = OPERATOR) -> PublishedModel:
    """The model at `source` in eval mode and float32, with its origin set; every tensor is checked first.

    Raises:
        CheckpointError: it cannot be had or is not exactly what its class expects.
    """
    wanted = parse_source(source, revision) if isinstance(source, str) else source
    folder = wanted.folder or _hub_snapshot(wanted, access)
    described = _described(folder, wanted)
    stored = weights_file.read(folder / WEIGHTS_FILE, described.state_dict(), wanted)
    model = build(type(described), described.config, wanted, "cpu")
    model.load_state_dict(stored, strict=True)
    model.method, model.origin, model.calibration = described.method, described.origin, described.calibration
    return model.eval()


def describe_model(
    source: str | ModelSource, revision: str | None = None, access: HubAccess = OPERATOR
) -> PublishedModel:
    """The model at `source` without its weights: on the meta device, with config, method, origin and calibration.

    Its answers mean nothing. It takes a tenth of the time, and the memory of a few pages.

    Raises:
        CheckpointError: it cannot be had, or its files do not fit each other.
    """
    wanted = parse_source(source, revision) if isinstance(source, str) else source
    folder = wanted.folder or _hub_snapshot(wanted, access)
    described = _described(folder, wanted)
    weights_file.check(folder / WEIGHTS_FILE, described.state_dict(), wanted)
    return described


def bundled_evaluation(
    name: str, model: PublishedModel, report: str, read: Callable[[Mapping[str, Any]], Tables | None]
) -> Tables | None:
    """What `read` makes of the tables bundled with a catalogue model; None if nobody evaluated exactly these weights.

    Raises: CheckpointError if the file is damaged; it names the report that writes these tables.
    """
    if name not in MODELS or model.origin is None:
        return None
    return read_evaluation(BUNDLED_FOLDER / name, model.origin.sha256, report, read)


def _described(folder: Path, wanted: ModelSource) -> PublishedModel:
    """What all files but the weights say, and the hash of those; shapes that promise too much cost no memory."""
    entry, config = _read_config(folder / CONFIG_FILE, wanted)
    model = build(entry.model_class, config, wanted, "meta")
    model.method = entry.name
    sha256 = weights_file.sha256_of(folder / WEIGHTS_FILE, wanted)
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
        sha256 = entry.sha256 if revision in (None, entry.revision) else None
        return ModelSource(entry.name, None, entry.hub_id, revision or entry.revision, entry, sha256)
    if folder.is_dir():
        raise CheckpointError(f"The bundled model {entry.name} has no revisions. Leave the revision out.")
    raise CheckpointError(
        f"{entry.title} has no weights in this installation. Train it with `python -m training train {entry.name}`, "
        "or give a folder that holds it."
    )


def _entry_of(class_name: object, method: object, wanted: CatalogEntry | None) -> CatalogEntry:
    """The catalogue's entry of a checkpoint: the wanted one, or what it names itself, or else its class's first.

    Raises: CheckpointError if the class is unknown, or the wanted method another.
    """
    check_not_retired(class_name)
    of_class = {entry.name: entry for entry in MODELS.values() if entry.model_class.__name__ == class_name}
    if not of_class:
        known = ", ".join(dict.fromkeys(entry.model_class.__name__ for entry in MODELS.values()))
        raise CheckpointError(f"it names the model class {class_name!r}, but only {known} can be loaded.")
    if wanted is not None and wanted.name not in of_class:
        raise CheckpointError(f"it holds a {class_name} where a {wanted.model_class.__name__} belongs.")
    name = next(iter(of_class)) if wanted is None else wanted.name
    if method not in (None, *(of_class if wanted is None else (name,))):
        raise CheckpointError(f"it names the method {method!r}, but a {class_name} here is {' or '.join(of_class)}.")
    return of_class[name if method is None else str(method)]


def _hub_snapshot(wanted: ModelSource, access: HubAccess) -> Path:
    """Folder of the cache that holds the wanted revision; its name is the commit.

    A cached commit needs no network. Anything else is asked for again when the Hub answers, because a branch moves.
    """
    repo = wanted.repo or ""
    cached = cached_snapshot(repo, wanted.revision, (CONFIG_FILE, WEIGHTS_FILE), access)
    if cached is not None and is_commit(wanted.revision):
        return cached
    if not hub_answers(repo, CONFIG_FILE, wanted.revision):
        if cached is not None:
            return cached
        raise CheckpointError(
            f"{repo} is not on this machine and {constants.ENDPOINT} cannot be reached. "
            "Connect to the network, or give a local folder."
        )
    config_path = download(repo, CONFIG_FILE, wanted.revision, access)
    _read_config(config_path, wanted)  # a wrong class is said before its weights are fetched
    commit = config_path.parent.name
    download_if_there(repo, CALIBRATION_FILE, commit, access)
    return download(repo, WEIGHTS_FILE, commit, access).parent


def _read_config(path: Path, wanted: ModelSource) -> tuple[CatalogEntry, FaceModelConfig]:
    """The method a config is of and its checked values."""
    try:
        if path.stat().st_size > CONFIG_LIMIT:
            raise CheckpointError(f"it is larger than {CONFIG_LIMIT} bytes.")
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise CheckpointError("it is not a JSON object.")
        if any(_layers(name, value) > MOST_LAYERS for name, value in values.items()):
            raise CheckpointError(f"it asks for more than {MOST_LAYERS} layers.")  # they would be made before any check
        entry = _entry_of(values.pop("model", None), values.pop("method", None), wanted.entry)
        config = entry.model_class.config_from_dict(values)
        if config.alignment != TEMPLATE_NAME:
            raise CheckpointError(f"its crops are aligned to {config.alignment!r}, ours to {TEMPLATE_NAME!r}.")
        if not set(config.expressions) <= set(WITH_CONTEMPT):
            raise CheckpointError(f"its expressions {config.expressions} are not all among {WITH_CONTEMPT}.")
    except RetiredError:
        raise
    except FileNotFoundError as error:
        raise CheckpointError(f"{wanted.place(path)} is missing. {wanted.remedy}") from error
    except (CheckpointError, OSError, ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{wanted.place(path)} cannot be used: {error} {wanted.remedy}") from error
    return entry, config


def _layers(name: str, value: Any) -> int:
    """How many layers a value of a config asks for: as many as a list is long, or as its blocks add up to."""
    numbers = value if isinstance(value, list) else []
    blocks = [number for number in numbers if isinstance(number, int)] if name in ("blocks", "depths") else []
    return max(len(numbers), sum(blocks))


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
