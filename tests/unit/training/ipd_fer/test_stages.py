"""IPD-FER: who teaches the identity, what is frozen, what faces at rest are held to, and what is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from fer_demo.capabilities import FactorCodes
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_lfw
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig
from tests.training_data import write_training_data
from training.data.augmentation import PLAIN
from training.data.known_people import known_people
from training.data.splits import is_stranger
from training.engine.loop import RunSettings, train
from training.engine.objective import Moment
from training.ipd_fer.faces_stage import FacesObjective, FacesRecipe
from training.ipd_fer.identity_stage import IdentityRecipe, told_apart
from training.ipd_fer.resting_faces import RestingBatches
from training.losses.cosine_margin import cosine_margin

SMALL = IPDFERConfig(
    widths=(8, 8, 8, 8), identity_dims=6, pose_dims=3, expression_dims=5, decoder_widths=(8, 8, 8, 8, 8)
)
SHORT = {"images": 24, "batch": 8, "validate_every": 24, "model": SMALL, "half_life": 0}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_training_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def identity(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = IdentityRecipe(**{**SHORT, "rate": 1e-2})  # type: ignore[arg-type]
    return train(recipe, RunSettings(tmp_path_factory.mktemp("runs") / "identity", data=data, device="cpu"))


def recipe(identity: Path, **changes: object) -> FacesRecipe:
    return FacesRecipe(**{**SHORT, "critic_widths": (4, 4, 4, 8), "initial": identity / "last", **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def objective(identity: Path, data: Path) -> FacesObjective:
    torch.manual_seed(0)
    built = recipe(identity).build(data, Accelerator(cpu=True))
    assert isinstance(built, FacesObjective)
    return built


def moment(progress: float = 0.5) -> Moment:
    return Moment(0, progress, np.random.default_rng(0), torch.Generator().manual_seed(0))


def test_nobody_who_is_kept_out_teaches_who_people_are(data: Path) -> None:
    names = {str(name) for name in load_lfw(data).column("person")}
    strangers = {name for name in names if is_stranger(name)}
    people = known_people(data, 64, torch.device("cpu"))
    assert strangers
    assert len(people.teaching) == 2 * len(names - strangers)
    assert len(people.strangers) == 2 * len(strangers)
    assert people.rendered is not None
    assert people.persons == len(names - strangers) + len(people.rendered.crops)
    assert people.read == {"lfw": len(people.teaching), "synthetic": people.rendered.crops.shape[0] * 7}


def test_people_are_always_told_apart_by_codes_of_their_own(data: Path) -> None:
    faces = known_people(data, 64, torch.device("cpu")).strangers
    levels = faces.person * 10 + 5
    marked = replace(faces, crops=levels[:, None, None].expand_as(faces.crops).to(torch.uint8))

    class Reading(IPDFER):
        """The mean grey level, around a circle."""

        def __init__(self) -> None:
            super().__init__(SMALL)
            self.identity_encoder = _Angle()  # type: ignore[assignment]

    class _Angle(torch.nn.Module):
        def forward(self, views: torch.Tensor) -> torch.Tensor:
            angle = views.mean(dim=(1, 2, 3))
            return torch.stack([angle.cos(), angle.sin()], dim=1)

    assert told_apart(Reading(), marked) == 1.0


def test_only_the_identity_encoder_learns_first_and_stays_as_it_is_afterwards(
    identity: Path, data: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    run = train(recipe(identity, critic_from=0.35), RunSettings(tmp_path / "run", data=data, device="cpu", log_every=1))
    before, after = (load_model(str(folder / "last")).state_dict() for folder in (identity, run))
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {name.split(".")[0] for name in before} - {"identity_encoder"}
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    taught = [line for line in lines if line["kind"] == "train"]
    answers = {"label", "votes", "pose", "difference", "reconstruction", "perceptual", "truth"}
    held = {"rest", "neutral_identity", "neutral_pose"}
    assert all(answers | held <= line.keys() for line in taught)
    assert "critic" not in taught[0]  # then it learns, and then it has a say
    assert {"critic", "critic_class", "critic_penalty"} <= taught[1].keys()
    assert taught[1]["neutral"] == taught[1]["adversarial"] == 0 < taught[-1]["neutral"]
    (figures,) = (line for line in lines if line["kind"] == "validation")
    assert {"accuracy", "rebuilding_error", "neutral_gain"} <= figures.keys()


def test_rendered_faces_are_answered_by_the_same_people_at_rest(objective: FacesObjective) -> None:
    batches = objective.batches
    assert batches.rendered is not None
    people, instances = batches.rendered.crops.shape[:2]
    levels = torch.arange(people)[:, None] * 20 + torch.arange(instances)
    crops = levels[:, :, None, None].expand(-1, -1, *batches.rendered.crops.shape[2:]).to(torch.uint8)
    told = RestingBatches(batches.faces, replace(batches.rendered, crops=crops), PLAIN, 0.25, 0.5)
    batch = told.draw(16, 64, np.random.default_rng(0), torch.Generator().manual_seed(0))
    faces, truths = (((part[:, 0, 0, 0] + 1) * 127.5).round().long() for part in (batch.rendered, batch.truths))
    assert len(faces) == 8
    assert torch.equal(truths // 20, faces // 20)
    assert (batches.rendered.expression[truths % 20] == BASIC.index("neutral")).all()
    assert len(batch.views.views) == 8
    assert len(batch.resting) == 4


def test_a_face_at_rest_is_painted_from_zeros_in_the_expressions_place(objective: FacesObjective) -> None:
    batch, model = objective.draw(8, moment()), objective._model()
    with torch.no_grad():
        painted = objective._painted(batch)
        codes = model.encode(batch.views.views)
        expected = model.decode(FactorCodes(codes.identity, torch.zeros_like(codes.expression)))
        torch.testing.assert_close(painted.at_rest, expected, rtol=0, atol=1e-5)
        torch.testing.assert_close(painted.rebuilt, model.decode(codes), rtol=0, atol=1e-5)
        torch.testing.assert_close(painted.answers, model.neutral_faces(batch.rendered), rtol=0, atol=1e-5)


def test_faces_at_rest_that_are_the_photographs_themselves_cost_nothing(objective: FacesObjective) -> None:
    batch = objective.draw(8, moment())
    views = batch.views.views
    with torch.no_grad():
        same = objective._painted(batch)._replace(at_rest=views, rebuilt=views)
        losses = objective._at_rest(batch, same)
        pictures = objective._pictures(batch, same)
    assert losses["rest"] == 0
    assert losses["neutral_identity"].item() == pytest.approx(0, abs=1e-5)
    assert losses["neutral_pose"].item() == pytest.approx(0, abs=1e-5)
    assert pictures["reconstruction"] == pictures["perceptual"] == 0
    with torch.no_grad():
        other = objective._at_rest(batch, same._replace(at_rest=views.flip(0)))
    assert other["neutral_identity"] > 1e-3


def test_only_neutral_photographs_must_be_at_rest_as_they_are(objective: FacesObjective) -> None:
    batch = objective.draw(8, moment())
    each = torch.eye(7)
    with torch.no_grad():
        painted = objective._painted(batch)
        for shown, costs in ((each[BASIC.index("neutral")], True), (each[3], False), (each[0] * 0, False)):
            views = replace(batch.views, labels=shown.expand_as(batch.views.labels))
            assert (objective._at_rest(batch._replace(views=views), painted)["rest"] > 0) == costs


def test_the_critic_learns_expressions_from_photographs_and_tells_what_is_painted(objective: FacesObjective) -> None:
    torch.manual_seed(0)
    critic = copy.deepcopy(objective.networks["critic"])
    learning = torch.optim.Adam(critic.parameters(), lr=1e-2)
    fresh = replace(
        objective,
        networks={**objective.networks, "critic": critic},
        optimizers={**objective.optimizers, "critic": learning},
    )
    batch = fresh.draw(8, moment())
    made = torch.zeros_like(batch.views.views)
    parts = [fresh._critic_step(batch, made, moment()) for _ in range(30)]
    for name in ("critic_class", "critic_painted"):
        assert parts[-1][name] < 0.7 * parts[0][name], name
    assert parts[-1]["critic"] < parts[0]["critic"]


def test_a_margin_is_taken_off_the_right_angle_alone() -> None:
    centres = torch.tensor([[2.0, 0.0], [0.0, 5.0]])  # their length counts for nothing
    codes = torch.tensor([[3.0, 0.0]])
    loss = cosine_margin(codes, centres, torch.tensor([0]), scale=2.0, margin=0.25)
    assert loss.item() == pytest.approx(np.log(1 + np.exp(2 * (0 - (1 - 0.25)))))


def test_what_cannot_be_done_is_refused(identity: Path) -> None:
    with pytest.raises(SettingsError, match="run the identity stage first"):
        recipe(identity, initial=None).build(None, Accelerator(cpu=True))
    with pytest.raises(SettingsError, match="together below 1"):
        recipe(identity, people_share=0.6, rendered_share=0.4)
    with pytest.raises(SettingsError, match="without 1"):
        IdentityRecipe(**SHORT, rendered_share=1.0)  # type: ignore[arg-type]
