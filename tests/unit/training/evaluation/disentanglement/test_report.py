"""Reports on codes that keep person and expression apart, and on codes that do not; and the command around them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError
from fer_demo.inference.leakage.disentanglement import METRICS, Disentanglement, disentanglement_from
from fer_demo.inference.leakage.probe_codes import CODES_FILE, ProbeCodes, load_probe_codes
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.model import PublishedModel
from tests.editors import tiny_landmark_editor
from tests.training_data import write_training_data
from training.engine.trained_on import TrainedOn
from training.evaluation import commands as evaluate
from training.evaluation.commands import DisentanglementSettings, evaluate_disentanglement
from training.evaluation.disentanglement import code_baselines
from training.evaluation.disentanglement.report import disentanglement_report
from training.evaluation.disentanglement.table import disentanglement_text
from training.evaluation.record import Evaluation


def few_faces() -> FaceSource:
    """Every fourth picture of the first 20 people: each with every expression once."""
    return load_bundled().select(range(0, 560, 4))


def places(names: list[str], spread: float) -> np.ndarray:
    """A code with a place for each name, and noise."""
    known = sorted(set(names))
    code = np.eye(len(known))[[known.index(name) for name in names]]
    return (code + spread * np.random.default_rng(0).normal(size=code.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def apart() -> tuple[list[tuple[str, float]], Disentanglement]:
    """Figures and table of an identity code of the person alone and an expression code of the expression alone."""
    source = few_faces()
    people, expressions = source.column("person"), source.column("expression")
    codes = {
        "identity": places(people, 0.05),
        "expression": places(expressions, 0.05),
        "pixels": np.concatenate([places(people, 0.05), places(expressions, 0.05)], axis=1),
        "classifier": places(expressions, 0.05),
        "probabilities": places(expressions, 0.05),
    }
    probed = ProbeCodes("abc", {}, tuple(source.column("key")), np.linspace(80, 160, len(source)), codes)
    found = disentanglement_report(probed, source, "a few faces", seed=0)
    table = disentanglement_from(json.loads(json.dumps(found.table)))
    return [(figure.name, figure.value) for figure in found.figures], table


def test_codes_that_keep_person_and_expression_apart_have_the_widest_gap(apart) -> None:  # type: ignore[no-untyped-def]
    figures = dict(apart[0])
    assert figures["person read from the identity code"] > 0.95
    assert figures["person read from the expression code"] < 0.15
    assert figures["expression read from the identity code"] < 0.3
    assert figures["leakage gap of the person"] > 0.85
    assert figures["leakage gap of the expression"] > 0.75
    assert figures["person by chance"] == pytest.approx(1 / 20)


def test_the_finding_names_what_was_compared(apart) -> None:  # type: ignore[no-untyped-def]
    first, second, _ = (one.finding for one in apart[1].differences if one.target == "person")
    assert first.startswith("The expression code tells less about the person than raw pixels (-")
    assert second.startswith(
        "The expression code tells neither clearly less nor clearly more about the person than the"
    )


def test_every_code_and_noise_have_every_metric(apart) -> None:  # type: ignore[no-untyped-def]
    table = apart[1]
    assert list(table.scores) == ["both", "identity", "expression", "pixels", "classifier", "probabilities", "noise"]
    assert all(list(scores) == list(METRICS) for scores in table.scores.values())
    assert table.factors[:2] == ("person", "expression")
    assert table.scores["both"]["DCI informativeness"] > table.scores["noise"]["DCI informativeness"]


def test_the_card_shows_readings_findings_and_metrics(apart) -> None:  # type: ignore[no-untyped-def]
    text = disentanglement_text(apart[1].table())
    assert "The person, right by chance in 0.050" in text
    assert "| expression code | 0." in text
    assert "- The expression code tells less about the person than raw pixels" in text
    assert "| random numbers | " in text


@pytest.mark.parametrize("damage", [{"leaks": 3}, {"scores": {"shoes": {}}}, {"factors": None}])
def test_a_damaged_table_is_one_sentence(apart, damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CheckpointError, match="table of disentanglement cannot be used"):
        disentanglement_from({**apart[1].table(), **damage})


class Embedder:
    """Stands in for the identity embedder, which has tests of its own."""

    def embed_aligned(self, faces: Tensor) -> Tensor:
        return torch.nn.functional.adaptive_avg_pool2d(faces, 4).flatten(1)


def test_the_command_keeps_the_codes_for_the_app_and_its_part_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "load_bundled", few_faces)
    monkeypatch.setattr(code_baselines, "as_embedder", lambda model: Embedder())
    torch.manual_seed(0)
    tiny_landmark_editor().save(tmp_path)
    TrainedOn({"fer2013": 1}).write(tmp_path)
    path = evaluate_disentanglement(DisentanglementSettings(str(tmp_path)))
    evaluation = Evaluation.read(path)
    assert list(evaluation.measured) == ["disentanglement"]
    assert evaluation.measured["disentanglement"].command.startswith("python -m training evaluate disentanglement ")
    codes = load_probe_codes(tmp_path / CODES_FILE)
    assert codes.weights_sha256 == evaluation.weights_sha256
    assert codes.compared_sha256 == code_baselines.compared_weights()
    assert codes.own == ("expression",)  # a landmark editor keeps the picture itself in place of an identity code
    assert codes.codes["probabilities"].shape == (140, 7)
    assert codes.codes["expression"].shape == (140, 52)
    assert "both" not in disentanglement_from(evaluation.tables["disentanglement"]).scores


def test_a_model_without_codes_is_refused(tmp_path: Path) -> None:
    config = ExpressionClassifierConfig(size=16, trim=(0.0, 0.0, 0.0, 0.0), stem=4, widths=(4,), blocks=(1,), squeeze=0)
    ExpressionClassifier(config).save(tmp_path)
    TrainedOn({"fer2013": 1}).write(tmp_path)
    with pytest.raises(CheckpointError, match="has no code to look into"):
        code_baselines.encode_source(load_model(str(tmp_path)), few_faces().select([0]), 0)


def test_other_faces_or_another_seed_are_encoded_anew(tmp_path: Path) -> None:
    source = few_faces().select(list(range(0, 140, 7)))
    torch.manual_seed(0)
    tiny_landmark_editor().save(tmp_path)
    model = load_model(str(tmp_path))
    codes_of(model, source).save(tmp_path / CODES_FILE)
    assert evaluate._codes_kept(tmp_path, model, source, 0) is not None
    assert evaluate._codes_kept(tmp_path, model, source, 1) is None
    assert evaluate._codes_kept(tmp_path, model, source.select([1, 0]), 0) is None


def codes_of(model: PublishedModel, source: FaceSource) -> ProbeCodes:
    """Codes that nobody read from the faces, of these weights."""
    assert model.origin is not None
    keys = tuple(source.column("key"))
    codes = {"expression": np.zeros((len(keys), 2), np.float32)}
    return ProbeCodes(model.origin.sha256, code_baselines.compared_weights(), keys, np.zeros(len(keys)), codes)


def test_the_factorial_people_are_those_who_never_teach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_training_data(tmp_path)
    torch.manual_seed(0)
    tiny_landmark_editor().save(tmp_path)
    with pytest.raises(DataError, match="1 rendered people never teach, too few"):
        evaluate_disentanglement(DisentanglementSettings(str(tmp_path), tmp_path))
    seen: list[set[str]] = []

    def looked_at(model: object, source: FaceSource, seed: int) -> None:
        seen.append(set(source.column("person")))
        raise DataError("looked at")

    monkeypatch.setattr(evaluate, "FEWEST_PEOPLE", 1)
    monkeypatch.setattr(evaluate, "encode_source", looked_at)
    with pytest.raises(DataError, match="looked at"):
        evaluate_disentanglement(DisentanglementSettings(str(tmp_path), tmp_path))
    assert seen == [{"00009"}]
