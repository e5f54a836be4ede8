"""The editor's recipe on a few rendered scenes and noise for photographs: it learns, resumes and refuses."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from safetensors.torch import load_file

from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError, SettingsError
from fer_demo.layers.warping import warp
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.warp_editor import WarpEditor, WarpEditorConfig
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from training.data.edit_scenes import FOLDER, load_edit_scenes
from training.data.synthesize_edits import SynthesizeEditsSettings, synthesize_edits
from training.engine.loop import RunSettings, _moment, train
from training.engine.run_state import Position
from training.engine.trained_on import TrainedOn
from training.warp_editor.editor_stage import WarpEditorRecipe
from training.warp_editor.encoder_stage import ExpressionEncoderRecipe

SIZE, SCENES = 32, 3
SMALL = WarpEditorRecipe(
    images=16,
    batch=8,
    validate_every=16,
    scenes=SCENES,
    model=WarpEditorConfig(size=SIZE, encoder_widths=(8, 8, 8), editor_widths=(8, 8, 8, 8), condition=16),
)
ENCODER = ExpressionEncoderRecipe(images=16, batch=8, validate_every=16, scenes=SCENES)


@pytest.fixture(autouse=True)
def few_bundled_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aligning all of them at every start would take most of the time."""
    source = load_bundled()
    few = source.select(np.arange(0, len(source), 28))
    monkeypatch.setattr("training.warp_editor.faces.load_bundled", lambda: few)


def png(rng: np.random.Generator, side: int) -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(256, size=(side, side), dtype=np.uint8)).save(buffer, format="PNG")
    return {"bytes": buffer.getvalue(), "path": None}


