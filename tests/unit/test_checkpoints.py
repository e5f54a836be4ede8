"""Sources are understood, and a checkpoint folder is loaded exactly or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from fer_demo import checkpoints
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import ModelSource, describe_model, load_model, load_or_bundled, parse_source
from fer_demo.errors import CheckpointError, RetiredError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.published.calibration import Calibration

NAME = "expression_classifier"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny expression classifier with random weights."""
    torch.manual_seed(0)
    path = tmp_path / "tiny"
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4, 4), blocks=(1, 1))).save(path)
    return path


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def change_tensor(folder: Path, name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    save_file({**tensors, name: change(tensors[name]).contiguous()}, path)


def test_a_catalogue_name_means_the_bundled_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    folder.rename(tmp_path / NAME)
    assert parse_source(NAME) == ModelSource(NAME, folder=tmp_path / NAME, entry=MODELS[NAME])
    model = load_model(NAME)
    assert model.origin is not None
    assert (model.origin.source, model.origin.revision) == (NAME, None)


def test_a_method_without_weights_says_how_to_train_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    words = (
        r"^Expression classifier has no weights .* `python -m training train expression_classifier`, or give a folder"
    )
    with pytest.raises(CheckpointError, match=words):
        parse_source(NAME)


def test_a_damaged_bundled_model_is_named_without_its_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    folder.rename(tmp_path / NAME)
    for name, text in (("model.safetensors", "no"), ("calibration.json", "{}"), ("config.json", "{}")):
        (tmp_path / NAME / name).write_text(text)
        with pytest.raises(CheckpointError, match=rf"^{name} of the bundled model {NAME} ") as error:
            load_model(NAME)
        assert str(tmp_path) not in str(error.value)


def test_a_calibration_travels_with_its_model(folder: Path) -> None:
    assert load_model(str(folder)).calibration is None
    calibration = Calibration(1.5, {0.9: 0.8}, BASIC, "some faces", 100)
    calibration.save(folder)
    assert load_model(str(folder)).calibration == calibration


def test_a_calibration_of_other_expressions_is_refused(folder: Path) -> None:
    Calibration(1.5, {0.9: 0.8}, ("happy", "sad"), "some faces", 100).save(folder)
    with pytest.raises(CheckpointError, match=r"calibration\.json belongs to a model with other expressions"):
        load_model(str(folder))


def test_an_existing_folder_is_taken_before_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source("runs/best") == ModelSource("runs/best", repo="runs/best")
    Path("runs/best").mkdir(parents=True)
    assert parse_source("runs/best") == ModelSource("runs/best", folder=Path("runs/best"))


def test_a_revision_stands_behind_an_at_sign_or_in_the_argument() -> None:
    wanted = ModelSource("someone/tiny@v2", repo="someone/tiny", revision="v2")
    assert parse_source("someone/tiny@v2") == wanted
    assert parse_source(" someone/tiny ", "v2") == ModelSource("someone/tiny", repo="someone/tiny", revision="v2")


@pytest.mark.parametrize(
    "text", ["", "nonsense", "/no/such/folder", "a/b/c", "../a", "~/models", "a b/c", "x\0y", "x" * 300]
)
def test_anything_else_is_refused_with_the_names_that_work(text: str) -> None:
    with pytest.raises(CheckpointError, match=r"There is no model .* expression_classifier, .*tdgan, .* owner/name"):
        parse_source(text)


def test_a_folder_has_no_revision(folder: Path) -> None:
    with pytest.raises(CheckpointError, match="Leave the revision out"):
        parse_source(str(folder), "v1")


def test_a_loaded_model_is_ready_and_knows_its_origin(folder: Path) -> None:
    model = load_model(str(folder))
    assert isinstance(model, ExpressionClassifier)
    assert not model.training
    assert all(tensor.dtype != torch.float16 for tensor in model.state_dict().values())
    assert model.stem.weight.dtype == torch.float32
    assert model.origin is not None
    assert model.origin.source == str(folder)
    stored = load_file(folder / "model.safetensors")
    assert stored["stem.weight"].dtype == torch.float16
    assert torch.equal(model.stem.weight, stored["stem.weight"].float())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "Unknown"}, "'Unknown', but only .*ExpressionClassifier, .*TDGAN.* can be loaded"),
        ({"model": ["a list"]}, "can be loaded"),
        ({"learning_rate": 0.1}, "holds learning_rate"),
        ({"dropout": "much"}, "wrong type"),
        ({"widths": ["a", 4]}, "describes no ExpressionClassifier|cannot be used"),
        ({"widths": [-4, 4]}, "describes no ExpressionClassifier|cannot be used"),
        ({"widths": [4, 4_000_000]}, "does not fit its config"),  # would be 64 TB if it were built for real
        ({"widths": [4] * 100_000, "blocks": [1] * 100_000}, "asks for more than 1000 layers"),
        ({"blocks": [1, 100_000]}, "asks for more than 1000 layers"),
        ({"alignment": "four-point-v0"}, "aligned to 'four-point-v0', ours to 'five-point-v1'"),
        ({"expressions": ["glad", "mad"]}, r"\('glad', 'mad'\) are not all among"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(folder: Path, changes: dict[str, object], words: str) -> None:
    change_config(folder, **changes)
    with pytest.raises(CheckpointError, match=words):
        load_model(str(folder))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "null", "\0", '{"model": 1}', "[" * 100_000, " " * 1_000_001],
    ids=["empty", "cut", "list", "null", "binary", "number", "deep", "huge"],
)
def test_a_config_that_is_no_config_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json cannot be used: .* training publish"):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("stem.weight", lambda t: t[:2], r"stem\.weight has shape \(2, 1, 3, 3\) instead of \(4, 1, 3, 3\)"),
        ("stem.weight", lambda t: t.to(torch.int8), "stored as torch.int8 instead of torch.float16 or torch.bfloat16"),
        ("stem.weight", lambda t: t * torch.nan, r"stem\.weight holds values that are not finite"),
        ("stem.weight", lambda t: t + torch.inf, r"stem\.weight holds values that are not finite"),
        ("final_norm.num_batches_tracked", lambda t: t.float(), "instead of torch.int64"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(
    folder: Path, name: str, change: Callable[[torch.Tensor], torch.Tensor], words: str
) -> None:
    change_tensor(folder, name, change)
    with pytest.raises(CheckpointError, match=rf"model\.safetensors does not fit .*{words}"):
        load_model(str(folder))


@pytest.mark.parametrize("stored_as", [torch.bfloat16, torch.float32, torch.float64])
def test_weights_stored_in_other_floating_types_are_welcome(folder: Path, stored_as: torch.dtype) -> None:
    before = load_model(str(folder)).stem.weight
    change_tensor(folder, "stem.weight", lambda tensor: tensor.to(stored_as))
    loaded = load_model(str(folder)).stem.weight
    assert loaded.dtype == torch.float32
    assert torch.equal(loaded, before.to(stored_as).float())


def test_a_missing_tensor_is_named(folder: Path) -> None:
    path = folder / "model.safetensors"
    save_file({name: t for name, t in load_file(path).items() if not name.startswith("votes_head")}, path)
    with pytest.raises(CheckpointError, match=r"2 tensors are missing, such as votes_head\.bias"):
        load_model(str(folder))


def test_an_unknown_tensor_is_named(folder: Path) -> None:
    path = folder / "model.safetensors"
    save_file({**load_file(path), "extra": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="1 tensors are unknown, such as extra"):
        load_model(str(folder))


@pytest.mark.parametrize(
    "spoil", [lambda b: b"", lambda b: b[:50], lambda b: b[:-1], lambda b: b"PK" + b, lambda b: b + b"x"]
)
def test_damaged_weights_are_refused(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(CheckpointError, match=r"model\.safetensors is damaged or no safetensors file"):
        load_model(str(folder))


def test_a_pickle_is_never_opened(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch opened'\ntR.")
    with pytest.raises(
        CheckpointError, match=r"model\.safetensors is missing, and weights are never read from a pickle"
    ):
        load_model(str(folder))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json is missing"):
        load_model(str(tmp_path))


@pytest.mark.parametrize(("prefix", "wrapper"), [("module.", "DataParallel"), ("_orig_mod.", "torch.compile")])
def test_weights_saved_with_a_wrapper_around_the_network_are_told_by_its_name(
    folder: Path, prefix: str, wrapper: str
) -> None:
    path = folder / "model.safetensors"
    save_file({prefix + name: tensor for name, tensor in load_file(path).items()}, path)
    with pytest.raises(CheckpointError, match=rf"begins with '{prefix}', as .*{wrapper}.*; save the network inside"):
        load_model(str(folder))


def tdgan_folder(place: Path, method: str = "") -> Path:
    model = TDGAN(TDGANConfig(decoder_channels=(8, 8, 8)))
    model.method = method
    model.save(place)
    return place


@pytest.mark.parametrize(
    ("stated", "method"), [("", "tdgan"), ("tdgan", "tdgan"), ("tdgan_published", "tdgan_published")]
)
def test_of_methods_with_one_class_a_folder_is_the_one_that_it_names_or_else_the_first(
    tmp_path: Path, stated: str, method: str
) -> None:
    assert load_model(str(tdgan_folder(tmp_path, stated))).method == method


def test_weights_of_another_recipe_do_not_pass_for_those_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    tdgan_folder(tmp_path / "tdgan_published")
    assert load_model("tdgan_published").method == "tdgan_published"
    tdgan_folder(tmp_path / "tdgan", "tdgan_published")
    with pytest.raises(CheckpointError, match="names the method 'tdgan_published'"):
        load_model("tdgan")
    with pytest.raises(
        CheckpointError, match="names the method 'painter', but a TDGAN here is tdgan or tdgan_published or ter_gan"
    ):
        load_model(str(tdgan_folder(tmp_path / "own", "painter")))


def test_a_described_model_knows_all_but_its_weights(folder: Path) -> None:
    described, loaded = describe_model(str(folder)), load_model(str(folder))
    assert described.device.type == "meta"
    assert (described.config, described.method, described.origin) == (loaded.config, loaded.method, loaded.origin)
    assert described.parameter_count() == loaded.parameter_count()
    assert type(described) is type(loaded)


def test_a_model_with_damaged_weights_cannot_be_described(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="is damaged"):
        describe_model(str(folder))


# As they were written before the folders of the code moved; what a checkpoint holds is an interface.
BEFORE_THE_MOVE = {
    "TDGAN": {"noise_channels": 0, "residual_units": 1, "decoder_channels": [8, 8, 8], "head_units": 8, "size": 64},
    "ExpressionClassifier": {
        **{"trim": [0.125, 0.125, 0.125, 0.0], "stem": 4, "widths": [4], "blocks": [1], "squeeze": 2, "dropout": 0.3},
        "size": 16,
    },
}


@pytest.mark.parametrize("name", BEFORE_THE_MOVE)
def test_a_folder_from_before_the_move_still_opens(name: str, tmp_path: Path) -> None:
    entry = next(entry for entry in MODELS.values() if entry.model_class.__name__ == name)
    old = {"channels": 1, "expressions": list(BASIC), "alignment": "five-point-v1", **BEFORE_THE_MOVE[name]}
    entry.model_class(entry.model_class.config_from_dict(dict(old))).save(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model": name, **old}))
    assert load_model(str(tmp_path)).method == entry.name


@pytest.mark.parametrize("named", ["name", "folder"])
def test_a_method_that_was_taken_out_says_what_to_choose_now(named: str, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    config = {"model": "WarpEditor", "method": "warp_editor", "size": 96, "encoder": "residual", "reach": 0.4}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(RetiredError, match=r"^The warp editor, .* was replaced by landmark_editor\. Choose that one"):
        load_model("warp_editor" if named == "name" else str(folder))


def test_a_start_that_names_a_method_that_was_taken_out_uses_the_one_of_today() -> None:
    model, note = load_or_bundled("warp_editor", "landmark_editor")
    assert model.method == "landmark_editor"
    assert note is not None
    assert "was replaced by landmark_editor" in note
    assert note.endswith("The bundled model Landmark editor is used instead.")


def test_a_folder_of_another_version_says_what_wrote_it_and_what_to_do(tmp_path: Path) -> None:
    folder = tdgan_folder(tmp_path)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in config.items() if name != "head_units"}))
    earlier = "it lacks head_units, so an earlier version of fer_demo wrote it: load it with that version, or train"
    with pytest.raises(CheckpointError, match=earlier):
        load_model(str(folder))
    path.write_text(json.dumps({**config, "sharpness": 2}))
    with pytest.raises(
        CheckpointError, match="it holds sharpness, so another version of fer_demo wrote it: load it with that"
    ):
        load_model(str(folder))
