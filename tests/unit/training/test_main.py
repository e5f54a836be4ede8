"""The training command line answers wrong words with a sentence, never with a trace."""

from __future__ import annotations

import pytest

from training.__main__ import COMMANDS, main
from training.catalog import RECIPES


def test_no_command_shows_the_usage_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["dance"]) == 2
    assert main(["evaluate", "runs/somewhere"]) == 2
    error = capsys.readouterr().err
    assert "train METHOD" in error
    assert "evaluate recognition" in error


def test_an_unknown_recipe_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "stargan9"]) == 1
    assert "tdgan_published" in capsys.readouterr().err
    assert main(["train", "warp_editor"]) == 1
    assert "was replaced by landmark_editor" in capsys.readouterr().err


def test_a_missing_data_folder_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    assert main(["train", "tdgan", "--out", f"{tmp_path}/run", "--data", f"{tmp_path}/none"]) == 1
    error = capsys.readouterr().err
    assert "no folder" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("command", [*COMMANDS, *(f"train {recipe}" for recipe in RECIPES)])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), "--help"])
    assert stopped.value.code == 0
    assert f"python -m training {command}" in capsys.readouterr().out
