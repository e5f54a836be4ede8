"""Verdict rates over faces: what is counted, what is written, and what the card says."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.inference.explain.many_faces import MeanMaps, load_mean_maps
from fer_demo.inference.explain.methods import METHODS
from fer_demo.inference.explain.regions import REGIONS
from fer_demo.inference.explain.verdict import Check, Verdict
from fer_demo.metrics.wilson import wilson_interval
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.training_data import write_training_data
from training.engine.trained_on import TrainedOn
from training.evaluation.explanations import influence, regions
from training.evaluation.explanations.command import ExplanationSettings, evaluate_explanations
from training.evaluation.explanations.counterfactuals import CounterfactualSettings, evaluate_counterfactuals
from training.evaluation.explanations.report import ExplanationReport, Verdicts
from training.evaluation.record import Evaluation
from training.publishing.card_tables import tables_text


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = write_training_data(tmp_path_factory.mktemp("data"))
    rows = pq.read_table(root / "fer2013/train.parquet").slice(0, 6)
    pq.write_table(rows, root / "fer2013/public_test.parquet")
    return root


def saved_classifier(folder):
    small = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    torch.manual_seed(0)
    ExpressionClassifier(small).eval().save(folder)
    TrainedOn({"fer2013": 1}).write(folder)
    return folder


def test_every_method_is_judged_on_every_face(tmp_path, data):
    folder = saved_classifier(tmp_path / "model")
    path = evaluate_explanations(ExplanationSettings(str(folder), data, faces=2))
    evaluation = Evaluation.read(path)
    table = evaluation.tables["explanations"]
    assert table["faces"] == 2
    assert [row["method"] for row in table["rows"]] == list(METHODS)
    assert all(sum(row["words"].values()) == 2 for row in table["rows"])
    assert evaluation.measured["explanations"].command.endswith("explanations model --data DATA --faces 2")
    assert [figure.count for figure in evaluation.figures] == [2] * len(METHODS)
    assert f"| **{METHODS[0]}** |" in tables_text(evaluation.tables)


def test_counts_rates_and_reasons():
    found = Verdicts()
    checks = (Check("deletion", 0.1, True, ""), Check("ROAD", -0.1, False, ""))
    found.add(Verdict("faithful", "Faithful.", checks))
    found.add(Verdict("fails", "Fails: looking at the middle does as well.", checks))
    found.add(Verdict("no evidence", "No evidence.", ()))
    report = ExplanationReport("some faces", 3, {"occlusion": found})
    (figure,) = report.figures
    assert (figure.value, figure.interval) == (1 / 3, wilson_interval(1, 3))
    (row,) = report.table["rows"]
    assert row["words"] == {"faithful": 1, "weak": 0, "fails": 1, "no evidence": 1}
    assert row["passed"] == {"deletion": 2, "insertion": 0, "ROAD": 0}
    shown = tables_text({"explanations": report.table})
    assert "| **occlusion** | 1 | 0 | 1 | 1 | 2 | 0 | 0 | looking at the middle does as well (1) |" in shown


def test_what_cannot_be_measured_is_said(tmp_path, data):
    with pytest.raises(SettingsError, match="--faces 1"):
        ExplanationSettings("expression_classifier", data, faces=0)
    folder = saved_classifier(tmp_path / "model")
    with pytest.raises(DataError, match="Only 6 of 6 faces"):
        evaluate_explanations(ExplanationSettings(str(folder), data, faces=7))
    load_model("face_landmarker").save(tmp_path / "landmarker")
    with pytest.raises(CheckpointError, match="recognizes no expressions"):
        evaluate_explanations(ExplanationSettings(str(tmp_path / "landmarker"), data))


def test_counterfactuals_are_counted_by_what_was_wanted(tmp_path, data):
    folder = saved_classifier(tmp_path / "model")
    path = evaluate_counterfactuals(CounterfactualSettings(str(folder), data, faces=2))
    evaluation = Evaluation.read(path)
    table = evaluation.tables["counterfactuals"]
    assert sum(row["tried"] for row in table["rows"]) == table["faces"] == 2
    assert all(row["second agrees"] <= row["found"] <= row["tried"] for row in table["rows"])
    found = sum(row["found"] for row in table["rows"])
    assert evaluation.figures[0].name == "counterfactuals found"
    assert evaluation.figures[0].value == found / 2
    assert evaluation.measured["counterfactuals"].command.endswith("counterfactuals model --data DATA --faces 2")
    assert f"| **{table['rows'][0]['wanted']}** | {table['rows'][0]['tried']} |" in tables_text(evaluation.tables)
    with pytest.raises(SettingsError, match="--faces 1 or more"):
        CounterfactualSettings("model", data, faces=0)


def test_wrong_labels_are_looked_for_and_counted(tmp_path, monkeypatch):
    folder = saved_classifier(tmp_path / "model")
    monkeypatch.setattr(influence, "load_bundled", lambda: load_bundled().select(range(0, 1960, 49)))
    path = influence.evaluate_influence(influence.InfluenceSettings(str(folder), questions=4))
    evaluation = Evaluation.read(path)
    table = evaluation.tables["influence"]
    assert (table["faces"], table["wrong"], table["questions"]) == (40, 2, 4)
    assert all(0 <= count <= 2 for _, count in table["first"])
    assert [figure.count for figure in evaluation.figures] == [2, 2, 4]
    assert evaluation.measured["influence"].command.endswith("evaluate influence model")
    assert f"| {table['most harmful'][1]} of 4 |" in tables_text(evaluation.tables)
    with pytest.raises(DataError, match="Only 40 faces"):
        influence.find_wrong_labels(load_model(str(folder)), influence.load_bundled(), 5, 0)
    with pytest.raises(SettingsError, match="ten times as many"):
        influence.InfluenceSettings("model", tmp_path, faces=100, questions=20)


def test_regions_of_every_expression_are_measured_and_the_mean_maps_kept(tmp_path, monkeypatch):
    folder = saved_classifier(tmp_path / "model")
    monkeypatch.setattr(regions, "load_bundled", lambda: load_bundled().select(range(0, 28, 4)))  # one person's seven
    path = regions.evaluate_regions(regions.RegionSettings(str(folder), faces=1))
    evaluation = Evaluation.read(path)
    table = evaluation.tables["regions"]
    assert table["regions"] == list(REGIONS)
    assert len(table["rows"]) == 7
    assert all(abs(sum(map(abs, shares)) - 1) < 1e-3 for _, shares in table["rows"])
    assert "| **happy** |" in tables_text(evaluation.tables)
    (folder / "mean_maps.npz").rename(tmp_path / "model.npz")
    maps = load_mean_maps("model", load_model(str(folder)), tmp_path)
    assert isinstance(maps, MeanMaps)
    assert maps.faces.shape == maps.maps.shape == (7, 56, 56)
    assert maps.maps.max() == 1
    with pytest.raises(SettingsError, match="--faces 1"):
        regions.RegionSettings("model", faces=0)
