"""The command that runs a field folder: each input is right or wrong, and a case that fails takes no other along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_demo.errors import DataError
from tools.field_inputs import __main__ as field_inputs
from tools.field_inputs.case import Finding, one_sentence, same


def fine(field: Path) -> Iterator[Finding]:
    yield same("a file", (field / "a.txt").read_text(), "a")
    yield same("another", 1, 2)


def crashes(field: Path) -> Iterator[Finding]:
    yield same("before", 1, 1)
    raise ZeroDivisionError("by zero")


def refused(field: Path) -> Iterator[Finding]:
    raise DataError("Bring another.")
    yield


def test_every_input_is_told_right_or_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.setattr(field_inputs, "CASES", (fine, crashes, refused))
    monkeypatch.setattr("sys.argv", ["field_inputs", str(tmp_path)])
    assert field_inputs.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "right  a file: a",
        "WRONG  another: 1, wanted 2",
        "right  before: 1",
        "WRONG  crashes: CRASH ZeroDivisionError: by zero",
        "WRONG  refused: ended in the sentence: Bring another.",
    ]
    assert "2 of 5 right; wrong: another, crashes, refused" in lines


def test_words_choose_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.setattr(field_inputs, "CASES", (crashes, refused))
    monkeypatch.setattr("sys.argv", ["field_inputs", str(tmp_path), "nothing"])
    assert field_inputs.main() == 0


@pytest.mark.parametrize(
    ("code", "said", "right"),
    [(2, "Bring another.", True), (0, "Bring another.", False), (2, "Traceback\n  one", False), (2, "", False)],
)
def test_a_command_must_end_in_one_sentence(code: int, said: str, right: bool) -> None:
    assert one_sentence("crops", code, said)[1] is right
