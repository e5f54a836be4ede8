"""Whose pictures taught a model: its own sets, and those behind every checkpoint that its recipe names."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.commands import interpolate
from fer_demo.data.named_sets import SET_NAMES
from fer_demo.errors import DataError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.catalog import RECIPES
from training.engine.recipe import Recipe
from training.engine.trained_on import TrainedOn, models_behind, pictures_of, sets_behind, under_their_names
from training.evaluation.commands import TransferSettings
from training.evaluation.record import DATA_SETS


@dataclass(frozen=True)
class Taught(Recipe):
    """A recipe with a teacher, a start and words that are no checkpoints."""

    teachers: tuple[Path, ...] = (Path("expression_classifier"),)
    initial: Path | None = None
    pairing: str = "random"
    nested: dict[str, Any] = field(default_factory=dict)

    def build(self, data: Path | None, accelerator: Any) -> Any:
        raise AssertionError("nothing is built here")


def test_the_sets_behind_named_models_are_found_wherever_a_setting_names_them(tmp_path: Path) -> None:
    start = tmp_path / "run" / "best"
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,))).save(start)
    TrainedOn({"london": 3}, {"expression_judge": ("fer2013",)}).write(start)
    behind = models_behind(Taught(initial=tmp_path / "run"))
    assert behind["run/best"] == ("fer2013", "london")
    assert "lfw" in behind["expression_classifier"]
    assert set(behind) == {"run/best", "expression_classifier"}
    assert "london" in TrainedOn({"ckplus": 1}, behind).sets


def test_sets_in_the_place_of_others_are_recorded_under_their_own_names() -> None:
    read = {"fer2013": 90, "ferplus": 0, "lfw": 7, "ckplus": 5}
    named = {"fer2013": "RAF-DB:/data/RAF-DB", "lfw": None}
    assert under_their_names(read, named) == {"raf-db": 90, "lfw": 7, "ckplus": 5}
    assert under_their_names(read, {"fer2013": "ck+:/data/ck", "lfw": "photos"}) == {"ckplus": 95, "own": 7}
    assert under_their_names({"fer2013": 9, "ferplus": 8}, {"fer2013": "fer+:x"}) == {"fer2013": 9, "ferplus": 8}
    assert {pictures_of(f"{name}:x") for name in SET_NAMES} <= set(DATA_SETS)  # their terms are stated in cards


def test_a_start_that_does_not_say_is_refused(tmp_path: Path) -> None:
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,))).save(tmp_path)
    with pytest.raises(DataError, match=r"does not say which pictures taught this checkpoint .* Train it again"):
        models_behind(Taught(initial=tmp_path))


def test_what_is_bundled_names_every_set_behind_its_teachers() -> None:
    assert "lfw" in sets_behind(BUNDLED_FOLDER / "expression_classifier")  # 12 % of each of its batches
    assert sets_behind(BUNDLED_FOLDER / "expression_classifier") <= sets_behind(BUNDLED_FOLDER / "landmark_editor")


def test_no_default_judge_taught_any_editor() -> None:
    judges = {name for name, entry in MODELS.items() if entry.judges}
    stages = {name: recipe.plan(Path("run")).values() for name, recipe in RECIPES.items()}
    taught = {name: judges & {model for one in of for model in models_behind(one)} for name, of in stages.items()}
    assert not any(taught.values()), taught
    options = ArgumentParser()
    interpolate.add(options.add_subparsers())
    chosen = options.parse_args(["interpolate", "--identity", "a", "--to", "sad", "--output", "out"]).judge
    assert {chosen, TransferSettings.judge} <= judges
