"""A checkpoint on the Hub: its folder with a card for there, sent, loaded again and pinned."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tyro
from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
from huggingface_hub.utils import yaml_dump

from fer_demo.catalog import MODELS, CatalogEntry
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.data.embedding_table import MAPS
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.hub_files import HubAccess
from training.engine.run_folder import MAP_FILE
from training.evaluation.record import CLEAR_FACES, Evaluation, Figure
from training.publishing.answers import other_answers
from training.publishing.dataset_cards import CLEAR, FACES
from training.publishing.model_card import CARD_FILE, card_on_the_hub
from training.publishing.shipment import (
    NOT_SENT,
    Destination,
    Shipment,
    check_arrived,
    new_folder,
    not_pinned,
    pin,
    pinned,
    planned,
    send,
)

RESULTS_FILE = ".eval_results/fer_demo.yaml"
# Of an earlier upload, what this one may lack.
STALE = ("*.json", "*.parquet", "*.npz", "*.safetensors", ".eval_results/*")


@dataclass(frozen=True)
class PublishBundledSettings(Destination):
    """Which bundled model goes to which repository."""

    name: tyro.conf.Positional[str]  # of the catalogue

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (BUNDLED_FOLDER / self.name / CARD_FILE).is_file() or self.name not in MODELS:
            there = [name for name in MODELS if (BUNDLED_FOLDER / name).is_dir()]
            raise SettingsError(f"There is no bundled model {self.name!r}. Choose one of {', '.join(there)}.")


def publish_bundled(settings: PublishBundledSettings) -> Path:
    """Write what the repository is to hold, send it if asked, and return its folder.

    Raises:
        CheckpointError: the Hub does not take it, or what comes back differs.
        DataError: the folder cannot be written.
    """
    out, entry = new_folder(settings.out), MODELS[settings.name]
    stage_model(BUNDLED_FOLDER / entry.name, MAPS / f"{entry.name}.parquet", entry, settings.repo, out)
    ship_model(Shipment(out, settings.repo, "model", settings.private), entry, settings.upload)
    return out


def stage_model(folder: Path, table: Path, entry: CatalogEntry, repo: str, stage: Path) -> None:
    """Copy a checkpoint's files with its map, if it has one, and write the card and results that the Hub shows."""
    for path in folder.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copyfile(path, stage / path.name)
    if table.is_file():
        shutil.copyfile(table, stage / MAP_FILE)
    card = (folder / CARD_FILE).read_text(encoding="utf-8")
    (stage / CARD_FILE).write_text(card_on_the_hub(card, entry, repo), encoding="utf-8")
    if results := _results(stage):
        (stage / RESULTS_FILE).parent.mkdir()
        (stage / RESULTS_FILE).write_text(results, encoding="utf-8")


def ship_model(shipment: Shipment, entry: CatalogEntry, upload: bool) -> None:
    """List what is to be sent; if it is wanted, send it, load it again, compare, and pin it.

    Raises: CheckpointError if the Hub does not take it, or what comes back differs.
    """
    print(planned(shipment))
    for sentence in _left_out(shipment.folder, entry):
        print(sentence)
    if not upload:
        print(NOT_SENT)
        return
    commit = send(shipment, STALE)
    with tempfile.TemporaryDirectory() as cache:
        check_arrived(shipment, commit, Path(cache))
        sent = load_model(str(shipment.folder))
        try:
            came = load_model(shipment.repo, commit, HubAccess(cache=Path(cache)))
        except CheckpointError as error:
            raise not_pinned(shipment, commit, f"it cannot be loaded ({error})") from error
        if others := other_answers(sent, came):
            raise not_pinned(shipment, commit, f"what was loaded answers otherwise ({', '.join(others)})")
    assert came.origin is not None
    print(pin(entry.name, shipment.repo, commit, came.origin.sha256))


def _left_out(folder: Path, entry: CatalogEntry) -> list[str]:
    """What the repository would say if more were published."""
    missing = []
    if entry.starts_from is not None and entry.starts_from not in pinned():
        missing.append(f"Its card names no base_model: {entry.starts_from} is on no repository yet. Publish it first.")
    if _on_rendered_faces(folder) and FACES not in pinned():
        missing.append(f"It has no {Path(RESULTS_FILE).parent}: `publish faces` first, on which it was measured.")
    return missing


def _results(folder: Path) -> str:
    """The figures that were measured on a dataset of the Hub, as the Hub reads them; empty if there is none."""
    faces = pinned().get(FACES)
    entries = [
        EvalResultEntry(
            dataset_id=faces.repo,
            dataset_revision=faces.revision,
            task_id=CLEAR,
            value=figure.value,
            date=date,
            notes=f"{figure.name}, {figure.count} faces",
        )
        for figure, date in _on_rendered_faces(folder)
        if faces is not None
    ]
    return str(yaml_dump(eval_result_entries_to_yaml(entries))) if entries else ""


def _on_rendered_faces(folder: Path) -> list[tuple[Figure, str]]:
    """The accuracy on clear rendered faces with its date, if it was measured."""
    if not (folder / EVALUATION_FILE).is_file():
        return []
    evaluation = Evaluation.read(folder / EVALUATION_FILE)
    return [
        (figure, evaluation.measured[figure.part].date)
        for figure in evaluation.figures
        if figure.data == CLEAR_FACES and figure.name == "accuracy" and figure.part in evaluation.measured
    ]
