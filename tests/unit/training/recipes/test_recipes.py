"""Every recipe takes two steps on a small data folder, and a resumed run equals an unbroken one."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.checkpoints import load_model
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.models.efficientnet_lite import EfficientNetLiteConfig
from fer_demo.models.expression_classifier import ExpressionClassifierConfig
from fer_demo.models.expression_judge import ExpressionJudgeConfig
from fer_demo.models.residual_masking import ResidualMaskingConfig
from fer_demo.models.tdgan import TDGANConfig
from training.catalog import RECIPES
from training.engine.loop import RunSettings, train
from training.engine.recipe import Recipe
from training.engine.taught_by import TaughtBy
from training.recipes.tdgan import TDGANRecipe

SMALL_TDGAN = TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(8, 8, 8), head_units=8)
SMALL = {
    "expression_classifier": ExpressionClassifierConfig(size=28, stem=8, widths=(8, 8), blocks=(1, 1), squeeze=2),
    "efficientnet_lite": EfficientNetLiteConfig(size=32),
    "residual_masking": ResidualMaskingConfig(size=32, widths=(8, 8), blocks=(1, 1), depths=(2, 1)),
    "expression_judge": ExpressionJudgeConfig(size=32, widths=(8, 8), blocks=(1, 1)),
    "expression_branch": SMALL_TDGAN,
    "tdgan": SMALL_TDGAN,
    "tdgan_repaired": SMALL_TDGAN,
}
OTHERS = {"tdgan": {"lfw"}, "tdgan_repaired": {"lfw"}, "efficientnet_lite": {"ckplus", "london", "imagenet"}}
RESUMED = ("expression_classifier", "tdgan_repaired")  # trained by the test of resuming already


def on_template(side: int) -> list[float]:
    """68 landmarks of a face that is aligned already; only those of eyes, nose and mouth corners matter."""
    points = np.full((68, 2), side / 2)
    points[36:42], points[42:48], points[30], points[48], points[54] = TEMPLATE * side
    return list(points.ravel())


def png(rng: np.random.Generator, side: int) -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(256, size=(side, side), dtype=np.uint8)).save(buffer, format="PNG")
    return {"bytes": buffer.getvalue(), "path": None}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise in the layout of the training data: FER2013, LFW and the two synthetic sets."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    count = 84
    fer = {
        "image": [png(rng, 48) for _ in range(count)],
        "expression": [index % 7 for index in range(count)],
        "votes": [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * count,
        "row": list(range(count)),
        "exact_row": [True] * count,
        "in_other_split": [False] * count,
        "landmarks": [None, on_template(48)] * (count // 2),
        "head_pose": [None, [10.0, 0.0, 0.0]] * (count // 2),
        "blendshapes": [None, [0.5] * 52] * (count // 2),
    }
    names = [f"person {index // 2}" for index in range(120)]
    lfw = {"image": [png(rng, 60) for _ in names], "person": names, "photo": [index % 2 for index in range(120)]}
    posed = {
        "image": [png(rng, 48)["bytes"] for _ in names],
        "person": names,
        "expression": ["neutral", "contempt"] * (len(names) // 2),
    }
    people, instances = 10, 7
    rendered = {
        "image": [png(rng, 64) for _ in range(people * instances)],
        "person": [f"{index // instances:05d}" for index in range(people * instances)],
        "instance": [index % instances for index in range(people * instances)],
        "expression": [BASIC[index % instances] for index in range(people * instances)],
        "intensity": [1.0] * (people * instances),
    }
    for path, columns in (
        ("fer2013/train.parquet", fer),
        ("lfw/train.parquet", lfw),
        ("pairs/ckplus.parquet", posed),
        ("pairs/london.parquet", posed),
        ("synthetic/faces.parquet", rendered),
        ("synthetic_factorial/faces.parquet", rendered),
    ):
        (root / path).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), root / path)
    return root


def small(name: str) -> Recipe:
    return replace(RECIPES[name], images=8, batch=4, validate_every=8, model=SMALL[name])  # type: ignore[call-arg]


@pytest.mark.parametrize("name", sorted(set(SMALL) - set(RESUMED) - {"expression_branch"}))
def test_two_steps_make_a_checkpoint_that_loads(name: str, data: Path, tmp_path: Path) -> None:
    out = train(small(name), RunSettings(tmp_path / "run", data=data, device="cpu"))
    model = load_model(str(out / "last"))
    assert model.config == small(name).model  # type: ignore[attr-defined]
    assert (out / "best" / "validation.json").exists()
    read = TaughtBy.read(out / "best").sets
    assert {"fer2013", "ferplus"} <= read
    # Whoever learns from LFW, CK+, London or ImageNet says so; whoever does not, does not.
    assert read - {"fer2013", "ferplus", "synthetic"} == OTHERS.get(name, set())


@pytest.mark.parametrize("name", RESUMED)
def test_a_run_in_two_parts_equals_an_unbroken_one(name: str, data: Path, tmp_path: Path) -> None:
    whole = train(small(name), RunSettings(tmp_path / "whole", data=data, device="cpu"))
    halfway = RunSettings(tmp_path / "parts", data=data, device="cpu", save_every=4)

    import training.engine.loop as loop

    original, saved = loop.save_state, []

    def dies_after_saving(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        saved.append(True)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "save_state", dies_after_saving)
        with pytest.raises(KeyboardInterrupt):
            train(small(name), halfway)
    parts = train(small(name), halfway)
    assert saved
    assert load_model(str(parts / "last")).config == small(name).model  # type: ignore[attr-defined]
    assert (parts / "last/model.safetensors").read_bytes() == (whole / "last/model.safetensors").read_bytes()


def test_a_tdgan_run_can_keep_a_pretrained_branch_as_it_is(data: Path, tmp_path: Path) -> None:
    branch = train(small("expression_branch"), RunSettings(tmp_path / "branch", data=data, device="cpu"))
    recipe = replace(  # type: ignore[call-arg]
        small("tdgan_repaired"), expression_branch=branch / "last", discriminators_from=1.0, expression_judged_from=0.0
    )
    run = train(recipe, RunSettings(tmp_path / "run", data=data, device="cpu", log_every=1))
    before, after = (load_model(str(folder / "last")).state_dict() for folder in (branch, run))
    kept = {name: bool((before[name] == after[name]).all()) for name in after if name.endswith(".weight")}
    assert all(same for name, same in kept.items() if name.startswith("expression_"))
    assert not all(same for name, same in kept.items() if name.startswith("decoder."))
    assert '"transfer_expression"' in (run / "log.jsonl").read_text()


def test_the_faithful_recipe_turns_no_repair_on() -> None:
    paper = RECIPES["tdgan"]
    assert isinstance(paper, TDGANRecipe)
    assert (paper.cross_entropy_weight, paper.pairing, paper.noise) == (0.0, "fixed", "uniform")
    assert (paper.half_life, paper.synthetic_share, paper.counterfactual_weight) == (0, 0.0, 0.0)
    assert not paper.balanced
    assert (paper.identity_weight, paper.expression_weight) == (0.2, 0.8)
    assert (paper.consistency_weight, paper.content_weight, paper.rate) == (5.0, 1.0, 1e-4)
    assert (paper.face_discriminator_every, paper.expression_discriminator_every, paper.batch) == (5, 10, 32)
