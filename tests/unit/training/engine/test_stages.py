"""Stages on a task of one weight: in order, in parts, never on weights that are not those a stage ended in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from accelerate import Accelerator
from torch import Tensor

from fer_demo.errors import SettingsError
from tests.unit.training.engine.line import LineObjective, LineRecipe
from training.engine.loop import RunSettings
from training.engine.objective import Moment, Objective
from training.engine.recipe import Recipe
from training.engine.run_folder import held, last_stage_folder, read_chain
from training.engine.stages import Part, StagedRecipe, train_stages


@dataclass(frozen=True)
class GoesOn(LineRecipe):
    """Starts at the weight of an earlier stage."""

    images: int = 40
    start: Path | None = None

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        from safetensors.torch import load_file

        objective = super().build(data, accelerator)
        assert self.start is not None
        weight = load_file(self.start / "model.safetensors")["layer.weight"].float()
        for network in (objective.networks["model"], objective.averages["model"].average):
            network.load_state_dict({"layer.weight": weight})
        return objective


@dataclass(frozen=True)
class TwoLines(StagedRecipe):
    """A long stage and a short one."""

    def stages(self, run: Path) -> dict[str, Recipe]:
        return {"long": LineRecipe(), "short": GoesOn(start=run / "long" / "best")}


class Wanting(GoesOn):
    """Reads what nobody has."""

    def check_data(self, data: Path | None) -> None:
        raise SettingsError("It needs more.")


@dataclass(frozen=True)
class WantsMore(StagedRecipe):
    """The same, whose short stage cannot be had."""

    def stages(self, run: Path) -> dict[str, Recipe]:
        return {"long": LineRecipe(), "short": Wanting(start=run / "long" / "best")}


def go(out: Path, recipe: StagedRecipe | None = None, part: Part | None = None) -> Path:
    settings = RunSettings(out, device="cpu", save_every=50, log_every=5)
    return train_stages("two_lines", recipe or TwoLines(), settings, part or Part())


def weights(folder: Path) -> bytes:
    return (folder / "best" / "model.safetensors").read_bytes()


@pytest.fixture(autouse=True)
def a_start_is_no_checkpoint_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.engine.loop.models_behind", lambda recipe: {})


def test_stages_run_in_order_and_the_last_ones_best_is_the_runs(tmp_path: Path) -> None:
    out = go(tmp_path / "run")
    assert out == tmp_path / "run"
    assert [(one["stage"], one["images"]) for one in read_chain(out)] == [("long", 400), ("short", 40)]
    assert weights(out) == weights(out / "short") != weights(out / "long")
    recipe = json.loads((out / "recipe.json").read_text())
    assert (recipe["method"], recipe["recipe"], recipe["start"]) == ("two_lines", "GoesOn", "long/best")
    assert last_stage_folder(out) == out / "short"
    assert last_stage_folder(out / "long") == out / "long"


def test_parts_one_after_the_other_equal_a_whole_run_even_when_the_folder_has_moved(tmp_path: Path) -> None:
    whole = go(tmp_path / "whole")
    assert go(tmp_path / "parts", part=Part(until="long")) == tmp_path / "parts" / "long"
    assert not (tmp_path / "parts" / "best").exists()
    (tmp_path / "parts").rename(tmp_path / "moved")
    moved = go(tmp_path / "moved", part=Part(from_="short"))
    assert weights(moved) == weights(whole)
    assert weights(go(tmp_path / "moved")) == weights(whole)


def test_a_stage_taken_as_it_stands_may_have_other_settings(tmp_path: Path) -> None:
    go(tmp_path, part=Part(until="long"))
    faster = replace(TwoLines(), rate_factor=2.0)
    with pytest.raises(SettingsError, match=r"other settings.*rate"):
        go(tmp_path, faster)
    go(tmp_path, faster, Part(from_="short"))
    rates = [one["settings"]["rate"] for one in read_chain(tmp_path)]
    assert rates[1] == 2 * rates[0]


def test_what_a_run_was_evaluated_with_stays_beside_the_same_weights(tmp_path: Path) -> None:
    go(tmp_path)
    (tmp_path / "best" / "evaluation.json").write_text("{}")
    go(tmp_path)
    assert (tmp_path / "best" / "evaluation.json").exists()
    shutil.rmtree(tmp_path / "short")
    before = weights(tmp_path)
    go(tmp_path, replace(TwoLines(), seed=1), Part(from_="short"))
    assert weights(tmp_path) != before
    assert not (tmp_path / "best" / "evaluation.json").exists()


def test_data_that_a_later_stage_lacks_is_missed_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="needs more"):
        go(tmp_path, WantsMore())
    assert not (tmp_path / "long").exists()
    assert go(tmp_path, WantsMore(), Part(until="long")) == tmp_path / "long"


def test_a_folder_belongs_to_one_training_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(SettingsError, match="Another training is at work in"):
        go(tmp_path)
    assert go(tmp_path) == tmp_path


def test_a_stage_is_not_built_on_what_is_missing_or_changed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="The stage long has not ended"):
        go(tmp_path, part=Part(from_="short"))
    with pytest.raises(SettingsError, match="no stage 'middle'; the stages are long, short"):
        go(tmp_path, part=Part(until="middle"))
    with pytest.raises(SettingsError, match="comes after"):
        go(tmp_path, part=Part(from_="short", until="long"))
    go(tmp_path)
    (tmp_path / "long" / "ended.json").unlink()
    with pytest.raises(SettingsError, match="stands on an earlier long"):
        go(tmp_path)
    other = tmp_path / "other"
    go(other)
    (other / "long" / "best" / "model.safetensors").write_bytes(weights(other / "short"))
    with pytest.raises(SettingsError, match="are not those the stage ended in"):
        go(other)


def test_a_run_asked_to_stop_does_not_begin_the_next_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = LineObjective.training_step

    def asks(self: LineObjective, batch: Tensor, moment: Moment) -> dict[str, Tensor]:
        if moment.images == 200:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, batch, moment)

    with monkeypatch.context() as patch:
        patch.setattr(LineObjective, "training_step", asks)
        assert go(tmp_path / "run") == tmp_path / "run" / "long"
    assert not (tmp_path / "run" / "short").exists()
    assert weights(go(tmp_path / "run")) == weights(go(tmp_path / "whole"))


def test_two_processes_under_accelerate_launch_train_as_one(tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
    launch += ["--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    script = ["--module", "tests.unit.training.engine.two_processes", str(tmp_path / "runs")]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path.cwd()),
        "HF_HOME": str(tmp_path / "hub"),
    }
    done = subprocess.run([*launch, *script], env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = (json.loads((tmp_path / f"process{rank}.json").read_text()) for rank in (0, 1))
    assert first["weights"] == second["weights"]
    assert first["weights"]["rare"][0] == pytest.approx(1, abs=0.2)
    assert first["stopped in"] == second["stopped in"] == "long"  # though one alone was asked to stop
    assert second["written"] == []
    assert "whole/long/log.jsonl" in first["written"]
    for run in ("whole", "parts"):
        chain = read_chain(tmp_path / "runs" / run)
        assert [(one["stage"], one["images"]) for one in chain] == [("long", 400), ("short", 40)]
        lines = (tmp_path / "runs" / run / "long" / "log.jsonl").read_text().splitlines()
        assert sum('"validation"' in line for line in lines) == 4
    assert weights(tmp_path / "runs/parts") == weights(tmp_path / "runs/whole")
    assert weights(tmp_path / "runs/parts/long") == weights(tmp_path / "runs/whole/long")
