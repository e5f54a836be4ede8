"""What a label translator is taught in a step, by whom, and what is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from fer_demo.errors import SettingsError
from fer_demo.models.label_translator import LabelTranslatorConfig
from tests.training_data import write_training_data
from training.engine.loop import RunSettings, train
from training.engine.objective import Moment
from training.translation.translator_stage import TranslatorObjective, TranslatorRecipe

SMALL = LabelTranslatorConfig(widths=(4, 4, 4))
SHORT = {"images": 32, "batch": 8, "validate_every": 32, "model": SMALL, "half_life": 0, "critic_widths": (4, 4, 4, 8)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


def recipe(**changes: object) -> TranslatorRecipe:
    return TranslatorRecipe(**{**SHORT, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def objective(data: Path) -> TranslatorObjective:
    torch.manual_seed(0)
    built = recipe().build(data, Accelerator(cpu=True))
    assert isinstance(built, TranslatorObjective)
    return built


def moment(progress: float = 0.5) -> Moment:
    return Moment(0, progress, np.random.default_rng(0), torch.Generator().manual_seed(0))


def test_a_quarter_of_a_batch_are_pairs_whose_pictures_are_seen_alike(objective: TranslatorObjective) -> None:
    assert objective.pairs.rendered.any()
    assert not objective.pairs.rendered.all()
    unmoved = replace(objective, pairs=replace(objective.pairs, target=objective.pairs.source))
    batch = unmoved.draw(8, moment())
    assert len(batch.photos) == len(batch.own) == 6
    assert len(batch.sources) == len(batch.truths) == len(batch.shown) == 2
    torch.testing.assert_close(batch.sources, batch.truths)


def test_the_critics_say_grows_from_nothing(data: Path, tmp_path: Path) -> None:
    run = train(recipe(critic_from=1.0), RunSettings(tmp_path, data=data, device="cpu", log_every=1))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    taught = [line for line in lines if line["kind"] == "train"]
    assert taught[0]["adversarial"] == taught[0]["class"] == 0
    assert [line["class"] for line in taught] == sorted(line["class"] for line in taught)
    assert taught[-1]["class"] > 1
    for line in taught:
        assert {"cycle", "still", "truth", "critic", "critic_class", "critic_painted", "critic_penalty"} <= line.keys()
    assert (run / "samples").is_dir()


def test_the_critic_learns_painted_faces_as_classes_of_their_own(objective: TranslatorObjective) -> None:
    critic = objective.networks["critic"]
    torch.manual_seed(0)
    made = torch.randn(6, 1, 64, 64).clamp(-1, 1)
    targets, batch = torch.arange(6), objective.draw(8, moment())
    with torch.no_grad():
        before = critic(made).expression.softmax(dim=1)[:, 7:].sum(dim=1).mean()
    objective.set_learning_rate("critic", 1e-2)
    for _ in range(30):
        objective._critic_step(batch, made, targets, moment())
    with torch.no_grad():
        after = critic(made).expression.softmax(dim=1)[:, 7:].sum(dim=1).mean()
        photographs = critic(batch.photos).expression.softmax(dim=1)[:, 7:].sum(dim=1).mean()
    assert before < 0.8 < after
    assert photographs < 0.2


def test_pairs_alone_teach_a_change_that_all_of_them_show(objective: TranslatorObjective) -> None:
    unjudged = recipe(**dict.fromkeys(("adversarial_weight", "class_weight", "cycle_weight", "still_weight"), 0.0))
    networks = copy.deepcopy(objective.networks)
    optimizers = {name: torch.optim.Adam(network.parameters()) for name, network in networks.items()}
    fresh = replace(objective, recipe=replace(unjudged, rate=1e-2), networks=networks, optimizers=dict(optimizers))
    batch = fresh.draw(8, moment())
    dark = batch.sources * 0.4
    batch = batch._replace(sources=dark, truths=dark + 0.5)
    errors = [fresh.training_step(batch, moment(0.3))["truth"].item() for _ in range(30)]
    assert errors[-1] < 0.5 * errors[0]


def test_without_data_it_says_what_is_missing() -> None:
    with pytest.raises(SettingsError, match="synthetic_factorial/; give --data"):
        recipe().build(None, Accelerator(cpu=True))


@pytest.mark.parametrize("changes", [{"paired_share": 1.0}, {"agreed_share": -0.1}, {"critic_from": 1.5}])
def test_shares_out_of_range_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="between 0 and 1"):
        recipe(**changes)
