"""Teachers are asked about the whole face and never learn; a judge is not asked at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from fer_demo.errors import SettingsError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.data.expression_faces import ExpressionFaces
from training.data.face_set import UNKNOWN, FaceSet, crop_side
from training.engine.objective import Moment, start_from
from training.engine.trained_on import TrainedOn
from training.recipes.expression_classifier import ExpressionClassifierRecipe
from training.recognition import objective as recognition_objective
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.objective import RecognitionObjective, view_size
from training.recognition.teachers import Teachers, Teaching, half_hidden
from training.tdgan.branch_stage import ExpressionBranchRecipe

SMALL = ExpressionClassifierConfig(size=28, stem=8, widths=(8, 8), blocks=(1, 1), squeeze=2)
CPU = torch.device("cpu")


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    ExpressionClassifier(SMALL).save(tmp_path / "teacher")
    TrainedOn({"fer2013": 1}).write(tmp_path / "teacher")
    return tmp_path / "teacher"


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random faces in place of the data."""
    side, generator = crop_side(28), torch.Generator().manual_seed(0)
    faces = FaceSet(
        crops=torch.randint(256, (16, side, side), generator=generator, dtype=torch.uint8),
        expression=torch.arange(16) % 4,
        person=torch.full((16,), UNKNOWN),
        votes=torch.nn.functional.one_hot(torch.arange(16) % 4, 8).float(),
        units=torch.rand(16, 52, generator=generator),
        landmarks=torch.rand(16, 68, 2, generator=generator),
        pose=torch.zeros(16, 2),
        intensity=torch.ones(16),
    )
    monkeypatch.setattr(
        recognition_objective, "expression_faces", lambda *_, **__: ExpressionFaces(faces, faces, faces)
    )


def first_step(teaching: Teaching, **settings: object) -> tuple[RecognitionObjective, dict[str, torch.Tensor]]:
    recipe = replace(ExpressionClassifierRecipe(model=SMALL, batch=12, start_size=0), teaching=teaching, **settings)  # type: ignore[arg-type]
    torch.manual_seed(0)
    objective = recipe.build(None, Accelerator(cpu=True))
    assert isinstance(objective, RecognitionObjective)
    moment = Moment(0, 0.5, np.random.default_rng(0), torch.Generator().manual_seed(0))
    return objective, objective.training_step(objective.draw(12, moment), moment)


def test_without_teachers_only_labels_votes_and_other_tasks_teach(noise: None) -> None:
    _, parts = first_step(Teaching(), auxiliary=AuxiliaryTasks(units_weight=1.0))
    assert set(parts) == {"label", "votes", "units", "accuracy"}


def test_teachers_share_the_loss_with_the_labels_and_stay_as_they_are(noise: None, teacher: Path) -> None:
    plain, alone = first_step(Teaching(), auxiliary=AuxiliaryTasks())
    objective, parts = first_step(Teaching((teacher, teacher), teacher_weight=0.25), auxiliary=AuxiliaryTasks())
    assert set(parts) == {"label", "votes", "teachers", "teachers_votes", "accuracy"}
    torch.testing.assert_close(parts["label"], 0.75 * alone["label"])
    for model in objective.teachers.models:
        assert not model.training
        assert all(parameter.grad is None for parameter in model.parameters())
    assert set(plain.networks) == {"model"}


def test_a_teacher_with_the_students_weights_and_view_has_nothing_to_add(noise: None, teacher: Path) -> None:
    _, parts = first_step(
        Teaching((teacher,)), initial=teacher, model=replace(SMALL, dropout=0.0), auxiliary=AuxiliaryTasks()
    )
    assert (
        float(parts["teachers"].detach()) < 0.05
    )  # batch norm sees the batch in the student and its own past in the teacher


def test_a_teacher_that_knows_contempt_can_teach_a_branch_that_does_not(noise: None, teacher: Path) -> None:
    tdgan = TDGANConfig(noise_channels=0, residual_units=1, decoder_channels=(8, 8, 8), head_units=8)
    recipe = ExpressionBranchRecipe(model=tdgan, batch=12, teaching=Teaching((teacher,)))
    objective = recipe.build(None, Accelerator(cpu=True))
    moment = Moment(0, 0.5, np.random.default_rng(0), torch.Generator().manual_seed(0))
    parts = objective.training_step(objective.draw(12, moment), moment)
    assert set(parts) == {"label", "votes", "teachers", "teachers_votes", "accuracy"}


def test_half_hidden_faces_are_taught_by_triplets_too(noise: None, teacher: Path) -> None:
    _, parts = first_step(Teaching((teacher,), hidden="either", triplet_weight=1.0))
    assert float(parts["triplets"].detach()) >= 0


def test_a_hidden_half_is_grey_and_the_other_untouched() -> None:
    views = torch.full((64, 1, 50, 50), 0.7)
    for hidden, above, below in (("upper", 0.0, 0.7), ("lower", 0.7, 0.0)):
        seen = half_hidden(views, Teaching(hidden=hidden), torch.Generator())  # type: ignore[arg-type]
        assert seen[:, :, :27].unique().tolist() == pytest.approx([above])
        assert seen[:, :, 27:].unique().tolist() == pytest.approx([below])
    either = half_hidden(views, Teaching(hidden="either"), torch.Generator())
    upper = (either[:, 0, 0, 0] == 0).float().mean()
    assert 0.3 < upper < 0.7
    assert half_hidden(views, Teaching(), torch.Generator()) is views


def test_a_share_of_the_faces_may_stay_whole() -> None:
    seen = half_hidden(torch.ones(400, 1, 8, 8), Teaching(hidden="upper", hidden_share=0.25), torch.Generator())
    assert 0.18 < (seen[:, 0, 0, 0] == 0).float().mean() < 0.32


def test_a_judge_may_not_teach(tmp_path: Path) -> None:
    ExpressionJudge(ExpressionJudgeConfig(widths=(4,), blocks=(1,))).save(tmp_path)
    TrainedOn({"fer2013": 1}).write(tmp_path)
    with pytest.raises(SettingsError, match="judge, which may teach nothing"):
        Teachers((tmp_path,), CPU, torch.contiguous_format)


def test_a_network_without_two_heads_cannot_teach(tmp_path: Path) -> None:
    TDGAN(TDGANConfig(noise_channels=0, residual_units=1, decoder_channels=(4, 4, 4), head_units=4)).save(tmp_path)
    TrainedOn({"fer2013": 1}).write(tmp_path)
    with pytest.raises(SettingsError, match="TDGAN, which has no two heads"):
        Teachers((tmp_path,), CPU, torch.contiguous_format)


@pytest.mark.parametrize("wrong", [{"teacher_weight": 1.5}, {"temperature": 0.0}, {"triplet_weight": 1.0}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        Teaching(**wrong)  # type: ignore[arg-type]


def test_a_start_from_a_network_of_another_shape_is_refused(teacher: Path) -> None:
    network = ExpressionClassifier(SMALL)
    start_from(network, teacher)
    with pytest.raises(SettingsError, match="another shape"):
        start_from(ExpressionClassifier(replace(SMALL, widths=(8, 16))), teacher)


def test_views_grow_in_four_sizes_over_the_first_part_of_a_run() -> None:
    assert [view_size(35, 56, place / 20) for place in (0, 4, 5, 9, 10, 13, 14, 20)] == [35, 35, 42, 42, 49, 49, 56, 56]
    assert view_size(0, 48, 0.0) == 48
