"""Attribution methods on networks whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain import question
from fer_demo.inference.explain.asking import ANSWER, CODE, PERSON, TARGETS, ask, targets_for
from fer_demo.inference.explain.guided import GuidedRelus
from fer_demo.inference.explain.methods import MASKS, METHODS, REGION_SHAPLEY, explainer_of, methods_for
from fer_demo.inference.explain.question import about_code, about_difference, about_expression, about_identity
from fer_demo.inference.explain.regions import REGIONS, draw_regions, regions_of_crop
from fer_demo.inference.explain.shapley import region_values
from fer_demo.inference.preparation import face_batches
from tests.unit.inference.conftest import SIDE as SMALL
from tests.unit.inference.conftest import BrightestColumn, HalvesModel, MeanColour
from tests.unit.inference.explain.conftest import PATCH, SIDE


def quarters(size: int) -> np.ndarray:
    """Two regions above and two below, as masks."""
    rows, columns = np.indices((size, size)) >= size // 2
    return np.stack([~rows & ~columns, ~rows & columns, rows & ~columns, rows & columns])


@pytest.mark.parametrize("method", ["integrated gradients", "occlusion"])
def test_pixels_outside_of_the_planted_patch_get_nothing(planted, textured_face, method):
    heat = explainer_of(method)(planted, textured_face, about_expression(planted, "happy"))
    assert heat.shape == (SIDE, SIDE)
    near = np.zeros_like(heat, dtype=bool)
    near[: PATCH[0].stop + 12, PATCH[1].start - 12 :] = True  # a window of 11 and a filter of 3
    assert np.abs(heat[~near]).max() < 1e-3 * np.abs(heat).max()
    assert heat[PATCH].sum() > 0


def test_the_difference_of_two_expressions_has_evidence_of_both_signs(recognizer, column):
    face = next(face_batches(recognizer, [column(3)]))
    asked = about_difference(recognizer, "happy", "surprise")  # columns 3 and 5
    heat = explainer_of("occlusion")(recognizer, face, asked)
    assert asked.words == "happy and not surprise"
    assert heat[:, 3].sum() > 0
    assert asked.answer(recognizer, face).item() > 0.99
    turned = about_difference(recognizer, "surprise", "happy")
    np.testing.assert_allclose(explainer_of("occlusion")(recognizer, face, turned), -heat, atol=1e-6)
    with pytest.raises(SettingsError, match="two different"):
        about_difference(recognizer, "happy", "happy")


def test_grad_cam_explains_a_difference_which_sees_the_face_once(planted, textured_face):
    heats = [
        explainer_of("Grad-CAM")(planted, textured_face, asked)
        for asked in (about_expression(planted, "happy"), about_difference(planted, "happy", "surprise"))
    ]
    assert heats[0].max() > 0
    np.testing.assert_allclose(heats[1], heats[0])  # the other logit is always 0


def test_shapley_values_share_a_sum_out_exactly(recognizer, column):
    # The logit of "happy" is 10 times the mean of column 3: half of it from either region that holds the column.
    face = next(face_batches(recognizer, [column(3)]))
    asked = about_expression(recognizer, "happy")
    values = region_values(recognizer, face, asked, quarters(SMALL))
    whole = (asked.evidence(recognizer, face) - asked.evidence(recognizer, face.mean().expand_as(face))).item()
    np.testing.assert_allclose(values, [whole / 2, 0, whole / 2, 0], atol=1e-4)
    heat = explainer_of(REGION_SHAPLEY, quarters(SMALL))(recognizer, face, asked)
    np.testing.assert_allclose(heat[:4, :4], whole / 2 / 16, atol=1e-5)
    assert heat.sum() == pytest.approx(whole, abs=1e-4)


def test_regions_of_a_face_are_where_they_should_be_and_cover_it_once():
    from fer_demo.data.loading import load_bundled

    record = next(iter(load_bundled()))
    masks = draw_regions(record.landmarks, record.image.shape[0])
    assert len(masks) == len(REGIONS)
    assert (masks.sum(axis=0) == 1).all()
    middle = {name: np.argwhere(mask).mean(axis=0) for name, mask in zip(REGIONS, masks, strict=True)}
    assert middle["brows"][0] < middle["eyes"][0] < middle["nose"][0] < middle["mouth"][0] < middle["jaw"][0]
    for name in ("brows", "eyes", "nose", "mouth"):
        assert 0.003 < masks[REGIONS.index(name)].mean() < 0.2, name


def test_regions_need_a_face():
    picture = FaceCrop(np.zeros((64, 64, 3), np.uint8), None)
    with pytest.raises(SettingsError, match="use occlusion"):
        regions_of_crop(picture, load_model("face_landmarker"), 56)
    with pytest.raises(SettingsError, match="use occlusion"):
        explainer_of(REGION_SHAPLEY)
    with pytest.raises(SettingsError, match="Grad-CAM"):
        explainer_of("tea leaves")


@pytest.mark.parametrize("relu", [nn.ReLU(), nn.ReLU6(), torch.relu, lambda values: values.relu()])
def test_guided_relus_drop_negative_gradients_of_modules_and_functions(relu):
    values = torch.tensor([1.0, 1.0, -1.0], requires_grad=True)
    with GuidedRelus():
        (relu(values) * torch.tensor([2.0, -2.0, 2.0])).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [2.0, 0.0, 0.0]


def test_an_identity_is_explained_by_what_is_like_the_other_picture(halves):
    model, embedder = HalvesModel().eval(), MeanColour().eval()
    face = next(face_batches(model, [halves(200, 90)]))
    asked = about_identity(model, halves(250, 30))
    heat = explainer_of("occlusion")(model, face, asked)
    assert np.abs(heat[SMALL // 2 + 1 :]).max() < 1e-6  # the lower half is the expression
    same = about_identity(embedder, halves(200, 90))
    colour = next(face_batches(embedder, [halves(200, 90)]))
    assert float(same.evidence(embedder, colour)) == pytest.approx(0, abs=1e-5)
    with pytest.raises(CheckpointError, match="no identity code"):
        about_identity(BrightestColumn().eval(), halves(1, 2))


def test_an_expression_code_is_explained_in_the_direction_of_a_prototype(halves):
    model = HalvesModel().eval()  # prototypes are shades: the last one is bright
    face = next(face_batches(model, [halves(20, 220)]))
    heat = explainer_of("occlusion")(model, face, about_code(model, "neutral"))
    assert heat[-1].min() > 0
    assert np.abs(heat[: SMALL // 2 - 1]).max() < 1e-6
    with pytest.raises(CheckpointError, match="no expression code"):
        about_code(BrightestColumn().eval(), "happy")
    with pytest.raises(SettingsError, match="contempt"):
        about_code(model, "contempt")


def test_a_layer_that_sees_the_face_twice_is_refused_with_a_way_out(photo_editor):
    face = torch.zeros(1, 1, photo_editor.config.size, photo_editor.config.size)
    asked = question.along(torch.ones(52), "anything")
    with pytest.raises(CheckpointError, match=r"2 times.*use integrated gradients or occlusion"):
        explainer_of("Grad-CAM")(photo_editor, face, asked)
    assert explainer_of("integrated gradients")(photo_editor, face, asked).shape == face.shape[2:]


def test_a_person_is_explained_by_the_identity_alone_and_the_code_by_the_expression(halves):
    model = HalvesModel().eval()
    assert targets_for(model) == (PERSON, CODE)
    heats = {}
    for target in (PERSON, CODE):
        asked = ask(model, halves(20, 220), "neutral", target=target)
        heats[target] = explainer_of("occlusion")(model, asked.face, asked.question)
    assert heats[PERSON][0].min() > 0  # the upper half is the identity
    assert np.abs(heats[PERSON][SMALL // 2 + 1 :]).max() < 1e-6
    assert heats[CODE][-1].min() > 0
    assert np.abs(heats[CODE][: SMALL // 2 - 1]).max() < 1e-6
    asked = ask(model, halves(20, 220), "neutral", target=PERSON)
    heat = explainer_of("integrated gradients")(model, asked.face, asked.question)
    assert np.abs(heat[: SMALL // 2]).min() > 0  # no slope is lost where a face is most like itself


def test_grad_cam_of_a_code_that_does_not_come_from_its_layer_is_refused_with_a_way_out():
    model = load_model("tdgan")
    asked = ask(
        model, FaceCrop(np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8), None), "happy"
    )
    assert explainer_of("Grad-CAM")(model, asked.face, asked.question).shape == (64, 64)
    person = question.about_own_identity(model, asked.face)
    with pytest.raises(CheckpointError, match="does not depend; use integrated gradients"):
        explainer_of("Grad-CAM")(model, asked.face, person)


def test_targets_that_a_model_does_not_compute_are_refused(recognizer, column):
    assert targets_for(recognizer) == (ANSWER,)
    assert targets_for(load_model("tdgan")) == TARGETS
    for target, words in ((PERSON, "no identity code"), (CODE, "no expression code")):
        with pytest.raises(CheckpointError, match=words):
            ask(recognizer, column(3), "happy", target=target)
    with pytest.raises(SettingsError, match="with the answer alone"):
        ask(recognizer, column(3), "happy", "sad", target=CODE)
    with pytest.raises(SettingsError, match="choose one of: the answer, this person"):
        ask(recognizer, column(3), "happy", target="tea leaves")


class OwnMasks(BrightestColumn):
    """Brings two masks of its own: the left half, and a single column."""

    def attention_masks(self, faces):
        masks = torch.zeros(len(faces), 2, SMALL, SMALL)
        masks[:, 0, :, : SMALL // 2] = 1
        masks[:, 1, :, 3] = 0.5
        return masks


def test_masks_that_a_model_brings_are_methods_like_others(recognizer, column):
    model = OwnMasks().eval()
    assert methods_for(model) == (*METHODS, *MASKS)
    assert methods_for(recognizer) == METHODS
    asked = ask(model, column(3), "happy")
    halves, line = (explainer_of(MASKS[stage])(model, asked.face, asked.question) for stage in (0, 1))
    np.testing.assert_array_equal(halves, np.repeat([[1, 0]], SMALL // 2, axis=1).repeat(SMALL, axis=0))
    np.testing.assert_array_equal(line[:, 3], 0.5)
    assert line.sum() == 0.5 * SMALL
    with pytest.raises(CheckpointError, match="brings 2 masks, not 3"):
        explainer_of(MASKS[2])(model, asked.face, asked.question)
    with pytest.raises(CheckpointError, match="no masks of its own; use occlusion"):
        explainer_of(MASKS[0])(recognizer, asked.face, about_expression(recognizer, "happy"))


def test_the_masks_of_residual_masking_are_those_of_its_stages():
    model = load_model("residual_masking")
    face = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    asked = about_expression(model, "happy")
    shown = [explainer_of(method)(model, face, asked) for method in MASKS]
    with torch.inference_mode():
        np.testing.assert_allclose(np.stack(shown), model.attention_masks(face)[0].numpy())
    assert all(0 <= mask.min() < mask.max() <= 1 for mask in shown)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "name", ["face_resnet", "expression_classifier", "expression_judge", "residual_masking", "tdgan"]
)
def test_every_method_explains_every_bundled_recognizer(name, method):
    model = load_model(name)
    side = model.config.size
    face = torch.rand(1, model.config.channels, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    heat = explainer_of(method, quarters(side))(model, face, about_expression(model, "happy"))
    assert heat.shape == (side, side)
    assert np.isfinite(heat).all()
    assert not any(layer._forward_hooks for layer in model.modules())


def test_the_map_of_an_embedder_lies_on_its_chip():
    model = load_model("identity_embedder")
    left, top, right, bottom = model.attribution_box
    assert (left, top) == (8 / 165, 20 / 165)
    assert right < 1 < bottom  # the chip ends below the square
    face = torch.zeros(1, 3, 150, 150)
    asked = question.Question("a part", *(2 * [lambda asked, faces: asked.embed_aligned(faces)[:, 0]]))
    heat = explainer_of("Grad-CAM")(model, face, asked)
    assert heat.shape == (150, 150)
    assert (heat[: round(150 * top)] == 0).all()
