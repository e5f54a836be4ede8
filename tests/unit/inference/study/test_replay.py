"""A study runs again from its file and gives the same numbers, or says why it cannot."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from fer_demo.capabilities import Guidance
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.study.archive import StudySet, study_file
from fer_demo.inference.study.replay import Replay, replay
from fer_demo.inference.study.run import FRAME_COLUMNS, StudyModels, enclosed, numbers, run_study, study_of
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.outputs import zipped
from tests.editors import tiny_landmark_editor


class Middle:
    """Sees a face in the middle of every picture."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        side = float(photo.shape[0])
        return (DetectedFace((0.0, 0.0, side, side), TEMPLATE * side, 0.9),)


def save_models(folder: Path) -> None:
    torch.manual_seed(0)
    tiny_landmark_editor().save(folder / "editor")
    tiny_landmark_editor(painter_widths=(8,)).save(folder / "painter")
    TDGAN(TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)).save(
        folder / "tdgan"
    )
    ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))).save(
        folder / "judge"
    )
    IdentityEmbedder(IdentityEmbedderConfig(widths=(2, 2, 2, 2), blocks=(1, 1, 1, 1))).save(folder / "embedder")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    save_models(path)
    return path


def models(folder: Path, editor: str = "editor", embedder: bool = True) -> StudyModels:
    known = load_model(str(folder / "embedder")) if embedder else None
    return StudyModels(load_model(str(folder / editor)), load_model(str(folder / "judge")), known, Middle())


def photo(seed: int = 0) -> FaceCrop:
    """A face of 70 pixels in a larger photo."""
    pixels = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    return FaceCrop(pixels, DetectedFace((150.0, 90.0, 220.0, 160.0), TEMPLATE * 70 + (150, 90), 0.9), ("A note.",))


@pytest.fixture(scope="module")
def packed(folder: Path) -> bytes:
    known = models(folder)
    return study_file(study_of(known.judge, photo(), None, photo(1), "expression", 3), known)


def changed(packed: bytes, name: str, content: bytes | None, path: Path) -> Path:
    """The study with one file replaced, or left out."""
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        if content is not None:
            new.writestr(name, content)
    return path


