"""TDGAN's losses (Xie et al. 2021, Eq. 6 to 8) and its schedule, on cases whose answer is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from fer_demo.models.tdgan import TDGAN, TDGANConfig
from tests.training_data import write_training_data
from training.engine.loop import RunSettings, train
from training.engine.trained_on import TrainedOn
from training.tdgan.discriminators import Discriminator
from training.tdgan.dual_consistency import dual_consistency
from training.tdgan.networks import tdgan_networks
from training.tdgan.painting_stage import TDGANRecipe
from training.tdgan.semantic_content import semantic_content

SMALL = TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)


class Adding(TDGAN):
    """A generator that can be worked out by hand: the identity face plus twice the expression face plus noise."""

    def __init__(self) -> None:
        super().__init__(SMALL)

    def identity_code(self, faces: Tensor) -> Tensor:
        return faces

    def expression_code(self, faces: Tensor) -> Tensor:
        return 2 * faces

    def paint(self, identity: Tensor, expression: Tensor, noise: Tensor | None = None) -> Tensor:
        return identity + expression + (0 if noise is None else noise.mean())


def flat(value: float) -> Tensor:
    return torch.full((2, 1, 4, 4), value)


def test_eq_7_takes_one_code_of_the_generated_face_and_the_other_of_a_donor() -> None:
    losses = dual_consistency(Adding(), flat(0.1), flat(0.2), flat(0.4), noise=lambda count: None)
    # G(I_g; I_f) - I_f = 0.1 + 2 * 0.2 - 0.2, and G(I_e; I_g) - I_e = 0.4 + 2 * 0.1 - 0.4; halved: [0, 1] pixels
    assert losses["identity_consistency"].item() == pytest.approx(0.3 / 2)
    assert losses["expression_consistency"].item() == pytest.approx(0.2 / 2)


def test_eq_7_draws_fresh_noise_for_each_of_its_pictures() -> None:
    drawn = iter((flat(0.3), flat(0.5)))
    losses = dual_consistency(Adding(), flat(0.0), flat(0.0), flat(0.0), noise=lambda count: next(drawn))
    assert losses["identity_consistency"].item() == pytest.approx(0.15)
    assert losses["expression_consistency"].item() == pytest.approx(0.25)


def test_eq_8_is_the_squared_distance_to_the_identity_face_and_teaches_the_generated_one_alone() -> None:
    class Doubling(Discriminator):
        def features(self, faces: Tensor) -> Tensor:
            return 2 * faces.mean() * torch.ones(len(faces), 128, 8, 8)

    face = Doubling(1, 64, 2, 4)
    generated, identity_face = flat(0.5).requires_grad_(), flat(0.2).requires_grad_()
    loss = semantic_content(face, face.features(generated), identity_face)
    loss.backward()
    assert loss.item() == pytest.approx((2 * 0.5 - 2 * 0.2) ** 2)
    assert generated.grad is not None
    assert identity_face.grad is None


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def log(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, float]]:
    """Twelve steps of the paper's recipe, every step logged."""
    short = replace(TDGANRecipe(), images=24, batch=2, validate_every=24, model=SMALL)
    run = train(short, RunSettings(tmp_path_factory.mktemp("runs") / "run", data=data, device="cpu", log_every=1))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line["kind"] == "train"]


def test_discriminators_learn_every_fifth_and_every_tenth_step(log: list[dict[str, float]]) -> None:
    learns = {
        name: [step for step, line in enumerate(log) if name in line]
        for name in ("face_discriminator", "expression_discriminator", "recognition", "transfer_identity")
    }
    assert learns["face_discriminator"] == [0, 5, 10]
    assert learns["expression_discriminator"] == [0, 10]
    assert learns["recognition"] == learns["transfer_identity"] == list(range(12))


def test_eq_6_starts_at_the_cross_entropy_of_a_guess_among_the_people_and_fake(log: list[dict[str, float]]) -> None:
    people, expressions = 20, 7
    assert log[0]["transfer_identity"] == pytest.approx(math.log(people + 1), abs=0.05)
    assert log[0]["transfer_expression"] == pytest.approx(math.log(expressions), abs=0.05)
    assert log[0]["face_discriminator"] == pytest.approx(2 * math.log(people + 1), abs=0.1)  # real and generated
    assert 0 <= log[0]["expression_discriminator_accuracy"] <= 1


def test_a_discriminator_that_tells_painted_faces_learns_with_them_and_begins_as_the_branch(
    data: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    branch = TDGAN(SMALL)
    branch.save(tmp_path / "branch")
    TrainedOn({"bundled": 1}).write(tmp_path / "branch")
    recipe = TDGANRecipe(
        images=16,
        batch=2,
        validate_every=16,
        model=SMALL,
        expression_branch=tmp_path / "branch",
        fake_expression=True,
        reconstruction_weight=1.0,  # something to learn before they judge
        discriminators_from=0.5,
        expression_discriminator_every=2,
    )
    begun = tdgan_networks(SMALL, 3, expression_branch=tmp_path / "branch", fake_expression=True)[
        "expression_discriminator"
    ]
    last, taught = begun.head[-1], branch.expression_head[-1]
    assert last.out_features == 8
    torch.testing.assert_close(last.weight[:7], taught.weight, atol=1e-4, rtol=0.0)  # published in half precision
    assert all(weights.requires_grad for weights in begun.parameters())
    run = train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu", log_every=1))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if line["kind"] == "train"]
    assert [step for step, line in enumerate(steps) if "expression_discriminator" in line] == [4, 6]
    assert steps[4]["expression_discriminator"] == pytest.approx(2 * math.log(8), abs=0.3)  # real and painted


def test_without_that_class_the_copy_of_the_branch_tells_the_seven_expressions_and_learns(tmp_path: Path) -> None:
    TDGAN(SMALL).save(tmp_path / "branch")
    copied = tdgan_networks(SMALL, 3, expression_branch=tmp_path / "branch")["expression_discriminator"]
    assert copied.head[-1].out_features == 7
    assert all(weights.requires_grad for weights in copied.parameters())
