"""The batch commands' interface, which scripts rely on: flags, file names, columns, array names, shapes and types.

The models are small and untrained and the detector is a stand-in, so only the form of the answers is checked here.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.__main__ import build_parser, main
from fer_demo.catalog import MODELS
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.study.synthetic_files import MARK
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.tdgan import CODE_DIMS, TDGAN, TDGANConfig
from fer_demo.published.model import FaceModelConfig
from fer_demo.settings import AppSettings
from tests import translator

ORDER, SETS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"], ["set_80", "set_90", "set_95"]
BOX, PEOPLE = ["left", "top", "right", "bottom"], ["answer", "people_disagree"]
RECOGNITION_COLUMNS = ["file", "face", *BOX, *ORDER, "contempt", "expression", *SETS, *PEOPLE, "notes"]
STUDY_COLUMNS = ["frame", "alpha", *ORDER, "expression", "identity_similarity", "identity_distance", "same_person"]
SIZE = 64  # of the small TDGAN's pictures

Run = Callable[..., int]


class StandIn:
    """Sees a face in the middle of every picture with something bright in it, and a second one if it is wide."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        height, width = photo.shape[:2]
        if photo.max() < 200:
            return ()
        side = min(height, width)
        count = 2 if width >= 2 * height else 1
        return tuple(
            DetectedFace((place * side, 0.0, (place + 1) * side, side), TEMPLATE * side + (place * side, 0), 0.9)
            for place in range(count)
        )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of a small recognizer and a small TDGAN."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    small = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    ExpressionClassifier(small).save(folder / "recognizer")
    editor = TDGAN(TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4))
    editor.expression_prototypes.normal_()  # zero until they are measured, and then every frame would be the same
    editor.save(folder / "tdgan")
    return folder


@pytest.fixture
def run(models: Path) -> Run:
    """Runs a command line in this process."""

    def command(*argv: object) -> int:
        chosen = "recognizer" if argv[0] == "recognize" else "tdgan"
        model = [] if "--model" in argv else ["--model", models / chosen]
        judge = ["--judge", models / "recognizer"] if argv[0] == "interpolate" else []
        return main([str(word) for word in (*argv, *model, *judge)], StandIn())

    return command


def save_photo(path: Path, height: int = 60, width: int = 60, brightest: int = 255) -> Path:
    """A picture of noise; without anything above 200 it shows no face to the stand-in."""
    noise = np.random.default_rng(0).integers(0, brightest + 1, (height, width, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    return path


def save_crops(path: Path, *shape: int) -> Path:
    """Noise as crops."""
    np.save(path, np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8))
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ---- the command line -----------------------------------------------------------------------------------------------


def test_the_flags_and_their_defaults_stay() -> None:
    parse = build_parser().parse_args
    ab = parse(["recognize", "a", "b"])
    assert [ab.photos, ab.crops, ab.output, ab.model] == [[Path("a"), Path("b")], None, None, AppSettings.recognizer]
    crops = parse(["recognize", "--crops", "f.npy", "--model", "m", "--output", "o.npy"])
    assert (crops.crops, crops.model, crops.output) == (Path("f.npy"), "m", Path("o.npy"))
    assert parse(["encode", "--crops", "f.npy", "--output", "o.npz"]).model == "tdgan"
    assert parse(["transfer", "--identity", "a.npy", "--expression", "b.npy", "--output", "o.npy"]).model is None
    interpolate = parse(["interpolate", "--identity", "p", "--from", "x", "--to", "y", "--output", "d"])
    assert (interpolate.model, interpolate.judge, interpolate.steps) == (None, "expression_judge", 11)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["unknown"],
        ["recognize"],
        ["recognize", "a.jpg", "--crops", "f.npy"],
        ["recognize", "a.jpg", "--output", "o.txt"],
        ["encode", "--crops", "f.npy"],
        ["encode", "--crops", "f.npy", "--output", "o.npy"],
        ["transfer", "--identity", "a.npy", "--output", "o.npy"],
        ["interpolate", "--identity", "p", "--to", "happy", "--steps", "many", "--output", "d"],
    ],
)
def test_a_wrong_command_line_exits_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(argv)
    assert exit_info.value.code == 2
    assert "usage: python -m fer_demo" in capsys.readouterr().err


