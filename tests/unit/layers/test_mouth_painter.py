"""What the painter is shown of a mouth, and that it paints only what is hidden."""

from __future__ import annotations

import pytest
import torch

from fer_demo.layers.mouth_painter import MouthPainter, conditions_of, standardized

ROWS, COLUMNS = 16, 24


@pytest.fixture(scope="module")
def painter() -> MouthPainter:
    torch.manual_seed(0)
    return MouthPainter((8,), ROWS, COLUMNS).eval()


def a_mouth(skin: float, inside: float) -> tuple[torch.Tensor, torch.Tensor]:
    """A picture in [-1, 1] with something else in the middle, which is hidden."""
    hidden = torch.zeros(1, 1, ROWS, COLUMNS)
    hidden[..., 6:10, 8:16] = 1
    return torch.where(hidden > 0, inside, skin), hidden


def test_black_is_equally_far_from_light_and_from_dark_skin() -> None:
    light, dark = (standardized(*a_mouth(skin, -1.0))[0].min() for skin in (0.6, -0.4))
    assert light == pytest.approx(float(dark))
    assert light < -1


def test_flat_light_changes_nothing() -> None:
    """The contrast of what is seen is not what a mouth is measured by."""
    picture, hidden = a_mouth(0.2, -0.8)
    lit = picture.clone()
    lit[..., : COLUMNS // 2] += 0.1
    lit[..., COLUMNS // 2 :] -= 0.1
    (_, mean, unit), (_, lit_mean, lit_unit) = standardized(picture, hidden), standardized(lit, hidden)
    torch.testing.assert_close(mean, lit_mean)
    torch.testing.assert_close(unit, lit_unit)


def test_a_standardized_picture_leads_back_and_a_black_one_has_a_unit() -> None:
    for skin in (0.5, -1.0):
        picture, hidden = a_mouth(skin, -0.9)
        standard, mean, unit = standardized(picture, hidden)
        torch.testing.assert_close(mean + unit * standard, picture)
        assert unit > 0


def test_only_what_is_hidden_is_painted_and_what_it_was_does_not_matter(painter: MouthPainter) -> None:
    lips, detail = torch.rand(1, 2, ROWS, COLUMNS), torch.zeros(1)
    painted = []
    for inside in (-0.9, 0.9):
        picture, hidden = a_mouth(0.3, inside)
        painted.append(painter.paint(picture, hidden, lips, detail))
        assert torch.equal(painted[-1][hidden == 0], picture[hidden == 0])
    torch.testing.assert_close(*painted)


def test_guidance_goes_on_from_what_it_is_not_told(painter: MouthPainter) -> None:
    picture, hidden = a_mouth(0.0, 0.0)
    lips, detail = torch.rand(1, 2, ROWS, COLUMNS), torch.zeros(1)
    with torch.no_grad():
        told, untold = (
            painter.at_once(conditions_of(standardized(picture, hidden)[0], hidden, wanted, detail))
            for wanted in (lips, torch.zeros_like(lips))
        )
    _, mean, unit = standardized(picture, hidden)
    for strength in (0.0, 1.0, 2.5):
        painted = painter.paint(picture, hidden, lips, detail, by_expression=strength)
        expected = (mean + unit * (untold + strength * (told - untold))).clamp(-1, 1)
        torch.testing.assert_close(painted[hidden > 0], expected[hidden > 0])
