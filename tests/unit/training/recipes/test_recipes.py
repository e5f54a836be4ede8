"""What each recipe's stages are: the paper's, ours, and those of the published weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import SettingsError
from fer_demo.models.tdgan import TDGANConfig
from training.catalog import RECIPES
from training.engine.loop import RunSettings, train
from training.landmark_editor.distillation_stage import DistillationRecipe
from training.landmark_editor.motion_stage import MotionRecipe
from training.landmark_editor.painter_stage import MouthPainterRecipe
from training.landmark_editor.reader_stage import FaceReaderRecipe
from training.landmark_editor.shading_stage import ShadingRecipe
from training.recipes.landmark_editor import LandmarkEditorTraining
from training.recipes.tdgan import REPAIRED, TDGANTraining
from training.recipes.tdgan_published import TDGANPublishedTraining
from training.recognition.objective import RecognitionRecipe
from training.recognition.recognizer import RecognizerTraining
from training.tdgan.branch_stage import ExpressionBranchRecipe
from training.tdgan.painting_stage import TDGANRecipe
from training.two_codes.editing_stage import EditingRecipe

RUN = Path("run")
SHORT = {"images": 8, "batch": 4, "validate_every": 8}
SMALL = TDGANConfig(noise_channels=0, residual_units=1, decoder_channels=(8, 8, 8), head_units=8)


def test_painting_leaves_the_branch_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = load_bundled()
    few = source.select(np.arange(0, len(source), 9))
    for module in ("expression_faces", "transfer_faces"):
        monkeypatch.setattr(f"training.data.{module}.load_bundled", lambda: few)
    settings = RunSettings(tmp_path / "branch", device="cpu")
    branch = train(ExpressionBranchRecipe(**SHORT, model=SMALL, synthetic_share=0.0), settings)  # type: ignore[arg-type]
    recipe = replace(
        REPAIRED,
        **SHORT,  # type: ignore[arg-type]
        model=SMALL,
        expression_branch=branch / "last",
        discriminators_from=0.0,
        synthetic_share=0.0,  # the bundled faces hold no exact answers
    )
    run = train(recipe, RunSettings(tmp_path / "run", device="cpu", log_every=1))
    before, after = (load_model(str(folder / "last")).state_dict() for folder in (branch, run))
    kept = {name: bool((before[name] == after[name]).all()) for name in after if name.endswith(".weight")}
    assert all(same for name, same in kept.items() if name.startswith("expression_"))
    assert not all(same for name, same in kept.items() if name.startswith("decoder."))
    assert '"transfer_expression"' in (run / "log.jsonl").read_text()


def test_the_faithful_recipe_turns_no_repair_on() -> None:
    (paper,) = RECIPES["tdgan_published"].plan(RUN).values()
    assert isinstance(paper, TDGANRecipe)
    assert (paper.pairing, paper.noise) == ("fixed", "uniform")
    assert (paper.half_life, paper.synthetic_share, paper.counterfactual_weight) == (0, 0.0, 0.0)
    assert not paper.balanced
    assert not paper.fake_expression
    assert paper.discriminator_rate == 1e-4
    assert (paper.model.expression_rank, paper.hiding_weight) == (0, 0.0)
    assert (paper.identity_weight, paper.expression_weight) == (0.2, 0.8)
    assert (paper.consistency_weight, paper.content_weight, paper.rate) == (5.0, 1.0, 1e-4)
    assert (paper.face_discriminator_every, paper.expression_discriminator_every, paper.batch) == (5, 10, 32)
    assert (paper.expression_branch, paper.initial, paper.images) == (None, None, 2_870_000)


def test_a_larger_picture_gets_one_more_up_sampling() -> None:
    (paper,) = TDGANPublishedTraining(size=128, networks="small").plan(RUN).values()
    assert isinstance(paper, TDGANRecipe)
    assert (paper.model.size, paper.model.decoder_channels) == (128, (192, 96, 48, 32))
    assert paper.model.head_units == 128


def test_a_stage_stands_on_the_best_of_an_earlier_one() -> None:
    painting = RECIPES["tdgan"].plan(RUN)["painting"]
    assert isinstance(painting, TDGANRecipe)
    assert painting.expression_branch == RUN / "branch" / "best"
    editing = RECIPES["tdgan"].plan(RUN)["editing"]
    assert isinstance(editing, EditingRecipe)
    assert editing.initial == RUN / "painting" / "best"
    reader, painter, distillation, motion, shading = RECIPES["landmark_editor"].plan(RUN).values()
    assert isinstance(reader, FaceReaderRecipe)
    assert isinstance(painter, MouthPainterRecipe)
    assert isinstance(distillation, DistillationRecipe)
    assert isinstance(motion, MotionRecipe)
    assert isinstance(shading, ShadingRecipe)
    assert painter.editor == RUN / "reader" / "best"
    assert distillation.editor == RUN / "painter" / "best"
    assert motion.editor == RUN / "distillation" / "best"
    assert shading.editor == RUN / "motion" / "best"
    unpainted = LandmarkEditorTraining(paints=False).plan(RUN)["motion"]
    assert isinstance(unpainted, MotionRecipe)
    assert unpainted.editor == RUN / "reader" / "best"


def test_shared_options_reach_every_stage() -> None:
    own = RECIPES["tdgan"].plan(RUN)
    changed = replace(RECIPES["tdgan"], length_factor=0.5, rate_factor=2.0, batch=16, seed=7).plan(RUN)
    for name, stage in changed.items():
        assert (stage.batch, stage.seed) == (16, 7)
        assert stage.images == own[name].images // 2
        assert stage.rate == 2 * own[name].rate
    assert {stage.images for stage in replace(RECIPES["tdgan"], length_factor=1e-9).plan(RUN).values()} == {32, 128}
    with pytest.raises(SettingsError, match="--length-factor"):
        replace(RECIPES["tdgan"], length_factor=0)


def test_tdgans_repairs_can_be_left_out_one_by_one() -> None:
    recipe = RECIPES["tdgan"]
    assert isinstance(recipe, TDGANTraining)
    whole = recipe.plan(RUN)["painting"]
    for change, stages, settings in (
        ({"branch_first": False}, ["painting", "editing"], {"expression_branch": None}),
        ({"pairing": "fixed"}, ["branch", "painting", "editing"], {"pairing": "fixed", "balanced": False}),
        ({"discriminators_from": 1.0}, ["branch", "painting", "editing"], {"discriminators_from": 1.0}),
    ):
        plan = replace(recipe, **change).plan(RUN)
        assert list(plan) == stages
        assert plan["painting"] == replace(whole, **settings)


def test_a_recognizers_own_options_reach_its_stage_and_none_leaves_it_as_it_is() -> None:
    recipe = RECIPES["expression_judge"]
    assert isinstance(recipe, RecognizerTraining)
    assert recipe.plan(RUN) == {"recognizer": recipe.stage}
    (changed,) = replace(recipe, size=96, synthetic_share=0.0, posed_sets=("london",), seed=5).plan(RUN).values()
    assert isinstance(changed, RecognitionRecipe)
    assert changed.network().config.size == 96
    assert (changed.start_size, changed.synthetic_share, changed.seed) == (64, 0.0, 5)  # 32 of 48 as 64 of 96
    assert changed.posed_sets == ("london",)
