"""Damaged files of a run are a sentence, whatever is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fer_demo.errors import DataError
from tests.unit.training.engine.line import LineRecipe
from training.data.shards import prepare_folder
from training.engine import stages
from training.engine.loop import check_settings
from training.engine.run_folder import (
    ENDED_FILE,
    RECIPE_FILE,
    STAGES_FILE,
    last_stage_folder,
    read_chain,
    read_recipe,
)
from training.engine.trained_on import sets_behind
from training.evaluation.record import EVALUATION_FILE, Evaluation

READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "recipe": (RECIPE_FILE, read_recipe),
    "settings to go on with": (RECIPE_FILE, lambda run: check_settings(LineRecipe(), run)),
    "chain": (STAGES_FILE, read_chain),
    "last stage": (STAGES_FILE, last_stage_folder),
    "end": (ENDED_FILE, stages._ended),
    "sets": (EVALUATION_FILE, sets_behind),
    "evaluation": (EVALUATION_FILE, lambda run: Evaluation.read(run / EVALUATION_FILE)),
    "shards": ("settings.json", lambda run: prepare_folder(run, {"seed": 1}, "codes")),
}


@pytest.mark.parametrize("content", [b"", b'{"seed": ', b"null", b"7", b'["x"]', b"\xff\xfe", b"[" * 100_000])
@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_file_is_a_sentence_that_names_it(reader: str, content: bytes, tmp_path: Path) -> None:
    name, read = READERS[reader]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{tmp_path.name}"):
        read(tmp_path)
