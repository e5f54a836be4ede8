"""What every model in the catalogue promises, on untrained instances of its default and its bundled configuration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from fer_demo.capabilities import (
    EditsByLabel,
    EditsExpression,
    EditsPhoto,
    EmbedsIdentity,
    EncodesFactors,
    RecognizesExpression,
)
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, CAPABILITY, load_model
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.published.model import PublishedModel

BATCH = 3


def bundled(name: str) -> bool:
    return (BUNDLED_FOLDER / name / "config.json").is_file()


DESIGNS = [(name, "default") for name in sorted(MODELS)] + [
    (name, "bundled") for name in sorted(MODELS) if bundled(name)
]


@pytest.fixture(scope="module", params=DESIGNS, ids="-".join)
def model(request: pytest.FixtureRequest) -> PublishedModel:
    """An untrained model of each configuration: always the same weights, in the 16 bits they are saved with."""
    name, design = request.param
    model_class = MODELS[name].model_class
    config = model_class.config_class() if design == "default" else load_model(name).config
    torch.manual_seed(0)
    built: PublishedModel = model_class(config).eval()
    built.method = name
    built.load_state_dict({key: tensor.half().float() for key, tensor in built.state_dict().items()})
    return built


def needs(model: PublishedModel, *capabilities: type) -> None:
    """Skip what a model of another kind does not promise."""
    if not isinstance(model, capabilities):
        names = " or ".join(one.__name__ for one in capabilities)
        pytest.skip(f"{type(model).__name__} is not {names}")


@pytest.fixture
def saved(model: PublishedModel, tmp_path: Path) -> Path:
    """The model's checkpoint folder."""
    model.save(tmp_path)
    return tmp_path


def some_faces(model: PublishedModel) -> Tensor:
    """Noise in the shape and range of the model's faces."""
    shape = (BATCH, model.config.channels, model.config.size, model.config.size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(1)) * 2 - 1


@torch.no_grad()
def outputs(model: PublishedModel) -> dict[str, Tensor]:
    """Everything the model can say about some faces."""
    faces, found = some_faces(model), {}
    if isinstance(model, RecognizesExpression):
        found["logits"] = model.expression_logits(faces)
    if isinstance(model, EncodesFactors):
        codes = model.encode(faces)
        found |= {"identity": codes.identity, "expression": codes.expression}
    if isinstance(model, EditsExpression):
        found["edited"] = model.edit_to_code(faces, codes.expression.flip(0))
    if isinstance(model, EditsPhoto):
        found["expression"] = model.expression_code(faces)
        found["edited"] = model.edit(faces, found["expression"].flip(0)).result
    if isinstance(model, EditsByLabel):
        found["edited"] = model.edit_to_label(faces, torch.arange(BATCH), torch.ones(BATCH))
    if isinstance(model, EmbedsIdentity):
        found["descriptor"] = model.embed(faces)
    return found


def test_it_has_a_capability_that_its_task_needs(model: PublishedModel) -> None:
    assert isinstance(model, CAPABILITY[MODELS[model.method].task])


def test_its_expressions_are_in_the_one_order(model: PublishedModel) -> None:
    assert model.config.expressions in (BASIC, WITH_CONTEMPT)


def test_logits_have_one_column_for_each_expression(model: PublishedModel) -> None:
    needs(model, RecognizesExpression)
    logits = outputs(model)["logits"]
    assert logits.shape == (BATCH, len(model.config.expressions))
    assert logits.isfinite().all()


def test_codes_are_flat_and_finite(model: PublishedModel) -> None:
    needs(model, EncodesFactors)
    for code in (outputs(model)["identity"], outputs(model)["expression"]):
        assert code.ndim == 2
        assert len(code) == BATCH
        assert code.isfinite().all()


def test_edited_faces_have_the_shape_and_range_of_faces(model: PublishedModel) -> None:
    needs(model, EditsExpression, EditsPhoto, EditsByLabel)
    edited = outputs(model)["edited"]
    assert edited.shape == some_faces(model).shape
    assert -1 <= edited.min() <= edited.max() <= 1


