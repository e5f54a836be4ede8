"""What is seen alike: two pictures, the flow between them and the units they show."""

from __future__ import annotations

from dataclasses import replace

import torch

from fer_demo.layers.warping import warp
from fer_demo.synthetic.units import MIRRORED_UNITS, UNIT_INDEX
from training.data.augmentation import plain_views
from training.warp_editor.views import PLAIN, draw_views

STORED = 40


def smooth(count: int) -> torch.Tensor:
    coarse = torch.rand(count, 1, 6, 6, generator=torch.Generator().manual_seed(0)) * 255
    return torch.nn.functional.interpolate(coarse, STORED, mode="bicubic").clamp(0, 255)[:, 0]


def test_plain_views_are_the_template_squares() -> None:
    crops = smooth(2).to(torch.uint8)
    views = draw_views(2, PLAIN, torch.Generator().manual_seed(0))
    torch.testing.assert_close(views.pictures(crops, 32), plain_views(crops, 32), atol=1e-4, rtol=0)


def test_a_mirrored_smile_is_on_the_other_side() -> None:
    units = torch.zeros(1, 52)
    units[0, UNIT_INDEX["mouthSmileLeft"]] = 1
    units[0, UNIT_INDEX["jawOpen"]] = 0.5
    views = draw_views(1, replace(PLAIN, mirror=1.0), torch.Generator().manual_seed(0))
    seen = views.units(units)
    assert seen[0, UNIT_INDEX["mouthSmileRight"]] == 1
    assert seen[0, UNIT_INDEX["mouthSmileLeft"]] == 0
    assert seen[0, UNIT_INDEX["jawOpen"]] == 0.5
    assert MIRRORED_UNITS[MIRRORED_UNITS].tolist() == list(range(52))


def test_the_flow_between_two_views_is_the_flow_seen_in_that_view() -> None:
    source = smooth(6)
    cells = STORED // 2
    axis = torch.linspace(-1, 1, cells)
    flow = torch.stack([0.08 * torch.cos(2 * axis)[:, None].expand(cells, cells), 0.06 * axis.expand(cells, cells)])
    flow = flow[None].expand(6, 2, cells, cells)
    target = warp(source[:, None], flow)[:, 0]
    settings = replace(PLAIN, zoom=0.1, turn=15.0, shift=0.03, mirror=0.5)
    views = draw_views(6, settings, torch.Generator().manual_seed(1))
    assert 0 < views.placement.mirrored.sum() < 6
    seen_flow, visible = views.flow(flow, torch.ones(6, 1, cells, cells), 16)
    seen_source, seen_target = (views.pictures(crops.to(torch.uint8), 32) for crops in (source, target))
    inner = (..., slice(6, 26), slice(6, 26))
    error = (warp(seen_source, seen_flow) - seen_target)[inner].abs().mean()
    copying = (seen_source - seen_target)[inner].abs().mean()
    assert error < 0.15 * copying
    assert visible.mean() > 0.9
