"""What the shading stage learns from, on faces whose brightness is known."""

from __future__ import annotations

import pytest
import torch
from accelerate import Accelerator

from fer_demo.expressions import BASIC
from fer_demo.layers.shading import CELLS
from fer_demo.models.landmark_editor import LandmarkEditor
from tests.editors import tiny_landmark_editor
from training.engine.objective import Moment
from training.landmark_editor.shading_stage import (
    LaidPairs,
    ShadingObjective,
    ShadingRecipe,
    on_mean_face,
    skin_of,
)
from training.landmark_editor.true_motion import PosedPictures


@pytest.fixture
def editor() -> LandmarkEditor:
    return tiny_landmark_editor(64)


def test_a_face_that_is_the_mean_face_is_laid_as_it_is(editor: LandmarkEditor) -> None:
    across = (torch.linspace(60, 200, 64) / 127.5 - 1).expand(1, 1, 64, 64)
    laid = on_mean_face(editor, across)
    row = laid[0, 0, CELLS // 2]
    steps = row.diff()
    assert laid.shape == (1, 1, CELLS, CELLS)
    assert (steps >= -1e-3).all()
    assert float(row[-1] - row[0]) > 0.5


def test_pairs_hold_how_much_brighter_the_truth_is(editor: LandmarkEditor) -> None:
    dark, light = (torch.full((1, 1, 64, 64), level / 127.5 - 1) for level in (100, 140))
    shown = torch.tensor([BASIC.index("neutral"), BASIC.index("happy")])
    pairs = LaidPairs.of(editor, PosedPictures(torch.cat([dark, light]), torch.zeros(2).long(), shown))
    brighter = torch.tensor((140 / 127.5 + 0.16) / (100 / 127.5 + 0.16)).log()
    torch.testing.assert_close(pairs.ratio[0], brighter.expand(1, CELLS, CELLS), atol=1e-3, rtol=0)
    torch.testing.assert_close(pairs.ratio[0], -pairs.ratio[1])
    torch.testing.assert_close(pairs.change[0], -pairs.change[1])


def test_the_shading_that_pairs_show_is_learnt(editor: LandmarkEditor) -> None:
    generator = torch.Generator().manual_seed(0)
    change = torch.randn(200, 52, generator=generator)
    furrow = torch.zeros(1, CELLS, CELLS)
    furrow[:, 10:14, 14:18] = -0.3  # the same mirrored, like the unit that makes it
    ratio = change[:, :1, None, None] * furrow
    change[:, 1:] = 0
    pairs = LaidPairs(change, ratio, torch.ones(200))
    recipe = ShadingRecipe(ridge=0.0, rate=0.05)
    objective = ShadingObjective(
        Accelerator(cpu=True),
        {"model": editor},
        {"model": torch.optim.Adam(editor.shading.requires_grad_(True).parameters())},
        recipe=recipe,
        pairs=pairs,
        skin=skin_of(editor),
    )
    before = objective.validate()["left"]
    for step in range(100):
        moment = Moment(step * 64, step / 100, None, generator)  # type: ignore[arg-type]
        objective.training_step(objective.draw(64, moment), moment)
    assert before == pytest.approx(1.0)
    assert objective.validate()["left"] < 0.1
