"""Rendered people: one camera and one light, so that the true picture differs by the expression alone."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import BASIC
from training.evaluation.pairs.rendered import rendered_tasks
from training.evaluation.pairs.report import load_pair_models
from training.evaluation.pairs.scores import Bench, scores_of


def test_the_truth_of_a_rendered_person_is_exact() -> None:
    models = load_pair_models(seed=0)
    tasks = rendered_tasks(1, 0, models.landmarker)
    assert {(task.expression, task.driven) for task in tasks} == {(name, False) for name in BASIC if name != "neutral"}
    (smile,) = (task for task in tasks if task.expression == "happy")
    (case,) = smile.cases
    before, after = (photo.crop.photo.astype(int) for photo in (case.source, case.truth))
    assert np.array_equal(before[:40, :20], after[:40, :20])  # the background
    assert np.abs(before - after).max() > 50
    measured = Bench(smile, models).measure([case.truth.crop.photo], in_full=False)
    found = {name: score.value for name, score in scores_of(smile, measured, seed=0).items()}
    assert found["L1 gain"] > 0.9
    assert found["mouth gain"] > 0.9
    assert found["size"] == pytest.approx(1, abs=0.05)
