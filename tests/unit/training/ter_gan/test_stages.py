"""TER-GAN: how couples are drawn, what the critic and the codes teach, and what the second stage leaves as it is."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from fer_demo.checkpoints import load_model
from fer_demo.errors import DataError, SettingsError
from fer_demo.models.tdgan import TDGANConfig
from tests.training_data import write_training_data
from training.data.augmentation import PLAIN
from training.engine.loop import RunSettings, train
from training.engine.objective import Moment
from training.ter_gan.couples import CoupleBatches
from training.ter_gan.painting_stage import TERGANObjective, TERGANRecipe
from training.ter_gan.recognition_stage import FineTuningRecipe

SMALL = TDGANConfig(noise_channels=0, residual_units=1, decoder_channels=(4, 4, 4), head_units=8, expression_rank=6)
SHORT = {"images": 24, "batch": 8, "validate_every": 24, "model": SMALL, "half_life": 0}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


def recipe(**changes: object) -> TERGANRecipe:
    return TERGANRecipe(**{**SHORT, "critic_widths": (4, 4, 4, 8), **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def objective(data: Path) -> TERGANObjective:
    torch.manual_seed(0)
    built = recipe().build(data, Accelerator(cpu=True))
    assert isinstance(built, TERGANObjective)
    return built


@pytest.fixture(scope="module")
def painting(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "painting"
    return train(recipe(critic_from=0.0), RunSettings(folder, data=data, device="cpu", log_every=1))


def moment(progress: float = 0.5) -> Moment:
    return Moment(0, progress, np.random.default_rng(0), torch.Generator().manual_seed(0))


def lines(run: Path, kind: str = "train") -> list[dict[str, float]]:
    found = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line for line in found if line["kind"] == kind]


def test_couples_are_two_pictures_of_one_person_beside_two_of_one_expression(objective: TERGANObjective) -> None:
    batch = CoupleBatches(objective.batches.faces, 64, PLAIN, 0.25).draw(16, np.random.default_rng(0), _generator())
    for labels, faces in ((batch.person, batch.identity_faces), (batch.expression, batch.expression_faces)):
        assert torch.equal(labels[::2], labels[1::2])
        assert len(labels[::2].unique()) > 2
        assert all(not torch.equal(one, other) for one, other in zip(faces[::2], faces[1::2], strict=True))
    assert len(batch.truths) == 4


def test_a_rendered_couple_is_answered_by_its_person_with_the_others_expression(objective: TERGANObjective) -> None:
    faces = objective.batches.faces
    assert faces.factorial is not None
    people, instances = faces.factorial.crops.shape[:2]
    # A grey level for each person and expression, so that it can be read from a view.
    levels = torch.arange(people)[:, None] * 20 + torch.arange(instances)
    crops = levels[:, :, None, None].expand(-1, -1, *faces.factorial.crops.shape[2:]).to(torch.uint8)
    told = replace(faces, factorial=replace(faces.factorial, crops=crops))
    batch = CoupleBatches(told, 64, PLAIN, 0.5).draw(16, np.random.default_rng(0), _generator())
    rendered = slice(-8, None)
    sources, drivers, truths = (
        ((part[:, 0, 0, 0] + 1) * 127.5).round().long()
        for part in (batch.identity_faces[rendered], batch.expression_faces[rendered], batch.truths)
    )
    assert torch.equal(truths // 20, sources // 20)
    assert torch.equal(truths % 20, drivers % 20)
    assert torch.equal(batch.person[rendered] - (faces.persons - people), sources // 20)
    assert torch.equal(batch.expression[rendered], faces.factorial.expression[drivers % 20])
    assert (sources % 20 != drivers % 20).all()
    assert (sources // 20 != drivers // 20).all()
    assert torch.equal(drivers[::2] % 20, drivers[1::2] % 20)
    assert (drivers[::2] // 20 != drivers[1::2] // 20).all()


def test_nobody_with_two_photographs_is_an_error(objective: TERGANObjective) -> None:
    faces = objective.batches.faces
    one_each = replace(faces.people, person=torch.arange(len(faces.people)))
    with pytest.raises(DataError, match="two photographs of a person"):
        CoupleBatches(replace(faces, people=one_each), 64, PLAIN, 0.0)


def test_every_term_is_there_and_the_critics_say_grows_from_nothing(painting: Path) -> None:
    taught = lines(painting)
    judged = ("adversarial", "transfer_expression", "transfer_identity")
    codes = ("expression_consistency", "identity_consistency", "expression_couples", "identity_couples")
    critic = ("critic", "critic_expression", "critic_painted", "critic_identity", "critic_penalty")
    for line in taught:
        assert {*judged, *codes, *critic, "reconstruction", "truth"} <= line.keys()
    assert [taught[0][name] for name in judged] == [0, 0, 0]
    assert taught[-1]["transfer_expression"] > 0.1
    codes_too = {f"{code}_code_{part}" for code in ("expression", "identity") for part in ("distance", "spread")}
    (figures,) = lines(painting, "validation")
    assert {"rebuilding_error", "rendered_gain", *codes_too} <= figures.keys()


def test_pictures_come_first(objective: TERGANObjective) -> None:
    early, batch = moment(0.4), objective.draw(8, moment())
    networks = {name: copy.deepcopy(network) for name, network in objective.networks.items()}
    fresh = replace(objective, networks=networks)
    told = fresh.training_step(batch, early)
    assert not {"critic", "adversarial", "expression_couples", "identity_consistency"} & told.keys()
    assert "critic" in fresh.training_step(batch, moment(0.46))  # ahead of its say


def test_faces_are_rebuilt_from_both_of_their_own_codes(objective: TERGANObjective) -> None:
    batch, model = objective.draw(8, moment()), objective._model()
    with torch.no_grad():
        painted = objective._painted(batch)
        expected = model.paint(model.identity_code(painted.own), model.expression_code(painted.own))
        crossed = model.paint(model.identity_code(batch.identity_faces), model.expression_code(batch.expression_faces))
    torch.testing.assert_close(painted.rebuilt, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(painted.generated, crossed, rtol=0, atol=1e-5)
    torch.testing.assert_close(painted.own, torch.cat([batch.identity_faces[::2], batch.expression_faces[1::2]]))


def test_the_critic_learns_who_people_are_and_what_painted_faces_show_apart(objective: TERGANObjective) -> None:
    torch.manual_seed(0)
    critic = copy.deepcopy(objective.networks["critic"])
    learning = torch.optim.Adam(critic.parameters(), lr=1e-2)
    fresh = replace(
        objective,
        networks={**objective.networks, "critic": critic},
        optimizers={**objective.optimizers, "critic": learning},
    )
    batch = fresh.draw(8, moment())
    made = torch.randn(8, 1, 64, 64).clamp(-1, 1)
    parts = [fresh._critic_step(batch, batch.identity_faces, made, moment()) for _ in range(30)]
    for name in ("critic_identity", "critic_painted", "critic_expression"):
        assert parts[-1][name] < 0.7 * parts[0][name], name


def test_a_weight_of_zero_leaves_codes_untaught(objective: TERGANObjective) -> None:
    unheld = replace(objective, recipe=recipe(expression_code_weight=0.0, identity_code_weight=0.0))
    painted = unheld._painted(unheld.draw(8, moment()))
    assert all(loss == 0 for loss in unheld._code_losses(painted).values())
    assert all(loss > 0 for loss in objective._code_losses(painted).values())


def test_recognition_reaches_the_expression_encoder_and_leaves_the_identity_as_it_is(
    painting: Path, data: Path, tmp_path: Path
) -> None:
    tuned = FineTuningRecipe(**SHORT, initial=painting / "last")  # type: ignore[arg-type]
    run = train(tuned, RunSettings(tmp_path / "run", data=data, device="cpu", log_every=1))
    before, after = (load_model(str(folder / "last")).state_dict() for folder in (painting, run))
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert {"expression_encoder", "expression_head", "decoder"} <= moved
    assert "identity_encoder" not in moved
    first = lines(run)[0]
    assert {"label", "votes", "held", "accuracy"} <= first.keys()
    assert first["held"] == pytest.approx(0, abs=1e-5)  # nothing has moved yet


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(SettingsError, match="even and at least 4, not 7"):
        recipe(batch=7)
    with pytest.raises(SettingsError, match="2 persons"):
        recipe(persons=1)
    with pytest.raises(SettingsError, match="without 1"):
        recipe(rendered_share=1.0)
    with pytest.raises(SettingsError, match="run the painting stage first"):
        FineTuningRecipe(**SHORT).build(None, Accelerator(cpu=True))  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="above 0, up to 1"):
        FineTuningRecipe(**SHORT, initial=Path("painting"), held_share=0.0).build(None, Accelerator(cpu=True))  # type: ignore[arg-type]


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
