"""No default judge taught any editor: neither by its mark in the catalogue nor by weights that stand in an editor."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from torch import nn

from fer_demo.__main__ import build_parser
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, CAPABILITY, load_model
from fer_demo.interface.context import AppContext
from fer_demo.settings import AppSettings
from training.catalog import RECIPES
from training.engine.trained_on import models_behind, sets_behind

SMALL = 500  # values; what is smaller may be the same by chance, such as weights of one


def prints(model: nn.Module) -> set[str]:
    """Every larger tensor by its hash."""
    large = [
        tensor for tensor in model.state_dict().values() if tensor.numel() >= SMALL and tensor.unique().numel() > 2
    ]
    return {hashlib.sha256(tensor.half().numpy().tobytes()).hexdigest() for tensor in large}


@pytest.fixture(scope="module")
def context() -> AppContext:
    return AppContext.create(AppSettings())


def default_judge() -> str:
    options = build_parser().parse_args(["interpolate", "--identity", "p.png", "--to", "happy", "--output", "o"])
    return str(options.judge)


def test_the_default_judges_are_marked_as_such(context: AppContext) -> None:
    names = [default_judge(), *(context.judge_name(editor) for editor in context.editors.values())]
    assert all(MODELS[name].judges for name in names)


def test_no_weights_of_a_default_judge_stand_in_an_editor(context: AppContext) -> None:
    judge = prints(load_model(default_judge()))
    assert len(judge) > 10
    for name, model in context.models.items():
        if isinstance(model, CAPABILITY["transfer"]):
            assert not judge & prints(model), name


def test_weights_of_a_judge_in_an_editor_would_be_found(context: AppContext) -> None:
    judge = load_model(default_judge())
    editor = nn.ModuleDict({"own": context.models["landmark_editor"], "taken": judge})
    assert prints(judge) <= prints(editor)


def test_the_default_judge_shares_neither_weights_nor_pretraining_nor_teachers_with_the_default_recognizer() -> None:
    judge, recognizer = default_judge(), AppSettings.recognizer
    assert judge != recognizer
    assert not prints(load_model(judge)) & prints(load_model(recognizer))
    of_judge, of_recognizer = (sets_behind(BUNDLED_FOLDER / name) for name in (judge, recognizer))
    assert of_judge & of_recognizer <= {"fer2013", "ferplus", "synthetic"}  # what people labelled, and what is rendered
    assert not of_judge & {"dlib", "imagenet", "lfw", "ckplus", "london"}
    behind = {name: {model for one in recipe.plan(Path("run")).values() for model in models_behind(one)}
              for name, recipe in RECIPES.items() if name in (judge, recognizer)}  # fmt: skip
    assert judge not in behind[recognizer]
    assert behind[judge] == set()
