"""The app starts with whatever is there, and says what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from fer_demo import checkpoints
from fer_demo.catalog import MODELS
from fer_demo.data.embedding_table import (
    Basis,
    EmbeddingTable,
    Placement,
    Space,
    TableInfo,
    tables_in,
    write_embedding_table,
)
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, ImageError, NoFaceError
from fer_demo.expressions import BASIC
from fer_demo.interface import context as module
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.published.model import Origin, PublishedModel
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces

PEOPLE = 3


def faces() -> FaceSource:
    """Every expression of three people, each turned further from the camera than the one before."""
    rows = [(person, expression) for expression in BASIC for person in range(PEOPLE)]
    table = {
        "image": [{"bytes": b"", "path": None} for _ in rows],
        "key": [f"{expression}-{person}" for person, expression in rows],
        "expression": [expression for _, expression in rows],
        "person": [f"person-{person}" for person, _ in rows],
        "head_pose": [[10.0 * person, 0.0, 0.0] for person, _ in rows],
    }
    return FaceSource("bundled", pa.table(table))


def untrained(name: str) -> PublishedModel:
    entry = MODELS[name]
    return entry.model_class(entry.model_class.config_class())


def context(**parts: object) -> AppContext:
    given = {"settings": AppSettings(), "detector": NoFaces(), "models": {}, "faces": None, "maps": {}} | parts
    given["models"] = LoadedModels(given["models"])  # type: ignore[arg-type]
    return AppContext(**given)  # type: ignore[arg-type]


def loads(monkeypatch: pytest.MonkeyPatch, load: Callable[[str, str], tuple[PublishedModel, str | None]]) -> None:
    """The app starts with what `load` gives for a source."""
    monkeypatch.setattr(module, "load_or_bundled", load)
    monkeypatch.setattr(module, "describe_model", lambda source: load(source, source)[0])
    monkeypatch.setattr(module, "load_bundled", faces)


@pytest.fixture
def nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_model(source: str, fallback: str = "") -> tuple[PublishedModel, str | None]:
        raise CheckpointError(f"{source} is missing; get it.")

    def no_faces() -> FaceSource:
        raise DataError("The faces are missing; install again.")

    monkeypatch.setattr(module, "load_or_bundled", no_model)
    monkeypatch.setattr(module, "describe_model", no_model)
    monkeypatch.setattr(module, "load_bundled", no_faces)


def test_with_nothing_there_the_app_still_starts_and_says_what_is_missing(nothing_there: None) -> None:
    bare = AppContext.create(AppSettings())
    assert (dict(bare.models), bare.maps, bare.faces) == ({}, {}, None)
    assert bare.example_rows == ()
    assert set(bare.notes) == {
        *(f"{name} is missing; get it." for name in MODELS),
        "The faces are missing; install again.",
    }


def test_a_model_that_was_replaced_goes_by_the_bundled_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, fallback: str) -> tuple[PublishedModel, str | None]:
        return untrained("expression_classifier"), "We use the bundled one." if source == "someone/model" else None

    loads(monkeypatch, load)
    started = AppContext.create(AppSettings(recognizer="someone/model"))
    assert "expression_classifier" in started.models
    assert "someone/model" not in started.models
    assert started.notes == ("We use the bundled one.",)


def test_the_maps_of_loaded_models_are_there_and_damaged_ones_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    info = TableInfo("tdgan", "0" * 64, "bundled", (), ("identity",), ("umap",), {}, {}, {}, 15)
    tables = {
        "ipd_fer": EmbeddingTable(Path("ipd_fer.parquet"), replace(info, model="ipd_fer"), 2),
        "tdgan": EmbeddingTable(Path("tdgan.parquet"), info, 2),
        "else": EmbeddingTable(Path("else.parquet"), replace(info, model="someone/model"), 2),
    }
    loads(monkeypatch, lambda source, fallback: (untrained("expression_classifier"), None))
    monkeypatch.setattr(module, "tables_in", lambda: (tables, ["The map x.parquet cannot be read."]))
    context = AppContext.create(AppSettings())
    assert list(context.maps) == ["tdgan", "ipd_fer"]  # in the catalogue's order, not the files'
    assert "The map x.parquet cannot be read." in context.notes


def own_map(folder: Path, name: str, weights: str, model: str = "tdgan") -> None:
    ones = np.ones((3, 1), np.float32)
    placed = {"pca": Placement(np.ones((3, 2)), ones[:, 0], ones[:, 0])}
    space = Space(ones, Basis(ones[0], ones[:1]), ones[:, 0], placed)
    shares = {"identity": 1.0}
    info = TableInfo(model, weights, "mine", (), ("identity",), ("pca",), {"identity": 1}, shares, shares, 1)
    write_embedding_table(folder / name, info, ["a", "b", "c"], {}, {"identity": space})


def test_maps_of_ones_own_are_found_in_their_folder_and_beside_a_checkpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def load(source: str, fallback: str) -> tuple[PublishedModel, str | None]:
        model = untrained("tdgan")
        model.origin = Origin(source, None, "1" * 64 if source == str(run) else "2" * 64)
        return model, None

    run, maps = tmp_path / "run", tmp_path / "maps"
    run.mkdir()
    maps.mkdir()
    own_map(run, "map.parquet", "1" * 64)
    own_map(maps, "map.parquet", "2" * 64)
    own_map(maps, "strange.parquet", "3" * 64, "someone/model")
    (maps / "broken.parquet").write_bytes(b"nothing")
    loads(monkeypatch, load)
    monkeypatch.setattr(module, "tables_in", lambda folder=tmp_path / "none": tables_in(folder))
    started = AppContext.create(AppSettings(editor=str(run), maps=str(maps)))
    assert list(started.maps) == ["map", "map 2"]
    assert started.model_of_map("map") == str(run)  # by its weights, whatever method the map names
    assert started.model_of_map("map 2") != str(run)
    assert any("strange.parquet is of someone/model; name its weights" in note for note in started.notes)
    assert any("broken.parquet cannot be read" in note for note in started.notes)


def test_a_folder_of_maps_that_is_not_there_is_named(nothing_there: None) -> None:
    notes = AppContext.create(AppSettings(maps="no/folder")).notes
    assert "FER_DEMO_MAPS names no/folder, which is not a folder." in notes


def test_the_examples_show_every_expression_and_as_many_people_as_there_are() -> None:
    source = faces()
    rows = context(faces=source).example_rows
    assert [source.column("expression")[row] for row in rows] == list(BASIC)
    assert [source.column("person")[row] for row in rows[:PEOPLE]] == ["person-0", "person-1", "person-2"]


def test_recognizers_come_before_editors_and_the_judge_is_not_the_editor() -> None:
    models = {"tdgan": untrained("tdgan"), "expression_classifier": untrained("expression_classifier")}
    both = context(models=models)
    assert list(both.recognizers.values()) == ["expression_classifier", "tdgan"]
    assert both.editors == {"TDGAN": "tdgan"}
    assert both.judge_of("tdgan") is models["expression_classifier"]


def test_the_judge_judges_and_is_the_last_recognizer_made_for_it() -> None:
    names = ("expression_judge", "tdgan", "expression_classifier")
    three = context(models={name: untrained(name) for name in names})
    assert list(three.recognizers.values()) == ["expression_classifier", "expression_judge", "tdgan"]
    assert three.judge_of("tdgan") is three.models["expression_judge"]


def test_methods_without_weights_are_left_out_and_the_notes_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, fallback: str) -> tuple[PublishedModel, str | None]:
        if source == "residual_masking":
            raise CheckpointError("Residual Masking Network has no weights in this installation. Train it.")
        return untrained("expression_classifier"), None

    loads(monkeypatch, load)
    started = AppContext.create(AppSettings())
    assert "residual_masking" not in started.models
    assert "Residual Masking Network has no weights in this installation. Train it." in started.notes


def test_both_kinds_of_editors_can_be_picked_and_the_first_method_of_the_catalogue_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads(monkeypatch, lambda source, fallback: (untrained(source), None))
    started = AppContext.create(AppSettings())
    assert next(iter(started.editors.items())) == ("Landmark editor", "landmark_editor")
    assert started.editors["TDGAN"] == "tdgan"
    assert started.embedder is started.models["identity_embedder"]
    assert started.editor("tdgan") is started.models["tdgan"]
    assert started.judge_name("tdgan") == "expression_judge"
    assert list(AppContext.create(AppSettings(editor="tdgan")).editors.values())[:2] == ["tdgan", "landmark_editor"]


def test_without_weights_the_next_editor_takes_over_and_an_unknown_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "tdgan"
    folder.mkdir()
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    monkeypatch.setattr(checkpoints, "load_model", only_tdgan)
    monkeypatch.setattr(module, "describe_model", only_tdgan)
    monkeypatch.setattr(module, "load_bundled", faces)
    assert list(AppContext.create(AppSettings()).editors.values()) == ["tdgan"]
    spoilt = AppContext.create(AppSettings(editor="no/folder"))
    assert list(spoilt.editors.values()) == ["tdgan"]
    assert any("no/folder" in note and "TDGAN is used instead" in note for note in spoilt.notes)


def only_tdgan(source: str) -> PublishedModel:
    if source != "tdgan":
        raise CheckpointError(f"{source} has no weights.")
    return untrained("tdgan")


def test_a_model_that_cannot_edit_is_no_editor() -> None:
    with pytest.raises(CheckpointError, match="choose one from the list"):
        context(models={"expression_classifier": untrained("expression_classifier")}).editor("expression_classifier")


def test_without_an_embedder_there_is_none() -> None:
    assert context(models={"tdgan": untrained("tdgan")}).embedder is None


def test_an_editor_alone_judges_itself() -> None:
    models = {"tdgan": untrained("tdgan")}
    assert context(models=models).judge_of("tdgan") is models["tdgan"]


def test_a_photo_without_a_face_and_a_file_without_a_photo_are_told_apart() -> None:
    with pytest.raises(ImageError):
        context().crops_of_photo(b"no picture")
    with pytest.raises(NoFaceError):
        context().crops_of_array(np.zeros((32, 32, 3), np.uint8))


def test_asking_for_missing_bundled_faces_is_an_error_with_a_remedy() -> None:
    with pytest.raises(DataError, match="install"):
        _ = context().bundled
