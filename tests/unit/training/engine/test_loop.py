"""The loop on a task of one weight: it learns, logs, resumes without a trace and fails early with a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor

from fer_demo.errors import CheckpointError, DataError, SettingsError
from tests.unit.training.engine.line import Line, LineObjective, LineRecipe
from training.engine.loop import RunSettings, train
from training.engine.objective import Moment, Objective
from training.engine.operations import COUNTED_EVERY, Operations


def run(out: Path, **changes: object) -> RunSettings:
    return RunSettings(**{"out": out, "device": "cpu", "save_every": 50, "log_every": 5} | changes)  # type: ignore[arg-type]


def weights(folder: Path) -> bytes:
    return (folder / "last" / "model.safetensors").read_bytes()


def test_it_learns_logs_and_keeps_the_best(tmp_path: Path) -> None:
    out = train(LineRecipe(), run(tmp_path / "run"))
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    validations = [line for line in lines if line["kind"] == "validation"]
    assert [line["images"] for line in validations] == [100, 200, 300, 400]
    assert validations[-1]["score"] > -0.3
    assert all(line["images_per_second"] > 0 for line in lines if line["kind"] == "train")
    best = json.loads((out / "best" / "validation.json").read_text())
    assert best["score"] == max(line["score"] for line in validations)


@pytest.fixture
def new_precision() -> Iterator[None]:
    """A process keeps the precision that it began with; here it begins anew, and so do those after it."""
    AcceleratorState._reset_state()
    yield
    AcceleratorState._reset_state()


@pytest.mark.usefixtures("new_precision")
@pytest.mark.parametrize("has_it", [True, False])
def test_bfloat16_is_used_where_the_device_has_it(
    has_it: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    used = []

    def build(self: LineRecipe, data: Path | None, accelerator: Accelerator) -> Objective:
        used.append(accelerator.mixed_precision)
        return built(self, data, accelerator)

    built = LineRecipe.build
    monkeypatch.setattr(LineRecipe, "build", build)
    monkeypatch.setattr("training.engine.loop.has_bfloat16", lambda device: has_it)
    out = train(LineRecipe(images=50), run(tmp_path / "run", precision="bfloat16"))
    assert used == ["bf16" if has_it else "no"]
    assert ("has no bfloat16 instructions" in capsys.readouterr().out) != has_it
    assert (out / "ended.json").is_file()


def test_a_step_within_an_autocast_block_is_seen_in_it() -> None:
    objective, one = LineRecipe().build(None, Accelerator(cpu=True)), torch.ones(1, 1)
    network = objective.networks["model"]
    assert isinstance(network, Line)
    with torch.autocast("cpu", torch.bfloat16):
        before = network.layer(one)
        objective.descend((before.float() - 3).square().mean(), "model")
        assert not torch.equal(network.layer(one), before)


def test_operations_are_counted_in_some_steps_and_stand_for_all(tmp_path: Path) -> None:
    in_one_step = 2 * 10 + 2 * 10  # a product of a batch of ten and one weight, and the weight's gradient
    for images, name in ((400, "short"), (2000, "long")):
        out = train(LineRecipe(images=images), run(tmp_path / name))
        assert json.loads((out / "ended.json").read_text())["flop"] == images / 10 * in_one_step


def test_what_is_done_every_fifth_step_counts_as_a_fifth() -> None:
    operations, steps = Operations(), 10 * COUNTED_EVERY
    for step in range(steps):
        with operations.of_step(step):
            if step % 5 == 0:
                torch.ones(2, 3) @ torch.ones(3, 4)
    assert operations.steps == 10
    assert operations.total(steps) == steps / 5 * 2 * 2 * 3 * 4
    assert Operations().total(steps) == 0


def test_every_checkpoint_is_kept_if_asked_for(tmp_path: Path) -> None:
    out = train(LineRecipe(), run(tmp_path / "run", keep_checkpoints=True))
    kept = sorted((out / "checkpoints").iterdir())
    assert [folder.name for folder in kept] == ["000000100", "000000200", "000000300", "000000400"]
    assert (kept[-1] / "model.safetensors").read_bytes() == weights(out)


def test_a_run_killed_and_resumed_equals_an_unbroken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unbroken = train(LineRecipe(), run(tmp_path / "unbroken"))

    steps = 0
    original = LineObjective.training_step

    def dies_at_step_23(self: LineObjective, batch: Tensor, moment: Moment) -> dict[str, Tensor]:
        nonlocal steps
        steps += 1
        if steps == 23:
            raise KeyboardInterrupt
        return original(self, batch, moment)

    with monkeypatch.context() as patch:
        patch.setattr(LineObjective, "training_step", dies_at_step_23)
        with pytest.raises(KeyboardInterrupt):
            train(LineRecipe(), run(tmp_path / "broken"))
    cut_off = tmp_path / "broken" / "best" / ".0.partial"  # as a kill leaves it
    cut_off.write_bytes(b"weights")
    broken = train(LineRecipe(), run(tmp_path / "broken"))
    assert not cut_off.exists()
    assert weights(broken) == weights(unbroken)


def test_a_run_that_starts_anew_or_goes_back_has_one_log(tmp_path: Path) -> None:
    out = train(LineRecipe(), run(tmp_path / "run"))
    once = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    (out / "state.pt").unlink()
    with (out / "log.jsonl").open("a") as log:
        log.write('{"kind": "train", "ima')
    train(LineRecipe(), run(tmp_path / "run"))
    anew = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["images"]) for line in anew] == [(line["kind"], line["images"]) for line in once]


def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    out = train(LineRecipe(), run(tmp_path / "run"))
    before = weights(out)
    train(LineRecipe(), run(tmp_path / "run"))
    assert weights(out) == before


def test_other_settings_do_not_overwrite_a_run(tmp_path: Path) -> None:
    train(LineRecipe(), run(tmp_path / "run"))
    with pytest.raises(SettingsError, match=r"other settings.*images"):
        train(LineRecipe(images=800), run(tmp_path / "run"))


def test_a_damaged_state_file_is_named(tmp_path: Path) -> None:
    out = train(LineRecipe(), run(tmp_path / "run"))
    (out / "state.pt").write_bytes(b"not a state")
    with pytest.raises(CheckpointError, match=r"state\.pt"):
        train(LineRecipe(), run(tmp_path / "run"))


def test_a_missing_data_folder_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder"):
        train(LineRecipe(), run(tmp_path / "run", data=tmp_path / "nowhere"))
    assert not (tmp_path / "run").exists()


def test_too_little_space_is_said_before_the_first_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.engine.loop.SMALLEST_FREE_SPACE", 10**18)
    with pytest.raises(DataError, match="free"):
        train(LineRecipe(), run(tmp_path / "run"))


def test_a_recipe_of_no_images_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1"):
        LineRecipe(images=0)
