"""What the app works with, built once at start-up: detector, models, bundled faces and maps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

import numpy as np
import torch

from fer_demo.capabilities import EditsExpression, EditsPhoto, EmbedsIdentity, RecognizesExpression
from fer_demo.catalog import MODELS, check_not_retired
from fer_demo.checkpoints import CAPABILITY, describe_model, first_with_weights, load_or_bundled
from fer_demo.data.embedding_table import EmbeddingTable, tables_in
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop, crop_faces, crop_or_whole, in_kept_size
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.images import load_photo
from fer_demo.interface.guest_models import GuestModels
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.published.model import PublishedModel
from fer_demo.settings import AppSettings

LANDMARKER = "face_landmarker"  # in the catalogue


@dataclass(frozen=True)
class AppContext:
    """Everything the tabs share; what is missing is None or absent, and `notes` says why in sentences."""

    settings: AppSettings
    detector: Detector
    models: LoadedModels  # on first use, by catalogue name, folder or Hub id; earlier ones are preferred
    faces: FaceSource | None  # the bundled set
    maps: Mapping[str, EmbeddingTable]  # by the name of the file, the bundled ones first
    notes: tuple[str, ...] = ()
    guests: GuestModels = field(default_factory=GuestModels)  # what visitors brought

    @classmethod
    def create(cls, settings: AppSettings) -> AppContext:
        """Load whatever there is; nothing that is missing or damaged stops the app."""
        torch.set_num_threads(settings.threads)
        notes: list[str] = []
        models = _find_models(settings, notes)
        faces = _load_faces(notes)
        maps = _load_maps(settings, models.described, notes)
        detector, guests = RetinaFaceDetector(settings.threads), _guests(settings, notes)
        return cls(settings, detector, models, faces, maps, tuple(notes), guests)

    @cached_property
    def recognizers(self) -> dict[str, str]:
        """Title -> name of every model that recognizes expressions, those made for it first, then judges."""
        known = self.models.described.items()
        able = [name for name, model in known if isinstance(model, RecognizesExpression)]
        return {title(name): name for name in sorted(able, key=lambda name: (self._is_editor(name), _judges(name)))}

    @cached_property
    def editors(self) -> dict[str, str]:
        """Title -> name of every model that edits expressions."""
        return {title(name): name for name in self.models if self._is_editor(name)}

    @cached_property
    def embedder(self) -> PublishedModel | None:
        """The model that says how far an edited face is from its person."""
        known = self.models.described.items()
        name = next((name for name, model in known if isinstance(model, EmbedsIdentity)), None)
        return None if name is None else self.models[name]

    def landmarker(self) -> PublishedModel:
        """The model that finds the regions of a face.

        Raises: CheckpointError if it is missing.
        """
        if LANDMARKER not in self.models:
            raise CheckpointError("The face landmarker is missing, so regions are not known; install fer_demo again.")
        return self.models[LANDMARKER]

    def editor(self, name: str) -> PublishedModel:
        """One of the editors.

        Raises: CheckpointError if it is none of them.
        """
        self._check_editor(name)
        return self.model(name)

    def check_recognizer(self, name: str) -> None:
        """Raise CheckpointError for a name that is none of the recognizers, nor brought by a visitor."""
        if name not in self.recognizers.values() and not self.brought_for("recognition", name):
            raise CheckpointError("There is no such model here; choose one from the list.")

    def can(self, name: str, *capabilities: type) -> bool:
        """Whether an editor has one of these capabilities.

        Raises: CheckpointError if it is none of the editors.
        """
        self._check_editor(name)
        return isinstance(self.described(name), capabilities)

    def model(self, name: str) -> PublishedModel:
        """One of the models, or of those that visitors brought; loaded.

        Raises: CheckpointError if it is not here any more.
        """
        return self.models[name] if name in self.models else self.guests[name]

    def described(self, name: str) -> PublishedModel:
        """The same with or without its weights.

        Raises: as `model` does.
        """
        return self.models.described[name] if name in self.models else self.guests.described(name)

    @cached_property
    def followers(self) -> tuple[str, ...]:
        """The names of the editors that another face can drive."""
        return tuple(name for name in self.editors.values() if self.can(name, EditsExpression, EditsPhoto))

    def model_of_map(self, name: str) -> str:
        """The name of the model whose codes a map shows."""
        return _encoder_of(self.maps[name], self.models.described)

    def judge_name(self, editor: str) -> str:
        """The judge, or else a recognizer that did not learn together with this editor, or else the editor itself."""
        others = sorted((name for name in self.recognizers.values() if name != editor), key=_judges, reverse=True)
        return next(iter(others), editor)

    def judge_of(self, editor: str) -> PublishedModel:
        """The model of `judge_name`."""
        return self.models[self.judge_name(editor)]

    def crops_of_photo(self, content: bytes) -> tuple[FaceCrop, ...]:
        """All faces of an uploaded photo, the largest first.

        Raises: ImageError for an unreadable one, NoFaceError if there is no face.
        """
        return self.crops_of_array(load_photo(content))

    def crops_to_keep(self, content: bytes) -> tuple[FaceCrop, ...]:
        """The same in a size that a visitor's page may keep in memory.

        Raises: as `crops_of_photo` does.
        """
        return in_kept_size(self.crops_of_photo(content))

    def crops_of_array(self, photo: np.ndarray) -> tuple[FaceCrop, ...]:
        """All faces of a picture (H, W, 3), the largest first.

        Raises: NoFaceError if there is no face.
        """
        return crop_faces(photo, self.detector)

    def crop_of_row(self, row: int) -> FaceCrop:
        """The face of one bundled picture."""
        return crop_or_whole(self.bundled[row].image, self.detector)

    @property
    def bundled(self) -> FaceSource:
        """The bundled faces.

        Raises: DataError if they are missing.
        """
        if self.faces is None:
            raise DataError("The bundled faces are missing; install fer_demo again.")
        return self.faces

    @cached_property
    def row_of_key(self) -> dict[str, int]:
        """Row of every bundled face by its key."""
        return {} if self.faces is None else {key: row for row, key in enumerate(self.faces.column("key"))}

    @cached_property
    def example_rows(self) -> tuple[int, ...]:
        """One clear bundled face of each expression, turned to the camera; of different people if there are enough."""
        if self.faces is None:
            return ()
        expressions, people = self.faces.column("expression"), self.faces.column("person")
        order = np.argsort(_unclearness(self.faces), kind="stable")
        rows: list[int] = []
        for expression in BASIC:
            taken = {people[row] for row in rows}
            fitting = [int(row) for row in order if expressions[row] == expression]
            rows += sorted(fitting, key=lambda row: people[row] in taken)[:1]
        return tuple(rows)

    def _is_editor(self, name: str) -> bool:
        return isinstance(self.models.described[name], CAPABILITY["transfer"])

    def brought_for(self, task: str, name: str) -> bool:
        """Whether a visitor brought this model, and it can do the task."""
        return name in self.guests and isinstance(self.guests.described(name), CAPABILITY[task])

    def _check_editor(self, name: str) -> None:
        if name not in self.editors.values() and not self.brought_for("transfer", name):
            check_not_retired(name)
            raise CheckpointError("There is no such model here; choose one from the list.")


def title(name: str) -> str:
    """What people call a model."""
    place, _, pinned = name.partition("@")
    if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", pinned):
        return f"{place} at {pinned[:8]}"
    return MODELS[name].title if name in MODELS else name


def _judges(name: str) -> bool:
    return name in MODELS and MODELS[name].judges


def _find_models(settings: AppSettings, notes: list[str]) -> LoadedModels:
    """What the settings name, loaded; then every other method of the catalogue that has weights, described."""
    models: dict[str, PublishedModel] = {}
    for source, task in ((settings.recognizer, "recognition"), (settings.editor, "transfer")):
        known = source in MODELS and MODELS[source].task == task
        name = source if known else first_with_weights(task)
        try:
            model, note = load_or_bundled(source, name)
        except CheckpointError as error:
            notes.append(str(error))
            continue
        if note is not None:
            notes.append(note)
        models.setdefault(source if note is None else name, model)
    for name in [name for name in MODELS if name not in models]:
        try:
            models[name] = describe_model(name)
        except CheckpointError as error:
            notes.append(str(error))
    return LoadedModels(models)


def _guests(settings: AppSettings, notes: list[str]) -> GuestModels:
    folder = Path(settings.checkpoints) if settings.checkpoints else None
    if folder is not None and not folder.is_dir():
        notes.append(f"FER_DEMO_CHECKPOINTS names {folder}, which is not a folder.")
        folder = None
    return GuestModels(bool(settings.hub_login), folder)


def _load_faces(notes: list[str]) -> FaceSource | None:
    try:
        return load_bundled()
    except DataError as error:
        notes.append(str(error))
        return None


def _load_maps(
    settings: AppSettings, models: Mapping[str, PublishedModel], notes: list[str]
) -> dict[str, EmbeddingTable]:
    """The maps of the models, in the order of the models; a missing map is not an error; the tab says what to do."""
    bundled, faults = tables_in()
    notes += faults
    maps = {name: table for model in models for name, table in bundled.items() if _encoder_of(table, models) == model}
    if settings.editor not in MODELS and Path(settings.editor).is_dir():
        maps |= _own_maps(Path(settings.editor), models, maps)[0]  # evaluation writes one beside the weights
    if settings.maps:
        own, faults = _own_maps(Path(settings.maps), models, maps)
        maps |= own
        notes += faults
        if not Path(settings.maps).is_dir():
            notes.append(f"FER_DEMO_MAPS names {settings.maps}, which is not a folder.")
    return maps


def _own_maps(
    folder: Path, models: Mapping[str, PublishedModel], taken: Mapping[str, EmbeddingTable]
) -> tuple[dict[str, EmbeddingTable], list[str]]:
    """The maps of a folder by names that are not taken, and sentences about those that are of no use."""
    tables, faults = tables_in(folder)
    own: dict[str, EmbeddingTable] = {}
    for name, table in tables.items():
        if _encoder_of(table, models) in models:
            names = (name if number == 1 else f"{name} {number}" for number in count(1))
            own[next(free for free in names if free not in taken and free not in own)] = table
        else:
            faults.append(f"The map {table.path} is of {table.info.model}; name its weights in FER_DEMO_EDITOR.")
    return own, faults


def _encoder_of(table: EmbeddingTable, models: Mapping[str, PublishedModel]) -> str:
    """The name of the model with the weights that a map was made with, else of its namesake, there or not."""
    sha256 = table.info.weights_sha256
    same = (name for name, model in models.items() if model.origin is not None and model.origin.sha256 == sha256)
    return next(same, table.info.model)


def _unclearness(faces: FaceSource) -> np.ndarray:
    """(N,) degrees turned away from the camera, less where the expression is strong."""
    poses = [np.zeros(3) if pose is None else np.asarray(pose) for pose in faces.column("head_pose")]
    intensities = faces.column("intensity") if "intensity" in faces.columns else [None] * len(faces)
    strength = np.array([1.0 if value is None else value for value in intensities], dtype=float)
    return np.abs(np.stack(poses)).sum(axis=1) - 20.0 * np.minimum(strength, 0.8)
