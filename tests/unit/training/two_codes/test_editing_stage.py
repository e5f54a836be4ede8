"""The stage that teaches edits: who drives whom, what is compared with the true picture, and what stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from fer_demo.checkpoints import load_model
from fer_demo.code_editor import CodeEditor
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from tests.training_data import write_training_data
from training.data.agreed_faces import AgreedFaces
from training.data.augmentation import PLAIN
from training.data.expression_pairs import ExpressionPairs
from training.data.face_set import FaceSet
from training.data.factorial_faces import FactorialFaces
from training.engine.loop import RunSettings, train
from training.engine.trained_on import TrainedOn
from training.two_codes.editing_batches import EditingBatches
from training.two_codes.editing_stage import EditingRecipe, adding, wanted_codes

HAPPY, SAD, NEUTRAL = BASIC.index("happy"), BASIC.index("sad"), BASIC.index("neutral")
SMALL = TDGANConfig(noise_channels=0, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)
SMALL_IPD = IPDFERConfig(widths=(8, 8, 8, 8), decoder_widths=(8, 8, 8, 8, 8))


def flat(shades: list[int]) -> torch.Tensor:
    return torch.tensor(shades, dtype=torch.uint8)[:, None, None].expand(-1, 40, 40).contiguous()


def photographs(shades: list[int], labels: list[int]) -> AgreedFaces:
    count = len(shades)
    empty = torch.zeros(count)
    faces = FaceSet(flat(shades), torch.tensor(labels), empty, empty, empty, empty, empty, empty)
    rows = tuple(np.flatnonzero(np.array(labels) == label) for label in sorted(set(labels)))
    return AgreedFaces(faces, faces, rows)


def batches(named: AgreedFaces) -> EditingBatches:
    posed = ExpressionPairs(
        source=flat([0, 2, 4, 6, 8, 10]),
        target=flat([20, 22, 24, 26, 28, 30]),
        expression=torch.tensor([HAPPY, SAD] * 3),
        rendered=torch.zeros(6, dtype=torch.bool),
        person=("a", "a", "b", "b", "c", "c"),
        read={},
    )
    rendered = FactorialFaces(flat([200, 210, 220, 230]).reshape(2, 2, 40, 40), torch.tensor([HAPPY, SAD]))
    return EditingBatches(posed, rendered, named, PLAIN, rendered_share=0.25, photograph_share=0.25)


def shade(faces: torch.Tensor) -> list[int]:
    return [round(float((value + 1) * 127.5)) for value in faces.mean(dim=(1, 2, 3))]


def test_people_are_driven_by_others_who_show_what_the_true_picture_does() -> None:
    drawn = batches(photographs([100, 110], [HAPPY, SAD]))
    batch = drawn.draw(80, 32, np.random.default_rng(0), torch.Generator())
    people, drivers, truths = shade(batch.people), shade(batch.drivers), shade(batch.truths)
    assert len(people) == len(drivers) == len(truths) == 60
    assert set(shade(batch.photographs)) == {100, 110}
    assert len(batch.photographs) == 20
    for person, driver, truth in zip(people[:40], drivers[:40], truths[:40], strict=True):
        row = person // 2
        assert truth == person + 20
        if driver < 100:
            donor = (driver - 20) // 2
            assert donor // 2 != row // 2
            assert donor % 2 == row % 2
        else:
            assert driver == (100, 110)[row % 2]
    assert 10 < sum(driver < 100 for driver in drivers[:40]) < 30
    for person, driver, truth in zip(people[40:], drivers[40:], truths[40:], strict=True):
        assert truth // 20 == person // 20
        assert truth % 20 == driver % 20


def test_an_expression_that_no_photograph_shows_is_driven_by_those_who_posed() -> None:
    drawn = batches(photographs([100], [HAPPY]))
    batch = drawn.draw(80, 32, np.random.default_rng(0), torch.Generator())
    sad = [
        driver for person, driver in zip(shade(batch.people), shade(batch.drivers), strict=True) if person in (2, 6, 10)
    ]
    assert sad
    assert set(sad) <= {22, 26, 30}


def test_a_batch_may_be_too_small_for_somebody_who_posed() -> None:
    drawn = replace(batches(photographs([100], [HAPPY])), rendered_share=0.5, photograph_share=0.45)
    batch = drawn.draw(4, 32, np.random.default_rng(0), torch.Generator())
    assert [len(part) for part in (batch.people, batch.drivers, batch.truths, batch.photographs)] == [2, 2, 2, 2]
    assert min(shade(batch.people)) >= 200


def test_what_a_method_has_for_no_expression_stands_in_for_every_other_driver_at_rest() -> None:
    drawn = batches(photographs([100], [HAPPY]))
    at_rest = replace(drawn, rendered=replace(drawn.rendered, expression=torch.tensor([NEUTRAL, NEUTRAL])))
    batch = at_rest.draw(16, 64, np.random.default_rng(0), torch.Generator())
    assert batch.at_rest.tolist() == [False] * 8 + [True] * 4
    with torch.no_grad():
        codes, plain = (wanted_codes(model(config), batch) for model, config in ((IPDFER, SMALL_IPD), (TDGAN, SMALL)))
    assert [bool(code.any()) for code in codes] == [True] * 8 + [False, True] * 2
    assert plain.any(dim=1).all()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("painter")
    TDGAN(SMALL).save(folder)
    TrainedOn({"bundled": 1}).write(folder)
    return folder


def test_the_decoder_alone_learns_and_edits_are_added_to_the_photograph(
    data: Path, painter: Path, tmp_path: Path
) -> None:
    recipe = EditingRecipe(images=24, batch=8, validate_every=24, half_life=0, initial=painter)
    run = train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu"))
    before, after = load_model(str(painter)), load_model(str(run / "best"))
    assert isinstance(after, CodeEditor)
    assert after.adds_change()
    changed = {
        name.partition(".")[0]
        for name, value in after.state_dict().items()
        if not torch.equal(value, before.state_dict()[name])
    }
    assert changed == {"decoder"}
    assert TrainedOn.read(run / "best").sets >= {"fer2013", "ferplus", "ckplus", "london", "synthetic"}


def test_what_the_stage_needs_is_said(data: Path, painter: Path) -> None:
    with pytest.raises(SettingsError, match="run the stages before"):
        EditingRecipe().build(data, Accelerator(cpu=True))
    with pytest.raises(SettingsError, match="give --data"):
        EditingRecipe(initial=painter).build(None, Accelerator(cpu=True))
    with pytest.raises(SettingsError, match="together below 1"):
        replace(EditingRecipe(), rendered_share=0.6, photograph_share=0.4)
    with pytest.raises(SettingsError, match="two codes"):
        adding("us_gan")
