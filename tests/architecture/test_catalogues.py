"""Every method is in its catalogue, so that pickers, command line and contract tests find it."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import training
from fer_demo import checkpoints, models
from fer_demo.catalog import MODELS
from fer_demo.published.model import PublishedModel
from training import recipes
from training.catalog import RECIPES
from training.publishing.publish import BUNDLE_LIMIT

LARGEST_BUNDLE = 120_000_000  # bytes of all bundled weights together


def test_every_published_model_is_in_the_catalogue() -> None:
    written = {
        item
        for name in module_names(models.__path__[0])
        for _, item in inspect.getmembers(importlib.import_module(f"fer_demo.models.{name}"), inspect.isclass)
        if issubclass(item, PublishedModel) and item.__module__ == f"fer_demo.models.{name}"
    }
    assert written == {entry.model_class for entry in MODELS.values()}


def test_every_recipe_is_in_the_catalogue_and_every_stage_in_a_recipe() -> None:
    written = {f"training.recipes.{name}" for name in module_names(recipes.__path__[0])}
    stages = Path(training.__path__[0]).glob("*/*_stage.py")
    written |= {f"training.{path.parent.name}.{path.stem}" for path in stages}
    used = {type(stage).__module__ for recipe in RECIPES.values() for stage in recipe.stages(Path()).values()}
    used |= {type(recipe).__module__ for recipe in RECIPES.values()}
    assert written == used - {"training.recognition.recognizer"}  # what all recognizers share


def test_every_recipe_has_an_entry_of_its_own_name() -> None:
    assert set(RECIPES) <= set(MODELS)


def test_a_catalogue_entry_knows_its_own_name() -> None:
    assert {name: entry.name for name, entry in MODELS.items()} == {name: name for name in MODELS}


def test_every_bundled_checkpoint_says_where_it_comes_from() -> None:
    for folder in (path for path in checkpoints.BUNDLED_FOLDER.glob("*") if path.is_dir()):
        found = {path.name for path in folder.iterdir()}
        assert {"config.json", "model.safetensors", "README.md"} <= found, f"{folder.name} holds {sorted(found)}"


def test_what_the_app_carries_with_it_stays_small() -> None:
    sizes = {path.parent.name: path.stat().st_size for path in checkpoints.BUNDLED_FOLDER.glob("*/model.safetensors")}
    assert max(sizes.values()) <= BUNDLE_LIMIT, sizes
    assert sum(sizes.values()) <= LARGEST_BUNDLE, sizes


def module_names(folder: str) -> list[str]:
    """Names of the modules in a folder, without its `__init__`."""
    return [path.stem for path in Path(folder).glob("*.py") if not path.stem.startswith("_")]
