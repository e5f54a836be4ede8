"""The label translator: what becomes of what is painted, where an expression's name arrives, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from fer_demo.errors import CheckpointError
from fer_demo.models.label_translator import LabelTranslator, LabelTranslatorConfig, NamedNorm

HAPPY, SURPRISE = torch.tensor([3, 3]), torch.tensor([5, 5])


def small(**changes: object) -> LabelTranslator:
    torch.manual_seed(0)
    return LabelTranslator(LabelTranslatorConfig(**{"widths": (4, 4, 8), **changes})).eval()  # type: ignore[arg-type]


def faces() -> Tensor:
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) - 0.5


@pytest.mark.parametrize("result", ["added", "whole"])
def test_grey_that_is_added_leaves_the_face_and_as_the_whole_face_it_is_grey(result: str) -> None:
    model = small(result=result)
    nn.init.zeros_(model.last.weight)
    nn.init.zeros_(model.last.bias)  # type: ignore[arg-type]
    with torch.no_grad():
        edited = model.edit_to_label(faces(), HAPPY, torch.ones(2))
    torch.testing.assert_close(edited, faces() if result == "added" else torch.zeros_like(faces()))


@pytest.mark.parametrize(("opened", "share"), [(-50.0, 0.0), (0.0, 0.5), (50.0, 1.0)])
def test_an_edit_mask_lets_the_painted_face_through_where_it_is_open(opened: float, share: float) -> None:
    model = small(result="masked")
    nn.init.zeros_(model.last.weight)
    model.last.bias.data.copy_(torch.tensor([50.0, opened]))  # type: ignore[union-attr]  # white, and how open
    with torch.no_grad():
        edited = model.edit_to_label(faces(), HAPPY, torch.ones(2))
    torch.testing.assert_close(edited, torch.lerp(faces(), torch.ones_like(faces()), share))


def test_a_constant_that_is_added_before_the_norm_is_taken_away_and_a_name_after_it_is_not() -> None:
    torch.manual_seed(0)
    norm, maps = NamedNorm(4), torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(norm(maps + 7, HAPPY), norm(maps, HAPPY), rtol=0, atol=1e-4)
    assert (norm(maps, HAPPY) - norm(maps, SURPRISE)).abs().mean() > 0.05


@pytest.mark.parametrize("result", ["added", "masked", "whole"])
def test_names_change_the_middle_of_a_picture_too(result: str) -> None:
    model = small(result=result)
    with torch.no_grad():
        difference = (model(faces(), HAPPY) - model(faces(), SURPRISE)).abs()
    assert difference[:, :, 24:40, 24:40].mean() > 0.5 * difference.mean() > 0


def test_half_the_amount_adds_half_of_what_is_painted() -> None:
    model = small()
    with torch.no_grad():
        model.last.weight.mul_(0.1)
        whole, half = (model.edit_to_label(faces(), HAPPY, torch.full((2,), share)) for share in (1.0, 0.5))
    assert (whole - faces()).abs().max() > 0.001
    torch.testing.assert_close(half - faces(), (whole - faces()) / 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 42}, "multiple of 4"),
        ({"widths": (4,)}, "two widths or more"),
        ({"widths": (4, 0)}, "above 0"),
        ({"blocks": 0}, "at least one block"),
        ({"channels": 2}, "1 or 3 channels"),
        ({"result": "skip"}, "one of: added, masked, whole"),
    ],
)
def test_networks_that_cannot_be_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        small(**changes)


def test_both_methods_are_small_enough_to_ship() -> None:
    count = {blocks: LabelTranslator(LabelTranslatorConfig(blocks=blocks)).parameter_count() for blocks in (1, 6)}
    assert count[1] < 700_000
    assert count[6] < 2_500_000