def test_there_is_one_expression_prototype_for_each_basic_expression(model: PublishedModel) -> None:
    needs(model, EditsExpression, EditsPhoto)
    assert model.prototypes().shape == (len(BASIC), outputs(model)["expression"].shape[1])


def test_an_edit_to_what_a_photo_shows_already_leaves_it_as_it_is(model: PublishedModel) -> None:
    needs(model, EditsPhoto)
    faces = some_faces(model)
    with torch.no_grad():
        own = model.expression_code(faces)
        torch.testing.assert_close(model.edit(faces, own, own).result, faces, rtol=0, atol=1e-5)


def test_a_label_editor_leaves_a_face_as_it_is_at_amount_0_and_treats_each_of_a_batch_alone(
    model: PublishedModel,
) -> None:
    needs(model, EditsByLabel)
    faces, labels = some_faces(model), torch.arange(BATCH)
    with torch.no_grad():
        torch.testing.assert_close(model.edit_to_label(faces, labels, torch.zeros(BATCH)), faces, rtol=0, atol=1e-5)
        alone = model.edit_to_label(faces[1:2], labels[1:2], torch.ones(1))
    torch.testing.assert_close(alone, outputs(model)["edited"][1:2], rtol=1e-3, atol=1e-4)


def test_no_label_editor_has_codes_too(model: PublishedModel) -> None:
    needs(model, EditsByLabel)
    assert not isinstance(model, EditsExpression | EditsPhoto)


def test_descriptors_are_flat_finite_and_the_same_for_the_same_face(model: PublishedModel) -> None:
    needs(model, EmbedsIdentity)
    faces = some_faces(model)
    with torch.no_grad():
        found = model.embed(torch.cat([faces, faces[:1]]))
    assert found.ndim == 2
    assert found.isfinite().all()
    torch.testing.assert_close(found[0], found[-1])


def test_one_face_is_treated_as_in_a_batch(model: PublishedModel) -> None:
    faces = some_faces(model)
    needs(model, RecognizesExpression)
    with torch.no_grad():
        torch.testing.assert_close(
            model.expression_logits(faces[:1]), model.expression_logits(faces)[:1], rtol=1e-3, atol=1e-4
        )


def test_its_attribution_layer_is_one_of_its_layers(model: PublishedModel) -> None:
    assert isinstance(model.attribution_layer, nn.Module)
    assert any(layer is model.attribution_layer for layer in model.modules())


def test_a_saved_model_loads_and_answers_identically(model: PublishedModel, saved: Path) -> None:
    loaded = load_model(str(saved))
    assert type(loaded) is type(model)
    assert loaded.method == model.method
    assert loaded.config == model.config
    assert loaded.origin is not None
    assert not loaded.training
    expected, found = outputs(model), outputs(loaded)
    assert expected.keys() == found.keys()
    for name in expected:
        assert torch.equal(expected[name], found[name]), name


def unknown_key(config: dict[str, Any]) -> None:
    config["colour_of_the_sky"] = "blue"


def unknown_class(config: dict[str, Any]) -> None:
    config.update({key: "NoSuchModel" for key, value in config.items() if isinstance(value, str)})


def size_in_words(config: dict[str, Any]) -> None:
    config["size"] = "large"


def no_size(config: dict[str, Any]) -> None:
    del config["size"]


@pytest.mark.parametrize("spoil", [unknown_key, unknown_class, size_in_words, no_size])
def test_a_wrong_config_is_refused_with_its_file_named(saved: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    path = saved / "config.json"
    config = json.loads(path.read_text())
    spoil(config)
    path.write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_model(str(saved))


def test_a_truncated_config_is_refused(saved: Path) -> None:
    path = saved / "config.json"
    path.write_text(path.read_text()[:-5])
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_model(str(saved))


def test_truncated_weights_are_refused(saved: Path) -> None:
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load_model(str(saved))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(saved: Path, missing: str) -> None:
    (saved / missing).unlink()
    with pytest.raises(CheckpointError, match=missing):
        load_model(str(saved))
