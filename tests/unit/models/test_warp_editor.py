"""The warp editor carries the picture over, whatever its weights are."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fer_demo.capabilities import EditsPhoto
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.layers.warping import luma
from fer_demo.models.warp_editor import WarpEditor, WarpEditorConfig

SMALL = WarpEditorConfig(size=32, encoder_widths=(8, 8, 8), editor_widths=(8, 8, 8, 8), condition=16)


@pytest.fixture(scope="module", params=["plain", "residual"])
def editor(request: pytest.FixtureRequest) -> WarpEditor:
    """Untrained, with an output layer that moves and paints something."""
    torch.manual_seed(0)
    emphasis = 0.5 if request.param == "residual" else 0.0
    model = WarpEditor(replace(SMALL, encoder=request.param, emphasis=emphasis)).eval()
    torch.nn.init.normal_(model.editor.out.weight, std=0.3)
    return model.requires_grad_(False)


@pytest.fixture
def faces() -> torch.Tensor:
    coarse = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return torch.nn.functional.interpolate(coarse, 32, mode="bilinear")


def wanted(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 52, generator=torch.Generator().manual_seed(2))


def test_the_default_is_small() -> None:
    model = WarpEditor(WarpEditorConfig())
    assert model.parameter_count() < 4e6
    assert isinstance(model, EditsPhoto)


def test_the_units_a_face_shows_already_change_nothing(editor: WarpEditor, faces: torch.Tensor) -> None:
    same = editor.edit(faces, editor.expression_code(faces))
    assert same.flow.abs().max() == 0
    assert same.mask.abs().max() == 0
    torch.testing.assert_close(same.result, faces)


def test_an_edit_is_what_it_says(editor: WarpEditor, faces: torch.Tensor) -> None:
    edit = editor.edit(faces, wanted())
    assert edit.result.shape == faces.shape
    assert edit.flow.shape == (3, 2, 16, 16)
    assert 0 < edit.flow.abs().max() <= SMALL.reach
    assert 0 <= edit.mask.min() <= edit.mask.max() <= 1
    assert (edit.result - faces).abs().max() > 0.01
    torch.testing.assert_close(editor.apply_edit(edit, faces), edit.result)


def test_an_edit_is_the_same_every_time_and_in_any_batch(editor: WarpEditor, faces: torch.Tensor) -> None:
    together = editor.edit(faces, wanted()).result
    assert torch.equal(together, editor.edit(faces, wanted()).result)
    alone = editor.edit(faces[1:2], wanted()[1:2]).result
    torch.testing.assert_close(alone, together[1:2], atol=1e-5, rtol=1e-4)


def test_brightness_and_contrast_are_neither_read_nor_changed(editor: WarpEditor, faces: torch.Tensor) -> None:
    dim = faces * 0.5 - 0.2
    torch.testing.assert_close(editor.expression_code(dim), editor.expression_code(faces), atol=1e-4, rtol=1e-3)
    one, other = editor.edit(faces, wanted()), editor.edit(dim, wanted())
    torch.testing.assert_close(other.flow, one.flow, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(other.mask, one.mask, atol=1e-4, rtol=1e-3)


def test_an_edit_fits_the_photo_at_any_size_and_in_colour(editor: WarpEditor, faces: torch.Tensor) -> None:
    edit = editor.edit(faces, wanted())
    large = torch.nn.functional.interpolate(faces, 128, mode="bilinear")
    colour = torch.cat([large * 0.8, large, large * 0.9], dim=1)
    result = editor.apply_edit(edit, colour)
    assert result.shape == colour.shape
    assert -1 <= result.min() <= result.max() <= 1
    small = torch.nn.functional.interpolate(luma(editor.apply_edit(edit, large)), 32, mode="area")
    assert (small - edit.result).abs().mean() < 0.5 * (faces - edit.result).abs().mean()


def test_an_unmoved_photo_keeps_every_pixel_and_colour(editor: WarpEditor, faces: torch.Tensor) -> None:
    edit = editor.edit(faces, editor.expression_code(faces))
    photo = torch.rand(3, 3, 70, 70, generator=torch.Generator().manual_seed(3)) * 2 - 1
    torch.testing.assert_close(editor.apply_edit(edit, photo), photo, atol=1e-5, rtol=1e-5)


def test_without_emphasis_a_driver_asks_for_what_it_shows(faces: torch.Tensor) -> None:
    torch.manual_seed(0)
    plain = WarpEditor(SMALL).eval().requires_grad_(False)
    assert torch.equal(plain.driver_code(faces, faces.flip(0)), plain.expression_code(faces))


def with_recognizer() -> WarpEditor:
    torch.manual_seed(0)
    model = WarpEditor(replace(SMALL, encoder="residual", emphasis=0.25)).eval().requires_grad_(False)
    model.expression_prototypes.copy_(torch.rand(7, 52))
    return model


def test_emphasis_draws_a_driver_to_the_prototype_of_what_it_is_seen_to_show() -> None:
    model = with_recognizer()
    seen = torch.tensor([10.0 if name == "happy" else 0 for name in BASIC]).expand(3, -1)
    happy = model.prototypes()[BASIC.index("happy")].expand(3, -1)
    torch.testing.assert_close(model.emphasized(2 * happy, seen), 1.75 * happy)  # a quarter of the way
    torch.testing.assert_close(model.emphasized(happy, seen), happy)
    faint = model.emphasized(0.2 * happy, seen)
    torch.testing.assert_close(faint, (0.75 * 0.2 + 0.25 * 0.3) * happy)  # half as strong again, and still faint


@pytest.mark.parametrize(
    ("asked", "named", "prototype"), [(0.2, 0.3, True), (0.3, 0.2, False), (0.6, 0.9, False), (0.6, 0.1, False)]
)
def test_the_prototype_helps_where_what_was_asked_does_not_show(
    faces: torch.Tensor, asked: float, named: float, prototype: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, people = with_recognizer(), faces.flip(0)
    happy, answers = BASIC.index("happy"), iter([asked, named])

    def recognized(pictures: torch.Tensor) -> torch.Tensor:
        """Drivers are happy beyond doubt, people as far as they are told to be."""
        sure = torch.eye(len(BASIC))[[happy] * len(pictures)]
        share = 1.0 if pictures is faces else next(answers)
        return (share * sure + (1 - share) / (len(BASIC) - 1) * (1 - sure)).clamp_min(1e-30).log()

    monkeypatch.setattr(model.recognizer, "forward", recognized)
    emphasized = model.emphasized(model.expression_code(faces), recognized(faces))
    expected = model.prototypes()[[happy] * len(people)] if prototype else emphasized
    torch.testing.assert_close(model.driver_code(faces, people), expected)


def test_what_recognizes_drivers_never_learns(faces: torch.Tensor) -> None:
    model = WarpEditor(replace(SMALL, encoder="residual", emphasis=0.25))
    assert model.recognizer is not None
    before = model.eval().recognizer(faces)
    torch.testing.assert_close(model.train().recognizer(faces), before)
    assert not any(weight.requires_grad for weight in model.recognizer.parameters())
    assert model.expression_encoder.training


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 50},
        {"channels": 3},
        {"editor_widths": (8, 8)},
        {"encoder_widths": (8, 12)},
        {"encoder": "recurrent"},
        {"encoder": "residual", "encoder_widths": (8, 8)},
        {"encoder": "residual", "emphasis": 1.5},
        {"emphasis": 0.5},
        {"reach": 0.0},
        {"condition": 0},
    ],
)
def test_a_config_that_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CheckpointError):
        WarpEditorConfig(**wrong)  # type: ignore[arg-type]


def test_checkpoints_restore_the_very_same_edits(editor: WarpEditor, faces: torch.Tensor) -> None:
    again = WarpEditor(editor.config).eval()
    again.load_state_dict(editor.state_dict())
    assert torch.equal(again.edit(faces, wanted()).result, editor.edit(faces, wanted()).result)
