"""Paint on the photo itself: it keeps the photo's colours, but teeth and the dark of a mouth have their own."""

from __future__ import annotations

import torch
from torch import Tensor

from fer_demo.layers.painting import chroma, luma, mouth_colours, skin_around, warp_and_paint

SKIN = torch.tensor([0.5, 0.1, -0.1])


def face(side: int = 40) -> Tensor:
    return SKIN[:, None, None].expand(1, 3, side, side).clone()


def square() -> Tensor:
    mask = torch.zeros(1, 1, 20, 20)
    mask[..., 8:12, 8:12] = 1
    return mask


def painted(photo: Tensor, brightness: float, inside: Tensor, shading: float = 0.0) -> Tensor:
    still = torch.zeros(1, 2, 20, 20)
    shades = torch.full((1, 1, 20, 20), shading)
    return warp_and_paint(photo, still, shades, square(), torch.full((1, 1, 20, 20), brightness), inside)


def test_paint_has_its_own_luma_and_the_chroma_of_the_photo() -> None:
    result = painted(face(), 0.3, torch.zeros(1, 1, 20, 20))
    assert abs(float(luma(result)[0, 0, 20, 20]) - 0.3) < 1e-5
    torch.testing.assert_close(chroma(result)[..., 20, 20], chroma(face())[..., 20, 20], atol=1e-5, rtol=0)


def test_what_is_not_painted_stays() -> None:
    result = painted(face(), 0.3, square())
    torch.testing.assert_close(result[..., :12, :], face()[..., :12, :])


def test_shading_darkens_the_skin_but_not_what_is_painted() -> None:
    plain, shaded = (painted(face(), 0.3, torch.zeros(1, 1, 20, 20), shading) for shading in (0.0, -0.2))
    assert (shaded[..., :12, :] < plain[..., :12, :] - 0.1).all()
    torch.testing.assert_close(luma(shaded)[..., 20, 20], luma(plain)[..., 20, 20], atol=1e-5, rtol=0)


def test_teeth_lose_colour_and_the_dark_of_a_mouth_keeps_its_hue() -> None:
    skin = SKIN[None, :, None, None]
    bright, dark = (mouth_colours(torch.full((1, 1, 1, 1), level), skin) for level in (0.9, -0.8))
    redness = chroma(skin)[0, 0, 0, 0]
    assert 0 < bright[0, 0] < 0.4 * redness
    assert 0 < dark[0, 0] < 0.4 * redness
    assert mouth_colours(luma(skin) * 0.8 - 0.2, skin)[0, 0] > 0.9 * redness


def test_colours_of_a_mouth_do_not_change_its_luma() -> None:
    added = mouth_colours(torch.rand(1, 1, 5, 5) * 2 - 1, SKIN[None, :, None, None])
    torch.testing.assert_close(luma(added), torch.zeros(1, 1, 5, 5), atol=1e-6, rtol=0)


def test_the_skin_is_looked_at_around_the_paint() -> None:
    photo = face()
    photo[..., 16:24, 16:24] = -1  # what is painted over
    photo[..., :4, :] = 1  # far away
    torch.testing.assert_close(skin_around(photo, square())[0, :, 0, 0], SKIN)


def test_a_grey_photo_stays_grey() -> None:
    grey = torch.zeros(1, 1, 40, 40)
    assert painted(grey, 0.7, square()).shape == grey.shape
    same = torch.zeros(1, 3, 40, 40)
    torch.testing.assert_close(painted(same, 0.7, square())[:, :1], painted(grey, 0.7, square()), atol=1e-6, rtol=0)
