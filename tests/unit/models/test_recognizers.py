"""The three recognizers: where they look, what they refuse, and that the older checkpoint still fits."""

from __future__ import annotations

import pytest
import torch

from fer_demo.capabilities import RecognizesExpression, ShowsAttentionMasks
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from fer_demo.models.residual_masking import ResidualMasking, ResidualMaskingConfig
from fer_demo.published.model import PublishedModel


def _small() -> tuple[PublishedModel, ...]:
    """One of each with the same weights every time: so small a network may be deaf to its input by chance."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return (
            ExpressionClassifier(ExpressionClassifierConfig(stem=4, widths=(4, 4, 4), blocks=(1, 1, 1), squeeze=2)),
            ExpressionJudge(ExpressionJudgeConfig(widths=(4, 4, 4), blocks=(1, 1, 1))),
            ResidualMasking(ResidualMaskingConfig(widths=(4, 4, 4), blocks=(1, 1, 1), depths=(2, 1, 1))),
        )


SMALL = _small()


@pytest.mark.parametrize("model", SMALL, ids=lambda model: type(model).__name__)
def test_both_heads_answer_and_the_answer_is_that_of_the_first(model: PublishedModel) -> None:
    model.eval()
    assert isinstance(model, RecognizesExpression)
    faces = torch.rand(2, 1, model.config.size, model.config.size) * 2 - 1
    basic, votes = model(faces)
    assert (basic.shape, votes.shape) == ((2, 7), (2, 8))
    torch.testing.assert_close(basic, model.expression_logits(faces))


@pytest.mark.parametrize("model", SMALL[:2], ids=lambda model: type(model).__name__)
def test_what_lies_in_the_trimmed_margins_does_not_count(model: PublishedModel) -> None:
    model.eval()
    assert isinstance(model, RecognizesExpression)
    size = model.config.size
    faces = torch.rand(1, 1, size, size)
    recropped = faces.clone()
    margin = size // 9
    recropped[:, :, :margin] = recropped[:, :, :, :margin] = recropped[:, :, :, -margin:] = -1
    torch.testing.assert_close(model.expression_logits(faces), model.expression_logits(recropped))
    recropped[:, :, size // 2] = 1
    assert not torch.allclose(model.expression_logits(faces), model.expression_logits(recropped))


@pytest.mark.parametrize("model", SMALL[:2], ids=lambda model: type(model).__name__)
def test_the_map_that_explains_covers_the_whole_crop(model: PublishedModel) -> None:
    maps: list[torch.Tensor] = []
    hook = model.attribution_layer.register_forward_hook(lambda module, inputs, output: maps.append(output))
    model(torch.zeros(2, 1, model.config.size, model.config.size))
    hook.remove()
    height, width = maps[0].shape[2:]
    assert height == width
    assert (maps[0][:, :, 0] == 0).all()
    assert (maps[0][:, :, :, 0] == 0).all()


@pytest.mark.parametrize("size", [32, 37, 53])
def test_masks_fit_views_of_any_size_as_those_that_grow_during_training(size: int) -> None:
    model = ResidualMasking(ResidualMaskingConfig(widths=(4, 4, 4, 4), blocks=(1, 1, 1, 1))).eval()
    faces = torch.rand(2, 1, size, size)
    assert model(faces)[0].shape == (2, 7)
    assert model.attention_masks(faces).shape == (2, 4, size, size)


def test_the_four_masks_lie_on_the_face_and_stay_between_0_and_1() -> None:
    model = ResidualMasking(ResidualMaskingConfig(widths=(4, 4, 4, 4), blocks=(1, 1, 1, 1))).eval()
    assert isinstance(model, ShowsAttentionMasks)
    masks = model.attention_masks(torch.rand(3, 1, 64, 64))
    assert masks.shape == (3, 4, 64, 64)
    assert 0 <= masks.min() <= masks.max() <= 1
    assert masks[:, 0].std() > 0


def test_a_mask_that_says_nowhere_leaves_a_stage_as_it_is_and_everywhere_doubles_it() -> None:
    model = ResidualMasking(ResidualMaskingConfig(widths=(4, 4), blocks=(1, 1), depths=(1, 1))).eval()
    faces = torch.rand(2, 1, 64, 64)
    last = model.masking[-1].last
    assert isinstance(last, torch.nn.Conv2d)
    assert last.bias is not None
    found = {}
    for bias in (-40.0, 40.0):
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.constant_(last.bias, bias)
        found[bias] = model.features(faces)
    torch.testing.assert_close(found[40.0], 2 * found[-40.0])


def test_softmax_masks_share_one_among_the_channels() -> None:
    model = ResidualMasking(ResidualMaskingConfig(widths=(4, 8), blocks=(1, 1), depths=(1, 1), activation="softmax"))
    masks = model.attention_masks(torch.rand(2, 1, 64, 64))
    torch.testing.assert_close(masks[:, 0], torch.full((2, 64, 64), 0.25))
    torch.testing.assert_close(masks[:, 1], torch.full((2, 64, 64), 0.125))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 48}, "multiple of 32"),
        ({"depths": (1, 1)}, "Every stage"),
        ({"depths": (1, 1, 1, 0)}, "Every stage"),
        ({"activation": "tanh"}, "sigmoid or softmax"),
    ],
)
def test_masks_that_cannot_be_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        ResidualMaskingConfig(**changes)  # type: ignore[arg-type]


def test_recognizers_are_small_enough_to_ship() -> None:
    sizes = {type(model): type(model)(type(model).config_class()).parameter_count() for model in SMALL}
    assert sizes[ExpressionClassifier] < 3_000_000
    assert sizes[ExpressionJudge] < 2_000_000
    assert sizes[ResidualMasking] < 8_000_000


def test_the_bundled_classifier_still_loads() -> None:
    assert isinstance(load_model("expression_classifier"), ExpressionClassifier)