def landmarks(open_: bool) -> np.ndarray:
    """(68, 2) pixels of the resting head in a picture of 40, with the lower lip's inner edge down if it is open."""
    points = load_head_model().rest[LANDMARK_VERTICES][:, :2] * [1, -1]
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0).max() * 24 + 8
    points[65:68, 1] += 5 * open_
    return points


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes, and noise in the layout of FER2013 and LFW."""
    root = tmp_path_factory.mktemp("data")
    synthesize_edits(SynthesizeEditsSettings(scenes=SCENES, out=root / FOLDER, size=SIZE, pictures=4))
    rng = np.random.default_rng(0)
    count = 140
    scores = rng.random((count, 52)).round(3).tolist()
    fer = {
        "image": [png(rng, 24) for _ in range(count)],
        "expression": [index % 7 for index in range(count)],
        "votes": [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * count,
        "row": list(range(count)),
        "exact_row": [True] * count,
        "in_other_split": [False] * count,
        "blendshapes": scores,
    }
    names = [f"person {index // 2}" for index in range(count)]
    lfw = {
        "image": [png(rng, 40) for _ in names],
        "person": names,
        "photo": [index % 2 for index in range(count)],
        "blendshapes": scores,
        "landmarks": [landmarks(index % 2 == 0).tolist() for index in range(count)],
        "head_pose": [[0.0, 0.0, 0.0]] * count,
    }
    for path, columns in (("fer2013/train.parquet", fer), ("lfw/train.parquet", lfw)):
        (root / path).parent.mkdir()
        pq.write_table(pa.table(columns), root / path)
    return root


def test_two_steps_make_a_checkpoint_and_a_sheet(data: Path, tmp_path: Path) -> None:
    out = train(SMALL, RunSettings(tmp_path / "run", data=data, device="cpu"))
    assert (out / "best" / "model.safetensors").exists()
    assert (out / "samples" / "000000016.png").exists()


def test_a_run_in_two_parts_equals_an_unbroken_one(data: Path, tmp_path: Path) -> None:
    whole = train(SMALL, RunSettings(tmp_path / "whole", data=data, device="cpu"))
    halfway = RunSettings(tmp_path / "parts", data=data, device="cpu", save_every=8)

    import training.engine.loop as loop

    original = loop.save_state

    def dies_after_saving(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "save_state", dies_after_saving)
        with pytest.raises(KeyboardInterrupt):
            train(SMALL, halfway)
    parts = train(SMALL, halfway)
    assert (parts / "last/model.safetensors").read_bytes() == (whole / "last/model.safetensors").read_bytes()


def test_scenes_are_of_different_people_with_one_neutral_picture_each(data: Path) -> None:
    scenes = load_edit_scenes(data, SIZE, SCENES)
    training, unseen = scenes.split()
    assert (len(training), len(unseen)) == (2, 1)
    assert scenes.units[:, 0].max() < 0.2
    assert scenes.units[:, 1:].amax(dim=2).min() > 0.2


def test_the_stored_flow_brings_one_picture_to_the_other(data: Path) -> None:

    scenes = load_edit_scenes(data, SIZE, SCENES)
    s = torch.arange(SCENES).repeat_interleave(3)
    source, target = torch.zeros_like(s), torch.arange(1, 4).repeat(SCENES)
    flow, visible = scenes.exact_flow(s, source, target)
    same, everywhere = scenes.exact_flow(s, source, source)
    assert same.abs().max() == 0
    assert everywhere.mean() > 0.5  # less than 1 only where the crop reaches beyond the picture
    one, other = scenes.crops[s, source][:, None].float(), scenes.crops[s, target][:, None].float()
    seen = torch.nn.functional.interpolate(visible, scale_factor=2) > 0
    moved = (flow.square().sum(dim=1, keepdim=True).sqrt() > 0.03) & (visible > 0)
    moved = torch.nn.functional.interpolate(moved.float(), scale_factor=2) * seen > 0
    assert moved.any()
    assert (warp(one, flow) - other).abs()[moved].mean() < 0.8 * (one - other).abs()[moved].mean()


@pytest.mark.parametrize("weight", ["flow_weight", "warp_weight", "reading_weight"])
def test_an_ingredient_can_be_left_out(data: Path, weight: str) -> None:

    objective = replace(SMALL, **{weight: 0.0}).build(data, Accelerator(cpu=True))  # type: ignore[arg-type]
    moment = _moment(SMALL, Position(step=1, images=8), objective.accelerator)
    parts = objective.training_step(objective.draw(8, moment), moment)
    assert all(value.isfinite() for value in parts.values())


def test_open_mouths_are_closed_and_closed_ones_opened(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    WarpEditor(SMALL.model).save(tmp_path / "guide")
    TrainedOn({"fer2013": 1}).write(tmp_path / "guide")
    recipe = replace(SMALL, guide=tmp_path / "guide")
    objective = recipe.build(data, Accelerator(cpu=True))
    moment = _moment(recipe, Position(step=1, images=8), objective.accelerator)
    error = objective.training_step(objective.draw(8, moment), moment)["closed_mouth"]
    assert error.isfinite()
    assert error > 0


def test_only_an_editor_of_the_same_size_guides(data: Path, tmp_path: Path) -> None:
    WarpEditor(replace(SMALL.model, size=48)).save(tmp_path / "guide")
    TrainedOn({"fer2013": 1}).write(tmp_path / "guide")
    with pytest.raises(SettingsError, match="guide"):
        replace(SMALL, guide=tmp_path / "guide").build(data, Accelerator(cpu=True))


def test_it_says_what_is_missing(data: Path) -> None:
    with pytest.raises(DataError, match="synthetic_edits"):
        SMALL.build(None, Accelerator(cpu=True))
    with pytest.raises(DataError, match="There are 3 scenes"):
        replace(SMALL, scenes=4).build(data, Accelerator(cpu=True))
    with pytest.raises(DataError, match="--size 64"):
        load_edit_scenes(data, 64, SCENES)
    with pytest.raises(DataError, match="at least 1 scene"):
        SynthesizeEditsSettings(scenes=0, out=data)


def test_scenes_of_other_settings_are_not_mixed_in(data: Path) -> None:
    with pytest.raises(DataError, match="other settings"):
        synthesize_edits(SynthesizeEditsSettings(scenes=SCENES, out=data / FOLDER, size=SIZE, pictures=4, seed=9))


def test_a_new_encoder_starts_from_a_classifier_and_leaves_the_editor_as_it_is(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    trained = WarpEditor(SMALL.model)
    trained.save(tmp_path / "editor")
    TrainedOn({"fer2013": 1}).write(tmp_path / "editor")
    classifier = ExpressionClassifier(ExpressionClassifierConfig(widths=(8, 8, 16)))
    classifier.save(tmp_path / "classifier")
    TrainedOn({"fer2013": 1}).write(tmp_path / "classifier")
    recipe = replace(
        ENCODER,
        rate=1e-6,
        editor=tmp_path / "editor",
        classifier=str(tmp_path / "classifier"),
        agreement_weight=0,
    )
    out = train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu"))
    saved = load_file(out / "last/model.safetensors")
    kept = {f"editor.{name}": value for name, value in trained.editor.state_dict().items()}
    learnt = classifier.state_dict().items()
    kept |= {f"expression_encoder.{name}": value for name, value in learnt if "conv" in name}
    for name, value in kept.items():
        torch.testing.assert_close(saved[name].float(), value, atol=1e-3, rtol=1e-3)
    assert saved["expression_prototypes"].abs().sum() > 0


def test_teachers_move_the_prototypes_and_a_residual_encoder_goes_on(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    classifier = ExpressionClassifier(ExpressionClassifierConfig(widths=(8, 8, 16)))
    classifier.save(tmp_path / "classifier")
    TrainedOn({"fer2013": 1}).write(tmp_path / "classifier")
    trained = WarpEditor(replace(SMALL.model, encoder="residual", encoder_widths=(8, 8, 16)))
    torch.nn.init.normal_(trained.editor.out.weight, std=0.1)  # one that moves nothing gets no advice
    trained.expression_prototypes.fill_(0.5)
    trained.save(tmp_path / "editor")
    TrainedOn({"fer2013": 1}).write(tmp_path / "editor")
    recipe = replace(
        ENCODER,
        rate=1e-3,
        half_life=0,
        editor=tmp_path / "editor",
        classifier=str(tmp_path / "classifier"),
        teachers=(tmp_path / "classifier",),
        prototype_weight=0.0,
    )
    out = train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu"))
    taught, alone = (load_file(path / "last/model.safetensors") for path in (out, _without_teachers(recipe, data, out)))
    for name, value in trained.editor.state_dict().items():
        torch.testing.assert_close(taught[f"editor.{name}"].float(), value, atol=1e-3, rtol=1e-3)
    moved = (taught["expression_prototypes"].float() - alone["expression_prototypes"].float()).abs()
    assert 1e-4 < moved.max() < 1e-2
    assert taught["expression_prototypes"].min() >= 0
    assert "agreed" in (out / "log.jsonl").read_text()


def test_an_editor_goes_on_from_a_published_one_whose_encoder_may_stay_as_it_is(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    trained = WarpEditor(SMALL.model)
    trained.expression_prototypes.fill_(0.5)
    trained.save(tmp_path / "editor")
    TrainedOn({"fer2013": 1}).write(tmp_path / "editor")
    recipe = replace(SMALL, initial=tmp_path / "editor", reading_weight=0.0, rate=1e-4)
    saved = load_file(train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu")) / "last/model.safetensors")
    for name, value in trained.state_dict().items():
        same = not name.startswith("editor.")
        torch.testing.assert_close(saved[name].float(), value, atol=1e-4 if same else 1e-2, rtol=1e-3)
    with pytest.raises(SettingsError, match="another shape"):
        replace(recipe, model=replace(SMALL.model, condition=8)).build(data, Accelerator(cpu=True))


def _without_teachers(recipe: ExpressionEncoderRecipe, data: Path, beside: Path) -> Path:
    settings = RunSettings(beside.with_name("alone"), data=data, device="cpu")
    return train(replace(recipe, agreement_weight=0.0), settings)


def test_a_new_encoder_needs_an_editor_and_a_classifier_of_its_shape(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="needs a trained warp editor"):
        ExpressionEncoderRecipe(scenes=SCENES).build(data, Accelerator(cpu=True))
    WarpEditor(SMALL.model).save(tmp_path / "editor")
    TrainedOn({"fer2013": 1}).write(tmp_path / "editor")
    recipe = ExpressionEncoderRecipe(scenes=SCENES, editor=tmp_path / "editor", classifier=str(tmp_path / "editor"))
    with pytest.raises(SettingsError, match="another classifier"):
        recipe.build(data, Accelerator(cpu=True))
    ExpressionClassifier(ExpressionClassifierConfig(stem=8, widths=(8, 8, 8))).save(tmp_path / "thin")
    TrainedOn({"fer2013": 1}).write(tmp_path / "thin")
    with pytest.raises(SettingsError, match="another shape"):
        replace(recipe, classifier=str(tmp_path / "thin")).build(data, Accelerator(cpu=True))
