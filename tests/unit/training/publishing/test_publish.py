"""A run is published with a card that says only what was measured, or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard

from fer_demo.catalog import MODELS, CatalogEntry
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.residual_masking import ResidualMasking, ResidualMaskingConfig
from fer_demo.published.calibration import Calibration
from fer_demo.published.differences import Difference, differences_json, read_differences
from training.catalog import RECIPES
from training.evaluation import part
from training.evaluation.record import Evaluation, Figure, Measurement
from training.publishing import publish as publishing
from training.publishing.model_card import card_on_the_hub, changed_settings, model_card, use_section
from training.publishing.publish import PublishSettings, publish

RECIPE = {"recipe": "ExpressionClassifierRecipe", "images": 123456, "seed": 0}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a finished and evaluated run of a tiny classifier."""
    torch.manual_seed(0)
    folder = tmp_path / "run"
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,))).save(folder / "best")
    (folder / "recipe.json").write_text(json.dumps(RECIPE))
    evaluation_of(folder).write(folder / "best" / "evaluation.json")
    return folder


def evaluation_of(run: Path) -> Evaluation:
    origin = load_model(str(run / "best")).origin
    assert origin is not None
    return Evaluation(
        weights_sha256=origin.sha256,
        trained_on=("fer2013", "ferplus", "synthetic"),
        measured={
            "recognition": Measurement(
                command="python -m training evaluate recognition runs/classifier",
                seed=7,
                date="2026-11-20",
                machine="2 CPU cores",
            )
        },
        figures=(
            Figure("accuracy", 0.66438, "FER2013 PublicTest", 3309, interval=(0.65, 0.68)),
            Figure("expected calibration error", 0.0712, "FER2013 PublicTest", 3309),
            Figure("Frechet distance", 31.25, "synthetic test", 500, "squared units"),
        ),
    )


