"""The stages of selective feature sharing: what balances a set, and what each stage teaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import SettingsError
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing, SelectiveFeatureSharingConfig
from training.data.face_set import UNKNOWN, FaceSet
from training.engine.loop import RunSettings, train
from training.feature_sharing.balancing_stage import BalancingRecipe, missing_shares
from training.feature_sharing.joint_stage import JointRecipe
from training.feature_sharing.objective import without_statistics
from training.losses.label_critic import LabelCritic

# With fewer than eight channels oneDNN writes beyond its memory where a processor has AVX2 alone (torch 2.13: gradients
# of convolutions of 1 x 1 with stride 2, channels last).
SMALL = SelectiveFeatureSharingConfig(stem=8, widths=(8, 8, 8), blocks=(1, 1, 1))
SHORT = {"images": 16, "batch": 4, "validate_every": 16, "model": SMALL, "half_life": 0}


@pytest.fixture(scope="module", autouse=True)
def few_faces() -> Iterator[None]:
    """A ninth of the bundled faces, which every training reads anew."""
    source = load_bundled()
    few = source.select(np.arange(0, len(source), 9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.data.expression_faces.load_bundled", lambda: few)
        yield


def labelled(*labels: int) -> FaceSet:
    count = len(labels)
    nothing = [torch.zeros(count, *shape) for shape in ((8,), (52,), (68, 2), (2,))]
    crops, person = torch.zeros(count, 8, 8, dtype=torch.uint8), torch.zeros(count, dtype=torch.long)
    return FaceSet(crops, torch.tensor(labels), person, *nothing, intensity=torch.ones(count))


def test_evenly_drawn_targets_with_these_weights_fill_every_expression_up_to_the_most_frequent() -> None:
    faces = labelled(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, UNKNOWN)
    # Missing beside four: 0, 2, 2, 0, 0, 1, 4, of nine in seven expressions.
    torch.testing.assert_close(missing_shares(faces), torch.tensor([0.0, 2, 2, 0, 0, 1, 4]) * 7 / 9)


def test_in_a_balanced_set_all_painted_faces_count_alike() -> None:
    torch.testing.assert_close(missing_shares(labelled(*range(7))), torch.ones(7))


def test_painted_faces_leave_no_trace_in_the_running_means() -> None:
    norm = nn.BatchNorm2d(3)
    before = norm.running_mean.clone()  # type: ignore[union-attr]
    with without_statistics(norm):
        norm(torch.randn(4, 3, 5, 5) + 9)
    torch.testing.assert_close(norm.running_mean, before)
    norm(torch.randn(4, 3, 5, 5) + 9)
    assert (norm.running_mean > before + 0.5).all()  # type: ignore[operator]


def test_the_critic_scores_patches_and_names_an_expression_for_each_face() -> None:
    judged = LabelCritic(1, 64, (4, 4, 4, 4))(torch.zeros(2, 1, 64, 64))
    assert judged.scores.shape == (2, 4, 4)
    assert judged.expression.shape == (2, 7)


@pytest.fixture(scope="module")
def joint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps of the joint stage, every step logged."""
    folder = tmp_path_factory.mktemp("runs") / "joint"
    return train(JointRecipe(**SHORT), RunSettings(folder, device="cpu", log_every=1))  # type: ignore[arg-type]


def lines(run: Path) -> list[dict[str, float]]:
    found = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line for line in found if line["kind"] == "train"]


def test_the_joint_stage_teaches_both_tasks_and_the_critic_in_every_step(joint: Path) -> None:
    for line in lines(joint):
        assert {"label", "votes", "adversarial", "class", "cycle"} <= line.keys()
        assert {"critic", "critic_class", "critic_penalty", "critic_accuracy"} <= line.keys()
        shares = [line[f"{task}_borrows_{level}"] for task in ("recognition", "synthesis") for level in (1, 2, 3)]
        assert all(0 < share < 1 for share in shares)
    assert (joint / "samples").is_dir()


def test_balancing_without_painted_faces_costs_nothing_for_them(joint: Path, tmp_path: Path) -> None:
    logged = {}
    for weight in (0.0, 0.4):
        recipe = BalancingRecipe(**SHORT, initial=joint / "last", synthetic_weight=weight)  # type: ignore[arg-type]
        run = train(recipe, RunSettings(tmp_path / str(weight), device="cpu", log_every=1))
        logged[weight] = lines(run)
    assert all(line["synthetic"] == 0 for line in logged[0.0])
    assert all(line["synthetic"] > 0 for line in logged[0.4])
    assert logged[0.0][0]["label"] == logged[0.4][0]["label"]  # the first step sees the same faces


def test_balancing_holds_synthesis_to_the_joint_stages(joint: Path, tmp_path: Path) -> None:
    recipe = BalancingRecipe(**SHORT, initial=joint / "last", synthetic_weight=0.0)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="joint stage first"):
        train(replace(recipe, initial=None), RunSettings(tmp_path / "nothing", device="cpu"))
    still = replace(recipe, rate=0.0)
    run = train(still, RunSettings(tmp_path / "still", device="cpu", log_every=1))
    before, after = (load_model(str(folder)) for folder in (joint / "last", run / "last"))
    assert isinstance(before, SelectiveFeatureSharing)
    assert isinstance(after, SelectiveFeatureSharing)
    for name, value in before.named_parameters():
        assert torch.equal(value, dict(after.named_parameters())[name]), name
