"""Counterfactuals where the smallest step is known: one movement paints the patch that the recognizer looks at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fer_demo.capabilities import Edit
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.counterfactual import Counterfactual, CounterfactualSearch
from fer_demo.published.model import FaceModelConfig, PublishedModel
from fer_demo.synthetic.units import UNIT_INDEX, UNITS

SIDE = 24
HAPPY, SAD = BASIC.index("happy"), BASIC.index("sad")


class JawPainter(PublishedModel):
    """Paints the lower half of a face as bright as its jaw is open; the face itself says how far that is."""

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=SIDE))
        self.unused = nn.Parameter(torch.zeros(1))  # says which device the model is on
        self.register_buffer("place", torch.zeros(1, 1, SIDE, SIDE))
        self.place[..., SIDE // 2 :, :] = 1

    def expression_code(self, faces: Tensor) -> Tensor:
        code = torch.zeros(len(faces), len(UNITS))
        code[:, UNIT_INDEX["jawOpen"]] = (faces[..., SIDE // 2 :, :].mean(dim=(1, 2, 3)) + 1) / 2
        return code

    def driver_code(self, faces: Tensor, people: Tensor, label: int | None = None) -> Tensor:
        return self.expression_code(faces)

    def edit(self, faces: Tensor, target: Tensor, own: Tensor | None = None) -> Edit:
        paint = (2 * target[:, UNIT_INDEX["jawOpen"]] - 1)[:, None, None, None].expand(-1, 1, SIDE, SIDE)
        still = torch.zeros(len(faces), 1, 4, 4)
        result = (1 - self.place) * faces + self.place * paint
        points = torch.zeros(len(faces), 68, 2)
        return Edit(result, still.expand(-1, 2, -1, -1), self.place, paint, self.place, still, points, points)

    def apply_edit(self, edit: Edit, photos: Tensor) -> Tensor:
        lower = torch.zeros_like(photos)
        lower[..., photos.shape[-2] // 2 :, :] = 1
        return (1 - lower) * photos + lower * edit.paint[..., :1, :1]

    def prototypes(self) -> Tensor:
        rows = torch.zeros(len(BASIC), len(UNITS))
        rows[HAPPY, UNIT_INDEX["jawOpen"]] = 0.9
        rows[HAPPY, UNIT_INDEX["browInnerUp"]] = 0.8  # which nobody looks at
        return rows


class LooksBelow(PublishedModel):
    """“Happy” if the lower half is brighter than a limit in [-1, 1], else “sad”."""

    def __init__(self, limit: float) -> None:
        super().__init__(FaceModelConfig(size=SIDE))
        self.unused = nn.Parameter(torch.zeros(1))
        self.limit = limit

    def expression_logits(self, faces: Tensor) -> Tensor:
        logits = torch.zeros(len(faces), len(BASIC))
        logits[:, SAD] = 10 * self.limit
        columns = torch.arange(len(BASIC)) == HAPPY
        bright = 10 * faces[..., SIDE // 2 :, :].mean(dim=(1, 2, 3))
        return torch.where(columns, bright[:, None], torch.where(logits != 0, logits, -20.0))


def counterfactual(limit: float, jaw: float = 0.1, wanted: str = "happy") -> Counterfactual:
    photo = np.full((64, 64, 3), round(255 * jaw), np.uint8)
    return CounterfactualSearch(LooksBelow(limit), JawPainter(), FaceCrop(photo, None), wanted).finished()


def test_the_smallest_step_moves_what_counts_and_nothing_else() -> None:
    found = counterfactual(limit=0.2)  # a jaw open by .6
    assert found.found
    assert (found.before, found.after) == ("sad", "happy")
    assert next(iter(found.movements)) == "jaw open"
    assert found.movements["jaw open"] == pytest.approx(0.5, abs=0.03)
    assert found.step == pytest.approx(0.5, abs=0.03)
    assert found.movements["inner brow raise"] == pytest.approx(0, abs=0.03)  # though the prototype has it
    assert found.words == "The label becomes happy with: jaw open +0.51."


def test_what_no_movement_reaches_is_said() -> None:
    found = counterfactual(limit=3.0)
    assert not found.found
    assert found.after == "sad"
    assert "No step that was tried makes the label happy" in found.words


def test_a_face_that_has_the_label_already_is_left_alone() -> None:
    found = counterfactual(limit=0.2, jaw=0.9)
    assert found.step == 0
    np.testing.assert_array_equal(found.edited.wanted, found.edited.own)
    assert found.words == "The label is happy already."


def test_the_search_goes_on_in_steps_and_ends() -> None:
    photo = np.full((64, 64, 3), 25, np.uint8)
    search = CounterfactualSearch(LooksBelow(0.2), JawPainter(), FaceCrop(photo, None), "happy")
    seen = []
    while search.result is None:
        search.advance(0)
        seen.append(search.done)
    assert seen == sorted(set(seen))
    assert seen[-1] == search.total


def test_what_cannot_be_asked_is_a_sentence() -> None:
    crop = FaceCrop(np.zeros((64, 64, 3), np.uint8), None)
    with pytest.raises(SettingsError, match="does not know 'contempt'"):
        CounterfactualSearch(LooksBelow(0.2), JawPainter(), crop, "contempt")
    with pytest.raises(CheckpointError, match="cannot edit a photo"):
        CounterfactualSearch(LooksBelow(0.2), LooksBelow(0.2), crop, "happy")
    with pytest.raises(CheckpointError, match="does not recognize expressions"):
        CounterfactualSearch(JawPainter(), JawPainter(), crop, "happy")