def test_the_published_folder_loads_and_has_the_evaluated_weights(run: Path, tmp_path: Path) -> None:
    folder = publish(PublishSettings(run, tmp_path / "out"))
    assert folder == tmp_path / "out"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["README.md", "config.json", "differences.json", "evaluation.json", "model.safetensors"]
    origin = load_model(str(folder)).origin
    assert origin is not None
    assert origin.sha256 == evaluation_of(run).weights_sha256


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where bundled models, their latent maps and their mean maps go."""
    for place in ("BUNDLED_FOLDER", "MAPS", "MEAN_MAPS"):
        monkeypatch.setattr(publishing, place, tmp_path / "bundle" / place)
    monkeypatch.setattr(part, "BUNDLED_FOLDER", publishing.BUNDLED_FOLDER)
    return tmp_path / "bundle"


def test_without_a_folder_the_model_is_bundled_under_its_catalogue_name(run: Path, bundle: Path) -> None:
    assert publish(PublishSettings(run)) == bundle / "BUNDLED_FOLDER" / "expression_classifier"


@pytest.mark.parametrize(
    ("file", "place"),
    [("map.parquet", "MAPS/expression_classifier.parquet"), ("mean_maps.npz", "MEAN_MAPS/expression_classifier.npz")],
)
def test_maps_go_where_the_app_looks_and_old_ones_go_away(
    run: Path, bundle: Path, tmp_path: Path, file: str, place: str
) -> None:
    (run / "best" / file).write_bytes(b"places")
    publish(PublishSettings(run))
    assert (bundle / place).read_bytes() == b"places"
    assert (publish(PublishSettings(run, tmp_path / "out")) / file).read_bytes() == b"places"
    (run / "best" / file).unlink()
    publish(PublishSettings(run))
    assert not (bundle / place).exists()


def test_calibration_and_tables_travel_with_the_weights_and_stand_on_the_card(run: Path, tmp_path: Path) -> None:
    calibration = Calibration(1.25, {0.8: 0.6, 0.9: 0.75, 0.95: 0.9}, BASIC, "half of a cut", 1430)
    calibration.save(run / "best")
    tables = {
        "reliability": {"bins": [[0.5, 0.4, 10]], "ece": 0.0123, "ece_equal_width": 0.0145, "data": "faces"},
        "confusion": {"rows": np.eye(7, dtype=int).tolist(), "data": "faces"},
        "coverage": [[0.9, 0.91, 2.25]],
        "prediction_sets": [["test faces", 0.9, 0.91, 2.25, 0.66]],
        "robustness": [["blur", "2%", 0.625, 600]],
        "runs": {"seeds": [0, 1], "rows": [["accuracy", "faces", 0.7, 0.01, 0.69, 0.71]]},
        "inflation": {"rows": [[100, 0.5, 0.6], [200, 0.4, 0.625]], "gain": 0.025, "data": "faces"},
    }
    replace(evaluation_of(run), tables=tables).write(run / "best" / "evaluation.json")
    folder = publish(PublishSettings(run, tmp_path / "out"))
    assert Calibration.load(folder) == calibration
    assert Evaluation.read(folder / "evaluation.json").tables == tables
    card = (folder / "README.md").read_text()
    assert "Logits are divided by 1.2500" in card
    assert "| 90% | 0.2500 |" in card  # at least so probable: one minus the threshold
    assert "fitted on 1,430 faces: half of a cut." in card
    assert "Expected calibration error 0.0123" in card
    assert "| **angry** | 1 | 0 |" in card
    assert "| 90% | 0.910 | 0.660 | 2.25 | test faces |" in card
    assert "| blur | 2% | 0.625 | 600 |" in card
    assert "| accuracy | 0.7000 | 0.0100 | 0.6900 | 0.7100 | faces |" in card
    assert "would have shown +0.0250" in card


def test_an_old_calibration_goes_away_with_its_weights(run: Path, tmp_path: Path) -> None:
    Calibration(1.25, {0.9: 0.75}, BASIC, "half of a cut", 1430).save(run / "best")
    folder = publish(PublishSettings(run, tmp_path / "out"))
    (run / "best" / "calibration.json").unlink()
    assert Calibration.load(publish(PublishSettings(run, folder))) is None


def test_a_model_too_large_to_bundle_is_refused_and_nothing_is_written(
    run: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BUNDLE_LIMIT", 1_000)
    with pytest.raises(CheckpointError, match=r"Expression classifier weighs 0\.0 MB; .* Give --out and --repo"):
        publish(PublishSettings(run))
    assert not bundle.exists()


def test_a_run_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"There is no .*best\. Give the folder of a run"):
        publish(PublishSettings(tmp_path))


def test_a_run_that_was_not_evaluated_is_refused(run: Path, tmp_path: Path) -> None:
    (run / "best" / "evaluation.json").unlink()
    with pytest.raises(DataError, match=r"evaluation\.json is missing\. Run `python -m training evaluate` first"):
        publish(PublishSettings(run, tmp_path / "out"))


def test_an_evaluation_of_other_weights_is_refused(run: Path, tmp_path: Path) -> None:
    replace(evaluation_of(run), weights_sha256="0" * 64).write(run / "best" / "evaluation.json")
    with pytest.raises(DataError, match="is about other weights"):
        publish(PublishSettings(run, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


NO_EVALUATIONS = ["", "[]", "{}", '{"figures": 3}', '{"figures": [], "trained_on": [], "measured": {}}']


@pytest.mark.parametrize("text", NO_EVALUATIONS)
def test_a_file_that_is_no_evaluation_is_refused(run: Path, text: str) -> None:
    (run / "best" / "evaluation.json").write_text(text)
    with pytest.raises(DataError, match=r"evaluation\.json is not an evaluation"):
        publish(PublishSettings(run))


def test_an_evaluation_is_read_as_it_was_written(run: Path) -> None:
    assert Evaluation.read(run / "best" / "evaluation.json") == evaluation_of(run)


def test_data_without_known_terms_and_figures_that_are_no_numbers_are_refused(run: Path) -> None:
    with pytest.raises(DataError, match="The terms of celebrities are not known"):
        replace(evaluation_of(run), trained_on=("celebrities",))
    with pytest.raises(DataError, match="accuracy on somewhere is nan"):
        Figure("accuracy", float("nan"), "somewhere", 10)


@pytest.mark.parametrize("repo", ["name-only", "a/b/c", "someone/with space", ""])
def test_a_malformed_repository_is_refused_at_once(repo: str) -> None:
    with pytest.raises(SettingsError, match="not a Hub id"):
        PublishSettings(Path("run"), repo=repo)


def card_of(run: Path) -> str:
    model = load_model(str(run / "best"))
    entry = MODELS["expression_classifier"]
    differences, changed = (Difference("size", "224 pixels", "56 pixels"),), ("`images` is 5 instead of 7.",)
    return model_card(model, entry, evaluation_of(run), RECIPE, (), differences, changed)


def test_the_front_matter_is_what_the_hub_reads(run: Path) -> None:
    data = ModelCard(card_of(run)).data.to_dict()
    assert data["license"] == "apache-2.0"
    assert data["library_name"] == "fer_demo"
    assert data["pipeline_tag"] == "image-classification"
    assert data["metrics"] == ["accuracy"]
    first, last = data["model-index"][0]["results"]
    assert first["dataset"] == {"name": "FER2013 PublicTest", "type": "fer2013-publictest"}
    assert first["metrics"][0] == {"type": "accuracy", "value": 0.66438, "name": "accuracy"}
    assert last["metrics"] == [{"type": "frechet_distance", "value": 31.25, "name": "Frechet distance"}]


def test_the_evaluation_table_names_figure_value_data_and_samples(run: Path) -> None:
    card = card_of(run)
    assert "| accuracy | 0.6644 (0.65 to 0.68) | FER2013 PublicTest | 3,309 |" in card
    assert "| Frechet distance | 31.25 squared units | synthetic test | 500 |" in card
    how = "`python -m training evaluate recognition runs/classifier`, seed 7, on 2026-11-20, 2 CPU cores."
    assert f"Measured (recognition) with {how}" in card


def test_a_changed_figure_changes_every_place_where_it_stands(run: Path) -> None:
    other = replace(evaluation_of(run), figures=(Figure("accuracy", 0.5, "FER2013 PublicTest", 1),))
    model = load_model(str(run / "best"))
    card = model_card(model, MODELS["expression_classifier"], other, {}, (), (), ())
    assert "| accuracy | 0.5 | FER2013 PublicTest | 1 |" in card
    assert not re.search(r"0\.66|31\.2", card)


def test_the_card_names_the_data_it_learnt_from_and_only_that(run: Path) -> None:
    card = card_of(run)
    assert "FER2013** (Goodfellow" in card
    assert "FER+** (Barsoum" in card
    assert "They show nobody" in card
    assert "Labeled Faces in the Wild" not in card
    assert "without a licence to redistribute" in card


def test_the_card_says_what_it_is_not_for(run: Path) -> None:
    assert "The expression shown is not the emotion felt." in card_of(run)
    assert "Not for judging" in card_of(run)


def test_the_card_states_the_differences_and_how_to_load(run: Path) -> None:
    stated = card_of(run).split("## Differences from the paper\n\n")[1]
    assert stated.startswith(
        "| | the paper | here |\n| --- | --- | --- |\n| size | 224 pixels | 56 pixels |\n\nSettings"
    )
    assert stated.endswith("\n- `images` is 5 instead of 7.\n")
    assert 'load_model("expression_classifier")' in card_of(run)


def test_the_hubs_card_loads_from_its_repository_and_says_the_same_otherwise(run: Path) -> None:
    entry, card = MODELS["expression_classifier"], card_of(run)
    there = card_on_the_hub(card, entry, "someone/classifier")
    assert 'load_model("someone/classifier")' in there
    assert card_on_the_hub(there, entry, "another/one") == card_on_the_hub(card, entry, "another/one")
    assert there.split("\n## ")[3:] == card.split("\n## ")[3:]
    with pytest.raises(DataError, match="has lost its section “## Use this model”"):
        card_on_the_hub("# Notes\n", entry, "someone/classifier")


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_used_in_three_lines(name: str) -> None:
    lines = re.findall(r"```python\n(.*?)```", use_section(MODELS[name]), re.DOTALL)[0].split("\n")
    assert len([line for line in lines if line]) == 3
    called = re.findall(r"model\.(\w+)\(", lines[-2])
    assert called
    assert all(hasattr(MODELS[name].model_class, method) for method in called)


def test_a_model_that_started_from_another_names_it_once_that_is_on_the_hub(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, evaluation = MODELS["face_resnet"], evaluation_of(run)
    assert "base_model" not in evaluated_front(entry, evaluation)
    there = replace(MODELS["identity_embedder"], hub_id="someone/embedder")
    monkeypatch.setitem(MODELS, "identity_embedder", there)
    assert evaluated_front(entry, evaluation)["base_model"] == "someone/embedder"


def evaluated_front(entry: CatalogEntry, evaluation: Evaluation) -> dict[str, object]:
    model = ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,)))
    return dict(ModelCard(model_card(model, entry, evaluation, {}, (), (), ())).data.to_dict())


def test_an_upload_needs_a_repository() -> None:
    with pytest.raises(SettingsError, match="Nothing can be uploaded without a repository"):
        PublishSettings(Path("run"), upload=True)


@dataclass(frozen=True)
class Augmentation:
    zoom: float = 0.0


@dataclass(frozen=True)
class MadeUpRecipe:
    images: int = 100
    pairing: str = "fixed"  # fixed: face i meets expression i
    augmentation: Augmentation = Augmentation()
    seed: int = 0


def test_settings_that_are_not_the_recipes_are_listed() -> None:
    run = {"recipe": "MadeUpRecipe", "images": 100, "pairing": "random", "augmentation": {"zoom": 0.1}, "seed": 5}
    short = run | {"images": 10, "augmentation": {"zoom": 0.0}}
    stages = {"first": MadeUpRecipe(), "second": MadeUpRecipe()}
    assert changed_settings([{"stage": "second", "settings": run}], stages) == (
        '`pairing` is "random" instead of "fixed".',
        "`augmentation.zoom` is 0.1 instead of 0.0.",
    )
    chain = [{"stage": name, "settings": found} for name, found in (("first", short), ("gone", run), ("second", run))]
    assert changed_settings(chain, stages)[:3] == (
        "`images` in the stage first is 10 instead of 100.",
        '`pairing` in the stage first is "random" instead of "fixed".',
        '`pairing` in the stage second is "random" instead of "fixed".',
    )


def test_a_recipes_differences_travel_with_its_weights(run: Path, tmp_path: Path) -> None:
    config = ResidualMaskingConfig(size=16, widths=(4,), blocks=(1,), depths=(1,))
    ResidualMasking(config).save(run / "best")
    (run / "recipe.json").write_text(json.dumps({**RECIPE, "method": "residual_masking"}))
    evaluation_of(run).write(run / "best" / "evaluation.json")
    folder = publish(PublishSettings(run, tmp_path / "out"))
    stated = RECIPES["residual_masking"].differences
    assert read_differences(folder) == stated
    assert {"size", "data", "alignment", "selection and test"} <= {one.subject for one in stated}
    card = (folder / "README.md").read_text()
    assert all(f"| {one.subject} | {one.paper} | {one.here} |" in card for one in stated)


def test_every_method_of_a_paper_names_size_data_alignment_and_selection() -> None:
    for name, recipe in RECIPES.items():
        subjects = " ".join(one.subject for one in recipe.differences)
        assert not subjects or all(word in subjects for word in ("size", "data", "alignment", "selection")), name
    assert RECIPES["tdgan"].differences != RECIPES["tdgan_published"].differences != ()


def test_unreadable_differences_are_left_out(tmp_path: Path) -> None:
    for content in ("[{}]", "{", "[1]", '{"size": 1}'):
        (tmp_path / "differences.json").write_text(content)
        assert read_differences(tmp_path) == ()
    (tmp_path / "differences.json").write_text(differences_json([Difference("size", "a", "b")]))
    assert read_differences(tmp_path) == (Difference("size", "a", "b"),)


def test_a_run_of_a_known_recipe_says_what_it_changed(run: Path, tmp_path: Path) -> None:
    card = (publish(PublishSettings(run, tmp_path / "out")) / "README.md").read_text()
    assert "- `images` is 123456 instead of " in card.split("## Differences from the paper")[1]


def test_the_card_carries_no_path_of_this_machine(run: Path) -> None:
    taught = {"initial": "/somewhere/runs/first/best", "teaching": {"teachers": ["/somewhere/runs/second/best"]}}
    (run / "recipe.json").write_text(json.dumps(RECIPE | taught))
    card = (publish(PublishSettings(run, out=run / "published")) / "README.md").read_text()
    assert "/somewhere" not in card
    assert "first/best" in card
    assert "second/best" in card


def test_the_card_shows_the_chain_of_stages_with_their_settings(run: Path, tmp_path: Path) -> None:
    chain = [
        {"stage": "branch", "images": 400000, "sha256": "ab" * 32, "minutes": 100.0, "settings": {"rate": 0.0005}},
        {
            "stage": "painting",
            "images": 150000,
            "sha256": "cd" * 32,
            "minutes": 1234.5,
            "flop": 1.5e16,
            "settings": RECIPE,
        },
    ]
    (run / "stages.json").write_text(json.dumps(chain))
    card = (publish(PublishSettings(run, tmp_path / "out")) / "README.md").read_text()
    assert f"| branch | 400,000 | 100.0 | – | `{'ab' * 8}` |" in card
    assert f"| painting | 150,000 | 1,234.5 | 1.50e+16 | `{'cd' * 8}` |" in card
    assert '"rate": 0.0005' in card
    assert "Settings of the last stage:" in card
    assert "Settings of the run:" in card_of(run)