def test_a_study_holds_everything_a_paper_needs(packed: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        assert {
            "study.json",
            "methods.txt",
            "models.bib",
            "frames.csv",
            "strip.png",
            "animation.gif",
            "film.mp4",
        } < names
        assert {"inputs/source.png", "inputs/target.png", "frames/frame_02.png"} < names
        assert archive.read("frames.csv").decode().splitlines()[0] == ",".join(FRAME_COLUMNS)
        assert "@article{king2009dlib" in archive.read("models.bib").decode()
        said = archive.read("methods.txt").decode()
        record = json.loads(archive.read("study.json"))
    assert "3 frames in equal steps" in said
    assert record["models"]["editor"]["sha256"][:12] in said
    assert record["seeds"] == []
    assert record["faces"]["source"]["notes"] == ["A note."]


def test_the_same_machine_gives_exactly_the_same(packed: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.zip").write_bytes(packed)
    again = replay(tmp_path / "s.zip", Middle())
    assert again.exact
    assert again.reproduced
    assert again.changed == ()
    assert again.sentences()[-1] == "Every number is reproduced exactly."


def test_a_corrected_reading_and_a_short_reach_are_replayed(folder: Path, tmp_path: Path) -> None:
    known = models(folder)
    study = study_of(known.judge, photo(), None, photo(1), "expression", 3, 0.4, "fear")
    assert study.reading is not None
    assert study.driver_label == (None if study.reading.expression == "fear" else "fear")
    (tmp_path / "s.zip").write_bytes(content := study_file(study, known))
    assert replay(tmp_path / "s.zip", Middle()).exact
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record, said = json.loads(archive.read("study.json")), archive.read("methods.txt").decode()
    np.testing.assert_allclose(record["numbers"]["alpha"], [0, 0.2, 0.4], atol=1e-6)
    assert "from 0 to 0.4 (1 is the whole way)" in said
    assert "said to be fear by whoever ran the study" in said
    assert f"read it as {study.reading.expression} ({study.reading.probability:.2f})" in said


def test_a_study_of_several_people_and_expressions_is_replayed_as_one(folder: Path, tmp_path: Path) -> None:
    known, studies = models(folder), StudySet()
    contents: dict[str, bytes | str] = {}
    for name, person in (("01-ann", photo()), ("02-bob", photo(1))):
        for expression in ("happy", "sad"):
            study = study_of(known.judge, person, None, expression, "expression", 3, 0.5)
            contents |= studies.add(name, study, known)
    contents |= studies.common()
    assert {"inputs/01-ann/source.png", "02-bob/sad/frames/frame_02.png", "02-bob/sad/frames.csv"} < set(contents)
    assert sum(name.startswith("inputs/") for name in contents) == 2  # a person's picture is there once
    assert "2 faces were each edited" in str(contents["methods.txt"])
    assert "happy 0.5, sad 0.5" in str(contents["methods.txt"])
    assert " of 4 strips" in str(contents["methods.txt"])
    path = tmp_path / "set.zip"
    path.write_bytes(zipped(contents))
    again = replay(path, Middle())
    assert (again.exact, again.studies) == (True, 4)
    assert "of 4 studies were compared" in again.sentences()[0]
    record = json.loads(str(contents["study.json"]))
    record["studies"]["02-bob/sad"]["numbers"]["identity_distance"][2] += 0.004
    path.write_bytes(zipped({**contents, "study.json": json.dumps(record)}))
    assert not replay(path, Middle()).reproduced
    path.write_bytes(zipped({**contents, "study.json": json.dumps({**record, "studies": {}})}))
    with pytest.raises(DataError, match="names no study"):
        replay(path, Middle())
    del contents["01-ann/happy/frames/frame_01.png"]
    path.write_bytes(zipped(contents))
    with pytest.raises(DataError, match="damaged"):
        replay(path, Middle())


def test_a_study_of_the_first_version_is_painted_as_it_was(folder: Path, tmp_path: Path) -> None:
    known = models(folder)
    study = dataclasses.replace(study_of(known.judge, photo(), None, photo(1), "expression", 5), scaled_below=0.0)
    content = study_file(study, known)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record = json.loads(archive.read("study.json"))
    for name in ("reach", "reading", "scaled_below"):
        del record[name]
    record["format"] = "fer_demo study, version 1"
    old = changed(content, "study.json", json.dumps(record).encode(), tmp_path / "old.zip")
    assert replay(old, Middle()).exact
    # The same record taken for one of today is another walk: the version matters.
    record.update(format="fer_demo study, version 2", scaled_below=0.3)
    assert not replay(changed(content, "study.json", json.dumps(record).encode(), tmp_path / "b.zip"), Middle()).exact


def test_guidance_is_recorded_and_replayed_to_the_bit(folder: Path, tmp_path: Path) -> None:
    known, path = models(folder, "painter"), tmp_path / "s.zip"
    records = {}
    for guidance in (None, Guidance(0.5, 3.25)):
        study = study_of(known.judge, photo(), None, "happy", "expression", 3, guidance=guidance)
        path.write_bytes(content := study_file(study, known))
        assert replay(path, Middle()).exact
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            records[guidance] = json.loads(archive.read("study.json"))
            table = list(csv.DictReader(io.StringIO(archive.read("frames.csv").decode())))
            said = archive.read("methods.txt").decode()
    assert records[None]["guidance"] == {"person": 1.0, "expression": 1.0}
    assert {(row["guidance_person"], row["guidance_expression"]) for row in table} == {("0.5000", "3.2500")}
    assert "classifier-free guidance 0.5 by the face and 3.25 by the lips" in said
    # A record without it was painted with the editor's own guidance: this one was not.
    old = {name: value for name, value in records[guidance].items() if name != "guidance"}
    assert not replay(changed(content, "study.json", json.dumps(old).encode(), tmp_path / "old.zip"), Middle()).exact


def test_a_study_from_before_guidance_was_recorded_is_painted_as_it_was(folder: Path, tmp_path: Path) -> None:
    known = models(folder, "painter")
    content = study_file(study_of(known.judge, photo(), None, "happy", "expression", 3), known)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record = json.loads(archive.read("study.json"))
    del record["guidance"]
    record["format"] = "fer_demo study, version 2"
    assert replay(changed(content, "study.json", json.dumps(record).encode(), tmp_path / "old.zip"), Middle()).exact


def test_a_walk_between_people_and_one_without_an_embedder_are_reproduced_too(folder: Path, tmp_path: Path) -> None:
    for number, known in enumerate((models(folder, "tdgan"), models(folder, "tdgan", embedder=False))):
        study = study_of(known.judge, photo(), None, photo(1), "identity", 2)
        path = tmp_path / f"{number}.zip"
        path.write_bytes(study_file(study, known))
        assert replay(path, Middle()).exact


def test_only_the_face_is_taken_from_a_photo_and_the_numbers_stay(folder: Path) -> None:
    known = models(folder)
    study = study_of(known.judge, photo(), "neutral", "happy", "expression", 3)
    small = enclosed(study)
    assert max(small.source.photo.shape) < 120  # 1.6 times the face, of a photo of 300 x 400
    before, after = (numbers(run_study(one, known)) for one in (study, small))
    for name, column in before.items():
        np.testing.assert_array_equal(column, after[name], err_msg=name)


def test_other_numbers_are_not_called_reproduced(packed: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        record = json.loads(archive.read("study.json"))
    record["numbers"]["identity_distance"][2] += 0.004
    text = json.dumps(record).encode()
    again = replay(changed(packed, "study.json", text, tmp_path / "a.zip"), Middle())
    assert not again.reproduced
    assert "on the same machine" in again.sentences()[-1]
    record["machine"]["processor"] = "another"
    elsewhere = replay(changed(packed, "study.json", json.dumps(record).encode(), tmp_path / "b.zip"), Middle())
    assert elsewhere.reproduced
    assert "within the tolerance of other machines" in elsewhere.sentences()[-1]
    record["numbers"]["identity_distance"][2] += 0.1
    far = replay(changed(packed, "study.json", json.dumps(record).encode(), tmp_path / "c.zip"), Middle())
    assert not far.reproduced


def test_what_cannot_be_replayed_is_said(packed: bytes, tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(packed[: len(packed) // 2])
    cases = {
        "damaged": tmp_path / "cut.zip",
        "no file": tmp_path / "none.zip",
        "holds no study.json": changed(packed, "study.json", None, tmp_path / "a.zip"),
        "cannot be used": changed(packed, "study.json", b"{}", tmp_path / "b.zip"),
        "is damaged or not a study": changed(packed, "frames/frame_01.png", None, tmp_path / "c.zip"),
        "not the picture that was recorded": changed(packed, "inputs/source.png", b"other", tmp_path / "d.zip"),
    }
    for words, path in cases.items():
        with pytest.raises(DataError, match=words):
            replay(path, Middle())


def test_other_weights_are_refused(tmp_path: Path) -> None:
    save_models(tmp_path)
    known = models(tmp_path)
    (tmp_path / "s.zip").write_bytes(study_file(study_of(known.judge, photo(), None, "sad", "expression", 2), known))
    with torch.no_grad():
        known.editor.motion.weight += 1  # type: ignore[union-attr,operator]
    known.editor.save(tmp_path / "editor")
    with pytest.raises(CheckpointError, match="other weights"):
        replay(tmp_path / "s.zip", Middle())


def test_a_study_of_an_editor_that_was_taken_out_says_so(packed: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        record = json.loads(archive.read("study.json"))
    record["models"]["editor"].update(method="warp_editor", source="warp_editor")
    old = changed(packed, "study.json", json.dumps(record).encode(), tmp_path / "old.zip")
    with pytest.raises(CheckpointError, match="can be repeated only with the earlier version of fer_demo that made it"):
        replay(old, Middle())


def test_a_missing_number_is_a_difference() -> None:
    assert not dataclasses.replace(Replay({"alpha": 0.0}, 0, ("os",)), differences={"alpha": np.inf}).reproduced
