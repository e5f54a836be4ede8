"""The landmark editor's geometry on landmarks whose motion is known; its networks are untrained."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.faces.mouth_frame import COLUMNS, ROWS, to_mouth_frame
from fer_demo.layers.driver_head import DriverHead
from fer_demo.layers.face_motion import flow_between
from fer_demo.layers.frames import inverse, moved_by
from fer_demo.layers.warping import pixel_places, warp
from fer_demo.models.landmark_editor import LandmarkEditor, LandmarkEditorConfig, mouth_frame, to_stable_frame
from tests.editors import a_face

UPPER, LOWER = [61, 62, 63], [67, 66, 65]


@pytest.fixture
def model() -> Iterator[LandmarkEditor]:
    torch.manual_seed(0)
    editor = LandmarkEditor(LandmarkEditorConfig(size=64, painter_widths=(8,))).eval()
    editor.reader.mean_face.copy_(a_face()[0])
    with torch.no_grad():
        editor.reader.places.weight.mul_(0.01)
        yield editor


def test_what_does_not_change_its_code_does_not_change(model: LandmarkEditor) -> None:
    faces = torch.rand(2, 1, 64, 64) * 2 - 1
    edit = model.edit(faces, model.expression_code(faces))
    torch.testing.assert_close(edit.result, faces, atol=1e-3, rtol=0)
    assert edit.mask.max() == 0


def test_twice_the_change_moves_landmarks_twice_as_far(model: LandmarkEditor) -> None:
    change = torch.randn(1, 52)
    torch.testing.assert_close(model.displacement(2 * change), 2 * model.displacement(change))


def test_a_mirrored_face_has_mirrored_landmarks(model: LandmarkEditor) -> None:
    faces = torch.rand(1, 1, 64, 64) * 2 - 1
    landmarks, _ = model.read(faces)
    mirrored, _ = model.read(faces.flip(3))
    torch.testing.assert_close(mirrored, landmarks[:, MIRRORED] * torch.tensor([-1.0, 1.0]), atol=1e-4, rtol=0)


def test_the_stable_frame_undoes_turning_and_size() -> None:
    face = a_face()
    turn = torch.tensor([[0.9, -0.3], [0.3, 0.9]])
    other = face @ turn.T + torch.tensor([0.1, -0.2])
    one, two = (moved_by(to_stable_frame(points), points) for points in (face, other))
    torch.testing.assert_close(one, two, atol=1e-4, rtol=0)


def test_the_mouth_frame_is_that_of_the_trainer() -> None:
    face = a_face()
    pixels = (face[0].numpy().astype(np.float64) + 1) * 50  # of a picture 100 pixels wide
    expected = pixels @ to_mouth_frame(pixels)[:, :2].T + to_mouth_frame(pixels)[:, 2]
    found = moved_by(mouth_frame(face, to_stable_frame(face)), face)[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-2)
    assert found[48:60].mean(dim=0).tolist() == pytest.approx([COLUMNS / 2, ROWS / 2], abs=1e-3)


def test_there_and_back_again() -> None:
    matrix = to_stable_frame(a_face())
    torch.testing.assert_close(moved_by(inverse(matrix), moved_by(matrix, a_face())), a_face(), atol=1e-5, rtol=0)


def test_the_warp_shows_at_the_aims_what_lay_at_the_landmarks() -> None:
    face = a_face()
    aims = face.clone()
    aims[:, 48:] += torch.tensor([0.05, 0.0])  # the whole mouth to the right
    flow = flow_between(face, aims)
    ramp = pixel_places(64, 64)[None, ..., 0][:, None]  # a picture that says how far to the right it is
    seen = warp(ramp.contiguous(), flow)
    x, y = ((aims[0, 57] + 1) * 32).long().tolist()  # below the lower lip's middle
    assert seen[0, 0, y, x].item() == pytest.approx(ramp[0, 0, y, x].item() - 0.05, abs=0.02)
    assert flow[0, :, 0].abs().max() < 0.02  # the border stays


def test_lips_that_part_move_apart_and_neither_carries_the_other() -> None:
    face = a_face()
    face[:, UPPER] = face[:, LOWER]  # closed
    aims = face.clone()
    aims[:, [55, 56, 57, 58, 59, *LOWER], 1] += 0.2
    flow = flow_between(face, aims)[0, 1]
    column, upper = (((face[0, 51] + 1) * 32).long()).tolist()
    lower = int((aims[0, 57, 1] + 1) * 32)
    assert flow[upper, column].abs() < 0.03
    assert flow[lower, column].item() == pytest.approx(-0.2, abs=0.05)


def test_nothing_is_painted_by_chance(model: LandmarkEditor) -> None:
    faces = torch.rand(1, 1, 64, 64) * 2 - 1
    wide = model.expression_code(faces) + 3
    first, second = (model.edit(faces, wide).result for _ in range(2))
    assert torch.equal(first, second)


def test_only_mouths_that_move_are_painted(model: LandmarkEditor) -> None:
    assert model.painter is not None
    faces, counts = torch.rand(3, 1, 64, 64) * 2 - 1, []
    own = model.expression_code(faces)
    model.painter.network.register_forward_pre_hook(lambda _, given: counts.append(len(given[0])))
    edit = model.edit(faces, own + torch.tensor([[0.0], [3.0], [3.0]]), own)
    assert counts == [2]  # two faces, in one step, and guidance of 1 asks nothing twice
    assert edit.mask.amax(dim=(1, 2, 3)).gt(0).tolist() == [False, True, True]


def test_a_mouth_is_painted_among_others_as_if_it_were_alone(model: LandmarkEditor) -> None:
    assert model.painter is not None
    pictures, lips = torch.rand(3, 1, ROWS, COLUMNS) * 2 - 1, torch.rand(3, 2, ROWS, COLUMNS)
    given = (pictures, (lips[:, :1] > 0.5).float(), lips, torch.zeros(3))
    together = model.painter.paint(*given)
    for row in range(3):
        alone = model.painter.paint(*(part[row : row + 1] for part in given))
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=0)


def test_shading_lies_where_the_face_shows_what_the_mean_face_has(model: LandmarkEditor) -> None:
    face = a_face()
    model.mean_face.copy_(moved_by(to_stable_frame(face), face)[0])
    lower = face + torch.where(torch.arange(68) >= 48, 0.1, 0.0)[None, :, None] * torch.tensor([0.0, 1.0])
    for landmarks in (face, lower):
        places = model.mean_face_places(landmarks, to_stable_frame(landmarks))
        x, y = ((landmarks[0, 57] + 1) * 32).long().tolist()  # below the lower lip's middle
        assert places[0, y, x].tolist() == pytest.approx(model.mean_face[57].tolist(), abs=0.06)


def test_a_face_is_shaded_like_its_photo(model: LandmarkEditor) -> None:
    face = a_face()
    model.mean_face.copy_(moved_by(to_stable_frame(face), face)[0])
    model.motion.weight.zero_()
    model.shading.ratios.weight.fill_(-0.1)
    faces = torch.rand(1, 1, 64, 64) - 0.5
    own = model.expression_code(faces)
    edit = model.edit(faces, own + 0.5, own)
    assert (edit.result < faces - 0.05).float().mean() > 0.2
    torch.testing.assert_close(model.apply_edit(edit, faces), edit.result, atol=1e-4, rtol=0)


@pytest.mark.parametrize("wrong", [{"channels": 3}, {"reader_widths": ()}, {"painter_widths": (9,)}])
def test_a_config_that_fits_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CheckpointError, match="landmark editor"):
        LandmarkEditorConfig(**wrong)  # type: ignore[arg-type]


def test_a_driver_asks_for_the_prototype_that_they_show() -> None:
    head = DriverHead(52, 7)
    prototypes = torch.zeros(7, 52)
    prototypes[torch.arange(7), torch.arange(7) * 5] = 2.0
    head.start_from(prototypes)
    strong = 1.4 * prototypes[3:4] + 0.01 * torch.randn(1, 52)
    torch.testing.assert_close(head(strong, prototypes), prototypes[3:4], atol=1e-2, rtol=0)


def test_drivers_ask_for_what_they_show_a_fifth_farther_from_rest() -> None:
    model = LandmarkEditor(LandmarkEditorConfig(size=32, stem=4, reader_widths=(8,)))
    prototypes = torch.eye(7, 52) + 0.1
    model.expression_prototypes.copy_(prototypes)
    model.driver.start_from(100 * prototypes)  # so that nobody is in doubt
    neutral, happy = prototypes[BASIC.index("neutral")], prototypes[BASIC.index("happy")]
    asked = model.asked_by(torch.stack([neutral, happy]))
    torch.testing.assert_close(asked, torch.stack([neutral, neutral + 1.2 * (happy - neutral)]))
