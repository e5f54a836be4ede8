"""`replay` and the parts of `interpolate` that depend on the identity embedder: exit codes and sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.__main__ import build_parser, main
from fer_demo.checkpoints import load_model
from fer_demo.commands import options
from fer_demo.errors import CheckpointError
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.study.archive import study_file
from fer_demo.inference.study.run import StudyModels, study_of
from fer_demo.inference.study.synthetic_files import MARK
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.published.model import PublishedModel


class Whole:
    """Sees one face, as large as the picture."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        side = float(photo.shape[0])
        return (DetectedFace((0.0, 0.0, side, side), TEMPLATE * side, 0.9),)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))).save(
        folder / "judge"
    )
    TDGAN(TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)).save(
        folder / "editor"
    )
    return folder


@pytest.fixture
def study(models: Path, tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    editor, judge = (load_model(str(models / name)) for name in ("editor", "judge"))
    known = StudyModels(editor, judge, None, Whole())
    person = crop_faces(noise, Whole())[0]
    path = tmp_path / "study.zip"
    path.write_bytes(study_file(study_of(judge, person, None, "happy", "expression", 2), known))
    return path


def test_the_flags_of_replay_stay() -> None:
    assert build_parser().parse_args(["replay", "s.zip"]).study == Path("s.zip")


def test_replay_says_that_every_number_is_the_same(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(study)], Whole()) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Every number is reproduced exactly."


def test_what_is_no_study_gets_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.zip").write_text("no zip at all")
    assert main(["replay", str(tmp_path / "letter.zip")], Whole()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("letter.zip is damaged or not a study")
    assert len(captured.err.splitlines()) == 1


def test_interpolate_goes_on_without_the_embedder_and_says_so(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = options.load

    def without_embedder(source: str | None, task: str = "") -> PublishedModel:
        if task == "identity":
            raise CheckpointError("There are no weights of identity_embedder.")
        return load(source, task)

    monkeypatch.setattr(options, "load", without_embedder)
    Image.fromarray(np.full((60, 60, 3), 200, np.uint8)).save(tmp_path / "p.png")
    argv = ["interpolate", "--identity", str(tmp_path / "p.png"), "--to", "happy", "--steps", "2"]
    chosen = ["--model", str(models / "editor"), "--judge", str(models / "judge"), "--output", str(tmp_path / "out")]
    assert main([*argv, *chosen], Whole()) == 0
    said = capsys.readouterr().err
    assert "distance to the person is not measured" in said
    assert len(said.splitlines()) == 1
    assert (tmp_path / "out" / "study.csv").read_text().splitlines()[1].endswith(",,")
    with Image.open(tmp_path / "out" / "frames" / "frame_00.png") as frame:
        assert frame.info["Description"] == MARK
