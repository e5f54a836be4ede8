"""What recognizers see in edits: their mean answer, with gradients to the faces and none for themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fer_demo.capabilities import RecognizesExpression
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from fer_demo.models.warp_editor import WarpEditor, WarpEditorConfig
from training.warp_editor.teachers import EditTeachers

SMALL = ExpressionClassifierConfig(size=28, stem=4, widths=(8, 8), blocks=(1, 1), squeeze=2)
CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    backwards = ExpressionClassifierConfig(
        size=28, stem=4, widths=(8, 8), blocks=(1, 1), squeeze=2, expressions=BASIC[::-1]
    )
    ExpressionClassifier(backwards).save(tmp_path / "teacher")
    return tmp_path / "teacher"


def test_answers_come_in_our_order_and_gradients_reach_the_faces_alone(folder: Path) -> None:
    teachers = EditTeachers((folder, folder), CPU)
    faces = torch.rand(3, 1, 28, 28).requires_grad_()
    teacher = teachers.models[0]
    assert isinstance(teacher, RecognizesExpression)
    alone = teacher.expression_logits(faces).flip(1).log_softmax(dim=1)
    torch.testing.assert_close(teachers.log_shares(faces), alone, atol=1e-5, rtol=1e-5)
    shares = torch.eye(7)[:3]
    error = teachers.error(faces, shares)
    torch.testing.assert_close(error, -alone.diagonal().mean(), atol=1e-5, rtol=1e-5)
    error.backward()
    assert faces.grad is not None
    assert faces.grad.abs().sum() > 0
    assert not any(weight.requires_grad for weight in teacher.parameters())


def test_faces_without_votes_teach_nothing(folder: Path) -> None:
    assert EditTeachers((folder,), CPU).error(torch.rand(2, 1, 40, 40), torch.zeros(2, 7)) == 0


def test_judges_and_models_that_recognize_nothing_may_not_teach(tmp_path: Path) -> None:
    ExpressionJudge(ExpressionJudgeConfig(widths=(4,), blocks=(1,))).save(tmp_path / "judge")
    WarpEditor(WarpEditorConfig(size=32, encoder_widths=(8, 8), editor_widths=(8, 8, 8, 8))).save(tmp_path / "editor")
    for teachers, reason in (("judge", "teach nothing"), ("editor", "does not recognize expressions")):
        with pytest.raises(SettingsError, match=reason):
            EditTeachers((tmp_path / teachers,), CPU)
    with pytest.raises(SettingsError, match="--agreement-weight 0"):
        EditTeachers((), CPU)
