"""The rendered faces and the latent maps as datasets of the Hub: assembled, sent, opened again and pinned."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tyro

from fer_demo.data.embedding_table import MAPS, tables_in
from fer_demo.data.loading import BUNDLED, load_bundled, load_hub
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from training.publishing.dataset_cards import FACES, LATENT_MAPS, SPLIT, TABLE_FILE, benchmark, faces_card, maps_card
from training.publishing.model_card import CARD_FILE
from training.publishing.shipment import (
    NOT_SENT,
    Destination,
    Shipment,
    check_arrived,
    new_folder,
    not_pinned,
    pin,
    planned,
    send,
)

_STALE = ("*.parquet", "*.yaml")


@dataclass(frozen=True)
class PublishFacesSettings(Destination):
    """Where the rendered faces go."""


@dataclass(frozen=True)
class PublishMapsSettings(Destination):
    """Which latent maps go where."""

    maps: tyro.conf.Positional[Path] = MAPS  # folder of maps; left out, it is that of the bundled ones


def publish_faces(settings: PublishFacesSettings) -> Path:
    """Write what the repository is to hold, send it if asked, and return its folder.

    Raises:
        CheckpointError: the Hub does not take it, or what comes back differs.
        SettingsError: the folder is not empty.
    """
    out, faces = new_folder(settings.out), load_bundled()
    (out / TABLE_FILE).parent.mkdir()
    shutil.copyfile(BUNDLED, out / TABLE_FILE)
    (out / CARD_FILE).write_text(faces_card(len(faces), settings.repo), encoding="utf-8")
    (out / "eval.yaml").write_text(benchmark(), encoding="utf-8")
    shipment = Shipment(out, settings.repo, "dataset", settings.private)
    print(planned(shipment))
    if not settings.upload:
        print(NOT_SENT)
        return out
    commit = _sent(shipment)
    try:
        came = load_hub(settings.repo, SPLIT, commit)
    except DataError as error:
        raise not_pinned(shipment, commit, f"it cannot be opened ({error})") from error
    if not _equal(faces, came):
        raise not_pinned(shipment, commit, "its rows came back changed")
    print(pin(FACES, settings.repo, commit, _sha256(out / TABLE_FILE)))
    return out


def publish_maps(settings: PublishMapsSettings) -> Path:
    """Write what the repository is to hold, send it if asked, and return its folder.

    Raises:
        CheckpointError: the Hub does not take it, or what comes back differs.
        DataError: a map cannot be read, or there is none.
        SettingsError: the folder is not empty.
    """
    tables, faults = tables_in(settings.maps)
    if faults or not tables:
        raise DataError(" ".join(faults) or f"There are no maps in {settings.maps}. Make one with “training project”.")
    out = new_folder(settings.out)
    for table in tables.values():
        shutil.copyfile(table.path, out / table.path.name)
    (out / CARD_FILE).write_text(maps_card(tables, settings.repo), encoding="utf-8")
    shipment = Shipment(out, settings.repo, "dataset", settings.private)
    print(planned(shipment))
    for name, table in tables.items():
        if table.thumbnail(0) is not None:
            print(f"{name} shows small pictures of {table.info.data}: send them only if everybody in them agreed.")
    if not settings.upload:
        print(NOT_SENT)
        return out
    commit = _sent(shipment)  # a map is opened as the file it is, so that equal bytes are an equal map
    digest = hashlib.sha256("".join(_sha256(out / table.path.name) for table in tables.values()).encode()).hexdigest()
    print(pin(LATENT_MAPS, settings.repo, commit, digest))
    return out


def _sent(shipment: Shipment) -> str:
    commit = send(shipment, _STALE)
    with tempfile.TemporaryDirectory() as cache:
        check_arrived(shipment, commit, Path(cache))
    return commit


def _equal(one: FaceSource, other: FaceSource) -> bool:
    """Whether two sets hold the same columns, and the same pictures byte for byte."""
    return (
        len(one) == len(other)
        and one.columns == other.columns
        and one.labels().equals(other.labels())
        and all(one.picture_file(row) == other.picture_file(row) for row in range(len(one)))
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