def test_help_needs_neither_torch_nor_gradio() -> None:
    code = (
        "import sys; from fer_demo.__main__ import main\n"
        "try: main(['recognize', '--help'])\n"
        "finally: print({'torch', 'gradio', 'numpy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("set()\n")


# ---- recognize ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 48, 48), (3, 48, 48, 3), (3, 100, 80, 3), (70, 20, 20)])
def test_recognize_gives_seven_probabilities_per_crop(run: Run, tmp_path: Path, shape: tuple[int, ...]) -> None:
    crops = save_crops(tmp_path / "f.npy", *shape)
    assert run("recognize", "--crops", crops, "--output", tmp_path / "new" / "o.npy") == 0
    probabilities = np.load(tmp_path / "new" / "o.npy")
    assert probabilities.shape == (shape[0], 7)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_recognize_writes_a_table_of_crops(run: Run, tmp_path: Path) -> None:
    dark = np.zeros((2, 48, 48), dtype=np.uint8)
    dark[1, 0, 0] = 255
    np.save(tmp_path / "f.npy", dark)
    assert run("recognize", "--crops", tmp_path / "f.npy", "--output", tmp_path / "o.csv") == 0
    whole, aligned = read_csv(tmp_path / "o.csv")
    assert list(whole) == RECOGNITION_COLUMNS
    assert (whole["file"], whole["face"], aligned["face"]) == (str(tmp_path / "f.npy"), "0", "1")
    assert [whole[edge] for edge in BOX] == [""] * 4
    assert [aligned[edge] for edge in BOX] == ["0.0", "0.0", "48.0", "48.0"]
    assert whole["expression"] == max(ORDER, key=lambda name: float(whole[name]))
    assert "whole picture" in whole["notes"]


def test_recognize_has_a_row_for_every_face_of_every_photo(run: Run, tmp_path: Path) -> None:
    one, two = save_photo(tmp_path / "one.png"), save_photo(tmp_path / "two.png", 60, 120)
    assert run("recognize", one, two, "--output", tmp_path / "o.csv") == 0
    rows = read_csv(tmp_path / "o.csv")
    assert [(row["file"], row["face"]) for row in rows] == [(str(one), "0"), (str(two), "0"), (str(two), "1")]
    assert run("recognize", one, two, "--answer", "votes", "--output", tmp_path / "o.npy") == 0
    table = [[float(row[name]) for name in [*ORDER, "contempt"]] for row in rows]
    np.testing.assert_allclose(np.load(tmp_path / "o.npy"), table, atol=1e-4)


def test_labels_are_given_when_asked_for_and_by_models_without_votes(run: Run, models: Path, tmp_path: Path) -> None:
    crops, out = save_crops(tmp_path / "f.npy", 2, 48, 48), tmp_path / "o.csv"
    for asked in (("--answer", "label"), ("--answer", "votes", "--model", models / "tdgan")):
        assert run("recognize", "--crops", crops, *asked, "--output", out) == 0
        assert run("recognize", "--crops", crops, *asked, "--output", tmp_path / "o.npy") == 0
        for row, numbers in zip(read_csv(out), np.load(tmp_path / "o.npy"), strict=True):
            np.testing.assert_allclose(numbers, [float(row[name]) for name in ORDER], atol=1e-4)
            assert (row["answer"], row["contempt"], row["people_disagree"]) == ("label", "", "")


def test_recognize_prints_the_table_without_output(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("recognize", save_photo(tmp_path / "a.png")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(",") == RECOGNITION_COLUMNS
    assert len(lines) == 2


def test_bad_photos_get_one_sentence_each_and_the_others_are_done(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, dark = save_photo(tmp_path / "good.png"), save_photo(tmp_path / "dark.png", brightest=40)
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:2000])
    bad = [dark, *(tmp_path / name for name in ("empty.jpg", "text.jpg", "cut.png", "none.jpg"))]
    assert run("recognize", *bad, good, "--output", tmp_path / "o.csv") == 0
    complaints = capsys.readouterr().err.splitlines()
    assert len(complaints) == len(bad)
    assert all(path.name in line for path, line in zip(bad, complaints, strict=True))
    assert [row["file"] for row in read_csv(tmp_path / "o.csv")] == [str(good)]


def test_if_no_photo_can_be_used_the_exit_code_is_2(run: Run, tmp_path: Path) -> None:
    assert run("recognize", tmp_path / "none.jpg", "--output", tmp_path / "o.csv") == 2
    assert not (tmp_path / "o.csv").exists()


# ---- encode and transfer --------------------------------------------------------------------------------------------


def test_encode_writes_both_codes(run: Run, tmp_path: Path) -> None:
    assert run("encode", "--crops", save_crops(tmp_path / "f.npy", 3, 48, 48), "--output", tmp_path / "o.npz") == 0
    codes = np.load(tmp_path / "o.npz")
    assert sorted(codes.files) == ["expression", "identity"]
    for name in codes.files:
        assert codes[name].shape == (3, CODE_DIMS)
        assert codes[name].dtype == np.float32


def test_transfer_writes_one_face_per_pair(run: Run, tmp_path: Path) -> None:
    a, b = save_crops(tmp_path / "a.npy", 3, 48, 48), save_crops(tmp_path / "b.npy", 3, 90, 90, 3)
    assert run("transfer", "--identity", a, "--expression", b, "--output", tmp_path / "o.npy") == 0
    faces = np.load(tmp_path / "o.npy")
    assert faces.shape == (3, SIZE, SIZE)
    assert faces.dtype == np.uint8


def test_transfer_needs_as_many_of_one_as_of_the_other(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = save_crops(tmp_path / "a.npy", 3, 48, 48), save_crops(tmp_path / "b.npy", 2, 48, 48)
    assert run("transfer", "--identity", a, "--expression", b, "--output", tmp_path / "o.npy") == 2
    assert "3 faces" in capsys.readouterr().err


# ---- interpolate ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["names", "photos", "own"])
def test_interpolate_writes_frames_strip_animation_and_study(run: Run, tmp_path: Path, ends: str) -> None:
    person, other = save_photo(tmp_path / "p.png"), save_photo(tmp_path / "q.jpg", 80, 70)
    argv = {"names": ["--from", "neutral", "--to", "Happy"], "photos": ["--from", person, "--to", other]}
    chosen = argv.get(ends, ["--to", "sad"])
    assert run("interpolate", "--identity", person, *chosen, "--steps", 4, "--output", tmp_path / "out") == 0

    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["animation.gif", "frames", "strip.png", "study.csv"]
    frames = sorted(path.name for path in (out / "frames").iterdir())
    assert frames == ["frame_00.png", "frame_01.png", "frame_02.png", "frame_03.png"]
    with Image.open(out / "frames" / "frame_00.png") as frame:
        assert (frame.size, frame.mode) == ((SIZE, SIZE), "RGB")
    with Image.open(out / "animation.gif") as animation:
        assert animation.n_frames > 1
    rows = read_csv(out / "study.csv")
    assert list(rows[0]) == STUDY_COLUMNS
    assert [row["frame"] for row in rows] == ["0", "1", "2", "3"]
    assert [float(row["alpha"]) for row in rows] == [0, 0.3333, 0.6667, 1]
    assert all(sum(float(row[name]) for name in ORDER) == pytest.approx(1, abs=1e-3) for row in rows)


def test_a_shorter_study_leaves_no_frames_of_a_longer_one(run: Run, tmp_path: Path) -> None:
    person, out = save_photo(tmp_path / "p.png"), tmp_path / "out"
    for steps in (5, 3):
        assert run("interpolate", "--identity", person, "--to", "sad", "--steps", steps, "--output", out) == 0
    assert len(list((out / "frames").iterdir())) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--to": "grumpy"}, ["grumpy", "neither a photo nor an expression", "happy"]),
        ({"--to": "contempt"}, ["contempt", "neither"]),
        ({"--identity": "none.png"}, ["none.png"]),
        ({"--identity": "dark.png"}, ["dark.png", "No face"]),
        ({"--steps": "1"}, ["steps", "2"]),
        ({"--output": "p.png"}, ["p.png", "cannot be written"]),
        ({"--model": "nowhere/to/be/found"}, ["nowhere"]),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    changes: dict[str, str], words: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "p.png")
    save_photo(tmp_path / "dark.png", brightest=40)
    argv = {"--identity": "p.png", "--to": "happy", "--output": "out", **changes}
    assert run("interpolate", *(word for pair in argv.items() for word in pair)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert len(captured.err.splitlines()) == 1
    assert all(word in captured.err for word in words)


def test_a_model_that_cannot_do_the_job_is_refused(
    run: Run, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crops = save_crops(tmp_path / "f.npy", 1, 48, 48)
    argv = ("encode", "--crops", crops, "--output", tmp_path / "o.npz", "--model", models / "recognizer")
    assert run(*argv) == 2
    assert "choose a model that does, such as tdgan" in capsys.readouterr().err


def test_encode_with_the_landmark_editor_names_a_model_that_has_codes(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crops = save_crops(tmp_path / "f.npy", 1, 48, 48)
    assert run("encode", "--crops", crops, "--output", tmp_path / "o.npz", "--model", "landmark_editor") == 2
    said = capsys.readouterr().err
    assert said.startswith("LandmarkEditor does not split a face into an identity code and an expression code")
    assert "tdgan" in said


# ---- folders, photos and names --------------------------------------------------------------------------------------


def test_folders_stand_for_their_photos_without_what_file_managers_leave(run: Run, tmp_path: Path) -> None:
    for name in ("set/b/2.png", "set/a/1.png", "set/._1.png", "set/@eaDir/3.png", "set/.hidden/4.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        save_photo(tmp_path / name)
    (tmp_path / "set" / "notes.txt").write_text("no photo")
    assert run("recognize", tmp_path / "set", save_photo(tmp_path / "c.png"), "--output", tmp_path / "o.csv") == 0
    names = [Path(row["file"]).relative_to(tmp_path).as_posix() for row in read_csv(tmp_path / "o.csv")]
    assert names == ["set/a/1.png", "set/b/2.png", "c.png"]


def test_encode_of_photos_says_whose_codes_they_are(run: Run, tmp_path: Path) -> None:
    one, two = save_photo(tmp_path / "one.png"), save_photo(tmp_path / "two.png", 60, 120)
    assert run("encode", one, tmp_path / "none.png", two, "--output", tmp_path / "o.npz") == 0
    codes = np.load(tmp_path / "o.npz")
    assert codes["photo"].tolist() == [str(one), str(two), str(two)]
    assert codes["face"].tolist() == [0, 0, 1]
    assert codes["identity"].shape == codes["expression"].shape == (3, CODE_DIMS)


def test_an_editor_that_no_face_can_drive_takes_names_and_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(MODELS, translator.ENTRY.name, translator.ENTRY)
    translator.TinyTranslator(FaceModelConfig(size=16)).save(tmp_path / "mine")
    person, driver = save_photo(tmp_path / "person.png"), save_photo(tmp_path / "driver.png")
    given = ("--model", tmp_path / "mine", "--identity", person, "--expression")
    assert run("transfer", *given, driver, "--output", tmp_path / "o.npy") == 2
    assert (
        "knows expressions by their names alone and cannot follow another face; name one of" in capsys.readouterr().err
    )
    assert not (tmp_path / "o.npy").exists()
    assert run("transfer", *given, "sad", "--output", tmp_path / "o.npy") == 0
    assert np.load(tmp_path / "o.npy").shape == (1, 16, 16)
    walk = ("interpolate", "--model", tmp_path / "mine", "--identity", person, "--output", tmp_path / "walk")
    assert run(*walk, "--to", driver) == 2
    assert "cannot follow another face" in capsys.readouterr().err
    assert run(*walk, "--to", "sad") == 0


def test_transfer_puts_a_named_expression_on_everybody_in_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    save_photo(tmp_path / "people" / "anna.png", 60, 60)
    save_photo(tmp_path / "people" / "ben.png", 90, 70)
    out = tmp_path / "out"
    assert run("transfer", "--identity", tmp_path / "people", "--expression", "Happiness", "--output", out) == 0
    assert sorted(path.name for path in out.iterdir()) == ["0000_anna_happy.png", "0001_ben_happy.png"]
    with Image.open(out / "0001_ben_happy.png") as edited:
        assert edited.size == (70, 90)  # the whole photo
        assert edited.info["Description"] == MARK
    assert run("transfer", "--identity", tmp_path / "people", "--expression", "sad", "--output", out / "o.npy") == 0
    assert np.load(out / "o.npy").shape == (2, SIZE, SIZE)


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_word_means_the_expression_beside_a_folder_of_that_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sad").mkdir()
    person = save_photo(tmp_path / "p.png")
    ends = {"--from": "neutral", "--to": "happy", option: "sad"}
    argv = [word for pair in ends.items() for word in pair]
    assert run("interpolate", "--identity", person, *argv, "--steps", 2, "--output", "out") == 0
    assert run("transfer", "--identity", person, "--expression", "sad", "--output", "o.npy") == 0


# ---- one bad item, and Ctrl-C ---------------------------------------------------------------------------------------


class Fails(StandIn):
    """Fails as no detector should on a picture of some height; what it raises is given."""

    def __init__(self, height: int, error: BaseException) -> None:
        self.height, self.error = height, error

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        if photo.shape[0] == self.height:
            raise self.error
        return super().detect(photo)


def recognized(models: Path, detector: StandIn, *argv: object) -> int:
    return main([str(word) for word in ("recognize", "--model", models / "recognizer", *argv)], detector)


def test_whatever_happens_inside_one_photo_is_told_with_its_name(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = [save_photo(tmp_path / f"{height}.png", height, 60) for height in (60, 61, 62)]
    fails = Fails(61, RuntimeError("a reshape\nof no size"))
    assert recognized(models, fails, *photos, "--output", tmp_path / "o.csv") == 0
    assert [row["file"] for row in read_csv(tmp_path / "o.csv")] == [str(photos[0]), str(photos[2])]
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{photos[1]}: something unexpected went wrong (RuntimeError: a reshape of no size)")


def test_a_crop_that_the_model_fails_on_leaves_the_others_in_their_rows(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crops = np.load(save_crops(tmp_path / "f.npy", 3, 48, 48))
    crops[1] = 7
    np.save(tmp_path / "f.npy", crops)
    logits = ExpressionClassifier.expression_logits

    def fails(model: ExpressionClassifier, faces: torch.Tensor) -> torch.Tensor:
        if any(face.std() < 1e-3 for face in faces):
            raise RuntimeError("it fails")
        return logits(model, faces)

    monkeypatch.setattr(ExpressionClassifier, "expression_logits", fails)
    assert recognized(models, StandIn(), "--crops", tmp_path / "f.npy", "--output", tmp_path / "o.npy") == 0
    answers = np.load(tmp_path / "o.npy")
    assert answers.shape == (3, 7)
    assert np.isnan(answers[1]).all()
    np.testing.assert_allclose(answers[[0, 2]].sum(axis=1), 1, rtol=1e-5)
    assert "f.npy, crop 1: something unexpected went wrong" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["o.csv", "o.npy", None])
def test_ctrl_c_leaves_what_was_done(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str | None
) -> None:
    photos = [save_photo(tmp_path / f"{height}.png", height, 60) for height in (60, 61, 62)]
    where = [] if output is None else ["--output", tmp_path / output]
    assert recognized(models, Fails(62, KeyboardInterrupt()), *photos, *where) == 130
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    if output is None:
        assert len(printed.out.splitlines()) == 3
    elif output == "o.csv":
        assert [row["file"] for row in read_csv(tmp_path / output)] == [str(photo) for photo in photos[:2]]
    else:
        assert np.load(tmp_path / output).shape == (2, 7)
    assert not list(tmp_path.glob("*.partial"))


def test_rows_are_written_as_they_come(models: Path, tmp_path: Path) -> None:
    photos = [save_photo(tmp_path / f"{height}.png", height, 60) for height in (60, 61)]
    seen: list[int] = []

    class Looks(StandIn):
        def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
            beside = tmp_path / "o.csv.partial"
            seen.append(len(beside.read_text().splitlines()) if beside.exists() else 0)
            return super().detect(photo)

    (tmp_path / "o.csv").write_text("an older table")
    assert recognized(models, Looks(), *photos, "--output", tmp_path / "o.csv") == 0
    assert seen == [0, 2]
    assert len(read_csv(tmp_path / "o.csv")) == 2


def test_names_that_are_not_utf_8_are_written_with_their_bytes(models: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.png")).write_bytes(photo.read_bytes())
    except OSError:
        pytest.skip("this file system knows only UTF-8 names")
    assert recognized(models, StandIn(), tmp_path, "--output", tmp_path / "o.csv") == 0
    assert sorted(Path(row["file"]).name for row in read_csv(tmp_path / "o.csv")) == ["\\xd6\\xd0.png", "a.png"]


def test_anything_unexpected_is_one_sentence_and_exit_code_2(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_demo.inference.crop_files.read_crops", lambda path: 1 // 0)
    assert run("recognize", "--crops", save_crops(tmp_path / "f.npy", 1, 48, 48)) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("Something unexpected went wrong (ZeroDivisionError")
