"""A method's training from nothing to the weights that are published: stages, one after the other."""

from __future__ import annotations

import hashlib
import json
import shutil
from abc import ABC, abstractmethod
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import tyro
from accelerate import PartialState

from fer_demo.errors import SettingsError
from fer_demo.outputs import write_whole
from fer_demo.published.differences import Difference
from fer_demo.published.model import WEIGHTS_FILE, state_method
from training.data.own_sets import own_data
from training.engine.loop import RunSettings, check_data_folder, check_settings, train
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER, ENDED_FILE, RECIPE_FILE, STAGES_FILE, held, read_json, read_recipe

FEWEST_STEPS = 2  # of a stage, however short the run


@dataclass(frozen=True)
class StagedRecipe(ABC):
    """What a researcher turns; the stages state everything else, each value with its reason."""

    length_factor: float = 1.0  # on the images of every stage
    rate_factor: float = 1.0  # on the learning rate of every stage; not on that of TDGAN's discriminators
    batch: int | None = None  # images per step over all processes, in every stage; None: each stage's own
    seed: int | None = None  # of every stage; None: each stage's own
    initial: Path | None = None  # folder of a model with the first stage's shape to start from; None: random weights

    def __post_init__(self) -> None:
        if min(self.length_factor, self.rate_factor) <= 0:
            raise SettingsError("--length-factor and --rate-factor must be above 0.")

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Where the method differs from its paper; none for a method of our own."""
        return ()

    @abstractmethod
    def stages(self, run: Path) -> dict[str, Recipe]:
        """The stages by name, in order; `run / name / "best"` is what an earlier one leaves to a later one."""

    def plan(self, run: Path) -> dict[str, Recipe]:
        """The stages with the settings that all of them share."""
        return {name: self._adapted(stage) for name, stage in self.stages(run).items()}

    def _adapted(self, stage: Recipe) -> Recipe:
        batch = stage.batch if self.batch is None else self.batch
        return replace(
            stage,
            batch=batch,
            images=max(FEWEST_STEPS * batch, round(stage.images * self.length_factor)),
            rate=stage.rate * self.rate_factor,
            seed=stage.seed if self.seed is None else self.seed,
        )


@dataclass(frozen=True)
class Part:
    """Which stages to run; without it all that have not ended yet."""

    from_: Annotated[str | None, tyro.conf.arg(name="from")] = None  # the first stage to run; those before have ended
    until: str | None = None  # the last one

    def chosen(self, names: list[str]) -> list[str]:
        """The stages to run, in order.

        Raises: SettingsError for a name that is none of them.
        """
        for name in (self.from_, self.until):
            if name is not None and name not in names:
                raise SettingsError(f"There is no stage {name!r}; the stages are {', '.join(names)}.")
        first = 0 if self.from_ is None else names.index(self.from_)
        last = len(names) - 1 if self.until is None else names.index(self.until)
        if first > last:
            raise SettingsError(f"--from {self.from_} comes after --until {self.until}.")
        return names[first : last + 1]


def train_stages(name: str, recipe: StagedRecipe, run: RunSettings, part: Part) -> Path:
    """Run the stages of recipe `name`, each in its folder of `run.out`; the last one's best becomes `run.out/best`.

    A stage that has ended is not run again. Returns the folder of the run, or of the stage that it stopped in.
    Raises: what `train` raises, and SettingsError if the run's folder does not fit the stages to run.
    """
    writes = PartialState(cpu=run.device == "cpu").is_main_process
    plan = recipe.plan(run.out)
    chosen = part.chosen(list(plan))
    with held(run.out) if writes else nullcontext():
        return _train_chosen(name, plan, chosen, run)


def _train_chosen(name: str, plan: dict[str, Recipe], chosen: list[str], run: RunSettings) -> Path:
    """The same, in a folder where nobody else trains."""
    state = PartialState()
    writes = state.is_main_process
    _check_folder(plan, chosen, run.out)
    with state.main_process_first():
        run = replace(run, data=own_data(run.out, run.data, run.expressions, run.people))
    check_data_folder(run.data)
    for stage in (one for one in chosen if not has_ended(run.out / one)):
        plan[stage].check_data(run.data)
    for stage in chosen:
        folder = run.out / stage
        if not has_ended(folder):
            if writes:
                print(f"stage {stage}: {plan[stage].images:,} images", flush=True)
            train(plan[stage], replace(run, out=folder))
            if not has_ended(folder):
                return folder  # somebody asked it to stop
        if writes:
            _write_record(name, list(plan), run.out)
    return run.out if chosen[-1] == list(plan)[-1] else run.out / chosen[-1]


def has_ended(stage: Path) -> bool:
    """Whether a stage has come to its end.

    Raises: SettingsError if its weights are not those that it ended in.
    """
    if not (stage / ENDED_FILE).is_file():
        return False
    if _ended(stage)["sha256"] != _sha256(stage):
        raise SettingsError(
            f"The weights in {stage} are not those the stage ended in; remove the folder to run it anew."
        )
    return True


def _check_folder(plan: dict[str, Recipe], chosen: list[str], run: Path) -> None:
    """Before hours of training: every stage stands on the one before it, and none has other settings."""
    names = list(plan)
    for index, name in enumerate(names):
        folder = run / name
        if name in chosen and folder.exists():
            check_settings(plan[name], folder)
        if has_ended(folder):
            continue
        if name not in chosen and index < names.index(chosen[0]):
            raise SettingsError(f"The stage {name} has not ended in {run}; run it before {chosen[0]}.")
        later = [after for after in names[index + 1 :] if (run / after).exists()]
        if later:
            raise SettingsError(f"{run / later[0]} stands on an earlier {name}; remove it, or choose another --out.")


def _write_record(name: str, stages: list[str], run: Path) -> None:
    """The chain so far, and after its last stage what is evaluated and published."""
    there = [stage for stage in stages if has_ended(run / stage)]
    chain = [{"stage": stage, **_ended(run / stage), "settings": read_recipe(run / stage)} for stage in there]
    write_whole(run / STAGES_FILE, json.dumps(chain, indent=2) + "\n")
    if there != stages:
        return
    last = {"method": name, **chain[-1]["settings"]}
    write_whole(run / RECIPE_FILE, json.dumps(last, indent=2) + "\n")
    if not (run / BEST_FOLDER / WEIGHTS_FILE).is_file() or _sha256(run / stages[-1]) != _sha256(run):
        shutil.rmtree(run / BEST_FOLDER, ignore_errors=True)  # calibration, codes and maps belong to other weights
        shutil.copytree(run / stages[-1] / BEST_FOLDER, run / BEST_FOLDER)
        state_method(run / BEST_FOLDER, name)


def _ended(stage: Path) -> dict[str, Any]:
    return read_json(stage / ENDED_FILE, dict)


def _sha256(folder: Path) -> str:
    weights = folder / BEST_FOLDER / WEIGHTS_FILE
    return hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else ""
