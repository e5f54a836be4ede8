"""The batch commands' interface, which scripts rely on: flags, file names, columns, array names, shapes and types.

The models are small and untrained and the detector is a stand-in, so only the form of the answers is checked here.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.__main__ import build_parser, main
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.detection import DetectedFace
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.tdgan import CODE_DIMS, TDGAN, TDGANConfig

ORDER, SETS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"], ["set_80", "set_90", "set_95"]
RECOGNITION_COLUMNS = ["file", "face", "left", "top", "right", "bottom", *ORDER, "expression", *SETS, "notes"]
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
    recognize = parse(["recognize", "a.jpg", "b.jpg"])
    assert (recognize.photos, recognize.crops, recognize.output) == ([Path("a.jpg"), Path("b.jpg")], None, None)
    assert recognize.model == "expression_classifier"
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
    assert [whole[edge] for edge in ("left", "top", "right", "bottom")] == [""] * 4
    assert [aligned[edge] for edge in ("left", "top", "right", "bottom")] == ["0.0", "0.0", "48.0", "48.0"]
    assert whole["expression"] == max(ORDER, key=lambda name: float(whole[name]))
    assert "whole picture" in whole["notes"]


def test_recognize_has_a_row_for_every_face_of_every_photo(run: Run, tmp_path: Path) -> None:
    one, two = save_photo(tmp_path / "one.png"), save_photo(tmp_path / "two.png", 60, 120)
    assert run("recognize", one, two, "--output", tmp_path / "o.csv") == 0
    rows = read_csv(tmp_path / "o.csv")
    assert [(row["file"], row["face"]) for row in rows] == [(str(one), "0"), (str(two), "0"), (str(two), "1")]
    assert run("recognize", one, two, "--output", tmp_path / "o.npy") == 0
    table = [[float(row[name]) for name in ORDER] for row in rows]
    np.testing.assert_allclose(np.load(tmp_path / "o.npy"), table, atol=1e-4)


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
