"""Every command that the documents print is taken by the command line. The log of experiments keeps its old ones."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

import training.engine.stages as stages
from fer_demo.__main__ import build_parser
from tests.architecture.project import ROOT, text_of
from training.__main__ import COMMANDS, main

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "Dockerfile")),
    *sorted((ROOT / "docs" / "methods").glob("*.md")),
    *(ROOT / "docs" / f"{name}.md" for name in ("data", "fer2013", "latent_map", "pairs", "publishing", "settings")),
]


def printed(document: Path) -> list[str]:
    """The lines of a document's blocks without a language, and what stands between backticks with options."""
    text = text_of(document)
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line for language, block in blocks if not language for line in block.replace("\\\n", " ").splitlines()]
    inline = [words for words in re.findall(r"`([^`\n]+)`", text) if " --" in words or words.startswith("make ")]
    return [line.split("  #")[0].strip() for line in [*lines, *inline]]


def beginning(start: str) -> list[list[str]]:
    """The words that follow in every command that begins so."""
    lines = [line for document in DOCUMENTS for line in printed(document)]
    found = [shlex.split(line.removeprefix(start)) for line in lines if line.startswith(f"{start} ")]
    assert len(found) > 5
    return found


BATCH = beginning("python -m fer_demo")
TRAINING = beginning("python -m training")


@pytest.mark.parametrize("words", BATCH, ids=lambda words: " ".join(words))
def test_a_batch_command_is_taken(words: list[str]) -> None:
    assert callable(build_parser().parse_args(words).run)


@pytest.mark.parametrize("words", TRAINING, ids=lambda words: " ".join(words))
def test_a_training_command_is_taken(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[object] = []
    monkeypatch.setattr(stages, "train_stages", lambda *asked: ran.append(asked))
    for module, _, function in COMMANDS.values():
        monkeypatch.setattr(importlib.import_module(f"training.{module}"), function, ran.append)
    if words[-1] == "--help":
        with pytest.raises(SystemExit, match="0"):
            main(words)
    else:
        assert main(words) == 0
        assert len(ran) == 1


def test_every_target_of_make_and_every_script_is_there() -> None:
    targets = set(re.findall(r"^(\w+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    lines = [line for document in DOCUMENTS for line in printed(document)]
    asked = {found[1] for line in lines if (found := re.match(r"(?:\w+=\S+ )*make (\w+)", line))}
    assert {"demo", "test", "check", "bench", "install"} <= asked <= targets
    started = [re.match(r"(?:\w+=\S+ )*(?:python|bash) (\w[\w/]*\.py|\.\w+/\w+)", line) for line in lines]
    scripts = {found[1] for found in started if found}
    assert "app.py" in scripts
    assert [script for script in sorted(scripts) if not (ROOT / script).is_file()] == []
