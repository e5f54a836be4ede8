"""`--guidance` sets how firmly a painted mouth is held to the person and to the expression."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fer_demo.__main__ import main
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from tests.detectors import NoFaces
from tests.editors import tiny_landmark_editor


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("guided")
    tiny_landmark_editor(painter_widths=(8,)).save(path / "painter")
    TDGAN(TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)).save(path / "gan")
    np.save(path / "crops.npy", np.random.default_rng(0).integers(0, 256, (2, 64, 64), dtype=np.uint8))
    return path


def transferred(folder: Path, model: str, *guidance: str) -> int:
    asked = ["--identity", folder / "crops.npy", "--expression", "happy", "--model", folder / model]
    return main([*map(str, ["transfer", *asked, "--output", folder / "o.npy"]), *guidance], NoFaces())


def test_guidance_changes_the_mouth_and_the_models_own_changes_nothing(folder: Path) -> None:
    made = []
    for guidance in ([], ["--guidance", "1", "1"], ["--guidance", "1", "4"]):
        assert transferred(folder, "painter", *guidance) == 0
        made.append(np.load(folder / "o.npy"))
    np.testing.assert_array_equal(made[0], made[1])
    assert (made[0] != made[2]).any()


@pytest.mark.parametrize(
    ("model", "guidance", "words"),
    [("gan", ("1", "2"), "TDGAN has no guidance to set"), ("painter", ("1", "9"), "between 0 and 4, not 9")],
)
def test_guidance_that_cannot_be_had_is_refused_in_a_sentence(
    folder: Path, model: str, guidance: tuple[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert transferred(folder, model, "--guidance", *guidance) == 2
    assert words in capsys.readouterr().err
