"""Exported graphs answer as the networks do, and keep their weights as small as they are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession, SessionOptions

from fer_demo.capabilities import RecognizesVotes
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, DataError
from fer_demo.images import to_tensor
from fer_demo.inference.preparation import face_tensor
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.settings import AppSettings
from training.publishing.web.command import EXAMPLES, ExportWebSettings, export_web
from training.publishing.web.graphs import editor_graph, reader_graph, votes_graph

ROWS = (3, 700, 1500)


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    source = load_bundled()
    return np.stack([source[row].image for row in ROWS])


def session(graph: object) -> InferenceSession:
    options = SessionOptions()
    options.log_severity_level = 3
    return InferenceSession(graph.SerializeToString(), options)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [AppSettings.recognizer, "expression_classifier"])
def test_the_graph_of_the_votes_answers_as_the_network_does(name: str, faces: np.ndarray) -> None:
    model = load_model(name)
    assert isinstance(model, RecognizesVotes)
    graph = votes_graph(model)
    assert len(graph.SerializeToString()) < 1.02 * sum(2 * weights.numel() for weights in model.parameters())
    running = session(graph)
    for face in face_tensor(model, faces).split(1):
        with torch.inference_mode():
            wanted = model.vote_logits(torch.cat([face, face.flip(3)])).mean(dim=0, keepdim=True)
        (logits,) = running.run(None, {"face": face.numpy()})
        np.testing.assert_allclose(logits, wanted.numpy(), atol=1e-4)


def test_a_recognizer_that_knows_no_votes_is_refused_in_a_sentence() -> None:
    with pytest.raises(CheckpointError, match="TDGAN does not know what people would say; choose another"):
        votes_graph(load_model("tdgan"))


def test_the_graphs_of_the_editor_read_and_edit_as_it_does(faces: np.ndarray) -> None:
    model = load_model("landmark_editor")
    assert isinstance(model, LandmarkEditor)
    reader, editor = session(reader_graph(model)), session(editor_graph(model))
    for index, face in enumerate(to_tensor(faces, 1).split(1)):
        target = model.prototypes()[[index + 3]]
        with torch.inference_mode():
            places, units = model.read(face)
            wanted = model.edit(face, target, model.code_of(places, units))
        landmarks, own = reader.run(None, {"face": face.numpy()})
        np.testing.assert_allclose(landmarks, places.numpy(), atol=1e-4)
        given = {"face": face.numpy(), "landmarks": landmarks, "own": own, "target": target.numpy()}
        flow, shading, mask, paint, _ = editor.run(None, given)
        np.testing.assert_allclose(flow, wanted.flow.numpy(), atol=2e-3)
        np.testing.assert_allclose(shading, wanted.shading.numpy(), atol=2e-3)
        np.testing.assert_allclose(mask, wanted.mask.numpy(), atol=1e-3)
        np.testing.assert_allclose(mask * paint, (wanted.mask * wanted.paint).numpy(), atol=5e-3)


def test_the_examples_are_bundled_faces_of_all_expressions() -> None:
    source = load_bundled()
    of_key = dict(zip(map(str, source.column("key")), source.column("expression"), strict=True))
    assert len({of_key[key] for key in EXAMPLES}) == 7


def test_without_the_runtime_a_sentence_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Fetch it with `make page`"):
        export_web(ExportWebSettings(tmp_path / "out", tmp_path))
    assert not (tmp_path / "out").exists()
