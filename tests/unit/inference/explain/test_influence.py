"""Who taught an answer, where it is known: two heaps of faces, and one face with a wrong label."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, DataError
from fer_demo.inference.explain.influence import (
    HeadReader,
    TaughtFaces,
    TaughtHead,
    most_harmful,
    most_helpful,
    teach_head,
)
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig

PLANTED, EACH = 7, 20


@pytest.fixture(scope="module")
def taught() -> TaughtHead:
    """Twenty faces of label 0 lie left, twenty of label 1 right; the eighth lies left and is labelled 1."""
    features = torch.randn(2 * EACH, 8, generator=torch.Generator().manual_seed(0)) / 4
    features[:EACH, 0] -= 2
    features[EACH:, 0] += 2
    labels = [0] * EACH + [1] * EACH
    labels[PLANTED] = 1
    return teach_head(features, labels, 3)


def test_the_face_with_the_wrong_label_taught_itself_most(taught):
    assert int(taught.self_influences().argmax()) == PLANTED


def test_it_is_the_most_harmful_to_its_neighbours_and_the_helpful_ones_lie_beside_them(taught):
    asked = torch.tensor([[-2.0, 0, 0, 0, 0, 0, 0, 0]])
    assert int(taught.probabilities(asked).argmax()) == 0
    influences = taught.influences(asked, [0])[0]
    assert most_harmful(influences, 6)[0] == PLANTED
    helpful = most_helpful(influences, 6)
    assert len(helpful) == 6
    assert all(face < EACH and face != PLANTED for face in helpful)
    np.testing.assert_allclose(taught.influences(asked, [0]), taught.influences(asked, [0]))


def test_nobody_is_named_who_did_nothing():
    assert most_helpful(np.array([0.0, -1.0, 0.5], np.float32), 6) == [2]
    assert most_harmful(np.array([0.0, -1.0, 0.5], np.float32), 6) == [1]


def test_the_last_layer_is_found_in_every_kind_of_recognizer(planted):
    torch.manual_seed(0)
    small = ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))).eval()
    faces = torch.rand(3, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(HeadReader(small)(faces), small.features(faces))
    assert not any(layer._forward_hooks for layer in small.modules())
    assert HeadReader(load_model("tdgan"))(torch.zeros(2, 1, 64, 64)).shape == (2, 1024)
    with pytest.raises(CheckpointError, match="not come out of a linear layer"):
        HeadReader(planted)
    with pytest.raises(CheckpointError, match="does not recognize"):
        HeadReader(load_model("face_landmarker"))


def test_faces_without_a_label_are_left_out_and_none_at_all_is_a_sentence():
    torch.manual_seed(0)
    small = ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))).eval()
    source = load_bundled().select([0, 1, 300])
    taught = TaughtFaces(small, source)
    for _ in taught.batches():
        pass
    assert taught.rows == [0, 1, 2]
    assert [small.config.expressions[label] for label in taught.labels] == source.column("expression")
    assert taught.features.shape == (3, 8)
    with pytest.raises(DataError, match="None of these faces"):
        _ = TaughtFaces(small, source).features
