"""The one training loop: on a laptop, a GPU or many processes (`accelerate launch`), resumable without a trace."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import shutil
import signal
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

import numpy as np
import torch
import tyro
from accelerate import Accelerator, PartialState

from fer_demo.errors import DataError, SettingsError
from fer_demo.images import save_png
from fer_demo.outputs import clear_partial, write_whole
from fer_demo.published.model import WEIGHTS_FILE
from training.data.prepare import FOLDERS
from training.engine.objective import Moment, Objective
from training.engine.precision import Precision, has_bfloat16
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER, ENDED_FILE, LAST_FOLDER, RECIPE_FILE, make_folder, read_json
from training.engine.run_state import Position, load_state, save_state
from training.engine.tracking import Tracker
from training.engine.trained_on import TrainedOn, models_behind, under_their_names

SMALLEST_FREE_SPACE = 2_000_000_000  # bytes: state of the largest recipe, twice


@dataclass(frozen=True)
class RunSettings:
    """Where and how a recipe runs; some of it is set by tests only."""

    out: Path  # folder of the run; a run that stands there is resumed
    data: Path | None = None  # folder of what the recipe reads (docs/data.md); None: bundled faces only
    expressions: str | None = None  # SET:PATH, labelled faces in place of fer2013/ (docs/data.md)
    people: str | None = None  # SET:PATH, photos of named people in place of lfw/
    precision: Precision = "float32"  # bfloat16: where the device has its instructions, elsewhere float32 all the same
    device: Literal["auto", "cpu"] = "auto"
    save_every: Annotated[int, tyro.conf.Suppress] = 20_000  # images between two saved states
    log_every: Annotated[int, tyro.conf.Suppress] = 20  # steps
    keep_checkpoints: bool = (
        False  # of every validation, in checkpoints/: `evaluate` measures the test-set selection bias on them
    )


def train(recipe: Recipe, run: RunSettings) -> Path:
    """Run one stage to its end and return the folder with `best/`, `last/`, `log.jsonl` and `samples/`.

    Raises: DataError, SettingsError or CheckpointError before the first step if something is missing.
    """
    accelerator = _accelerator(run)
    _prepare_folder(recipe, run, accelerator)
    torch.manual_seed(recipe.seed)
    objective = recipe.build(run.data, accelerator)
    named = {FOLDERS["expressions"]: run.expressions, FOLDERS["people"]: run.people}
    trained_on = TrainedOn(under_their_names(objective.faces_read, named), models_behind(recipe))
    position = load_state(objective, run.out)
    tracker = Tracker(run.out, recipe.images, position.images, run.log_every, accelerator.is_main_process)
    stop = _StopRequest()
    try:
        while position.images < recipe.images and not stop.asked_anywhere(accelerator):
            _step(recipe, objective, position, tracker)
            _at_intervals(recipe, run, objective, position, tracker, trained_on)
        if accelerator.is_main_process:
            save_state(objective, position, run.out)
            if position.images >= recipe.images:
                _write_end(run.out, position, accelerator.num_processes)
        accelerator.wait_for_everyone()
    finally:
        tracker.close()
        stop.restore()
    return run.out


def _accelerator(run: RunSettings) -> Accelerator:
    state = PartialState(cpu=run.device == "cpu")
    halved = run.precision == "bfloat16"
    if halved and not has_bfloat16(state.device):
        state.print("This processor has no bfloat16 instructions and would take ten times as long: float32 instead.")
        halved = False
    return Accelerator(cpu=run.device == "cpu", mixed_precision="bf16" if halved else "no")


def _step(recipe: Recipe, objective: Objective, position: Position, tracker: Tracker) -> None:
    accelerator = objective.accelerator
    moment = _moment(recipe, position, accelerator)
    clock = time.perf_counter()
    batch = objective.draw(max(1, recipe.batch // accelerator.num_processes), moment)
    with position.operations.of_step(position.step):
        parts = objective.training_step(batch, moment)
    position.step += 1
    position.images += recipe.batch
    for name, average in objective.averages.items():
        average.update(objective.networks[name], recipe.batch, position.images)
    tracker.step(parts, recipe.batch, position.images)
    position.seconds += time.perf_counter() - clock


def _moment(recipe: Recipe, position: Position, accelerator: Accelerator) -> Moment:
    """All randomness of a step comes from its number, so that a resumed run equals an unbroken one."""
    rng = np.random.default_rng([recipe.seed, position.step, accelerator.process_index])
    torch.manual_seed(int(rng.integers(2**62)))  # dropout
    generator = torch.Generator(accelerator.device).manual_seed(int(rng.integers(2**62)))
    return Moment(position.images, min(1.0, position.images / recipe.images), rng, generator)


def _at_intervals(
    recipe: Recipe,
    run: RunSettings,
    objective: Objective,
    position: Position,
    tracker: Tracker,
    trained_on: TrainedOn,
) -> None:
    def passed(every: int) -> bool:
        return position.images // every > (position.images - recipe.batch) // every

    finished = position.images >= recipe.images
    main = objective.accelerator.is_main_process
    if (finished or passed(recipe.validate_every)) and main:
        clock = time.perf_counter()
        figures = objective.validate()
        if not math.isfinite(figures["score"]):
            raise SettingsError(f"{run.out} diverged: its score is no number; try --rate-factor 0.5, another --out.")
        tracker.write("validation", position.images, figures)
        tracker.bar.write(f"{position.images:>9} images: " + "  ".join(f"{k} {v:.4f}" for k, v in figures.items()))
        _write_results(run, objective, position, figures, trained_on)
        position.seconds += time.perf_counter() - clock
    if passed(run.save_every) and main:
        save_state(objective, position, run.out)
    objective.accelerator.wait_for_everyone()


def _write_results(
    run: RunSettings, objective: Objective, position: Position, figures: dict[str, float], trained_on: TrainedOn
) -> None:
    folder, model = run.out, objective.published()
    facts = json.dumps({"images": position.images, **figures}, indent=2) + "\n"
    names = [LAST_FOLDER]
    if figures["score"] >= position.best_score:
        names.append(BEST_FOLDER)
    if run.keep_checkpoints:
        names.append(f"checkpoints/{position.images:09d}")
    for name in names:
        model.save(folder / name)
        write_whole(folder / name / "validation.json", facts)
        trained_on.write(folder / name)
    position.best_score = max(position.best_score, figures["score"])
    sheet = objective.sample_sheet()
    if sheet is not None:
        write_whole(folder / "samples" / f"{position.images:09d}.png", partial(save_png, sheet))


def _prepare_folder(recipe: Recipe, run: RunSettings, accelerator: Accelerator) -> None:
    """Fail before the first step: no such data, no space, or a folder that holds another run."""
    check_data_folder(run.data)
    if not accelerator.is_main_process:
        return
    make_folder(run.out)
    if shutil.disk_usage(run.out).free < SMALLEST_FREE_SPACE:
        raise DataError(f"Less than {SMALLEST_FREE_SPACE // 10**9} GB are free at {run.out}; free some space first.")
    check_settings(recipe, run.out)
    clear_partial(run.out)
    write_whole(run.out / RECIPE_FILE, json.dumps(_stated(recipe, run.out), indent=2) + "\n")


def check_data_folder(data: Path | None) -> None:
    """Raises: DataError if the folder of the data is not there."""
    if data is not None and not data.is_dir():
        raise DataError(f"There is no folder {data}; give --data the folder that holds fer2013/ and lfw/.")


def check_settings(recipe: Recipe, folder: Path) -> None:
    """Refuse to go on with other settings than those a folder was begun with.

    Raises: SettingsError, or DataError if those cannot be read
    """
    settings, stated = folder / RECIPE_FILE, _stated(recipe, folder)
    if settings.exists() and (found := read_json(settings, dict)) != stated:
        changed = sorted(name for name in stated | found if stated.get(name) != found.get(name))
        raise SettingsError(
            f"{folder} holds a run with other settings ({', '.join(changed)}); repeat them or choose another --out."
        )


def _stated(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Settings as JSON; what lies beside the folder by its name there, so that a run may be moved."""

    def text(value: Any) -> str:
        beside = isinstance(value, Path) and value.is_relative_to(folder.parent)
        return str(value.relative_to(folder.parent) if beside else value)

    return {"recipe": type(recipe).__name__, **json.loads(json.dumps(dataclasses.asdict(recipe), default=text))}


def _write_end(folder: Path, position: Position, processes: int) -> None:
    ended = {
        "images": position.images,
        "sha256": hashlib.sha256((folder / BEST_FOLDER / WEIGHTS_FILE).read_bytes()).hexdigest(),
        "minutes": round(position.seconds / 60, 1),
        "flop": float(f"{processes * position.operations.total(position.step):.3g}"),
    }
    write_whole(folder / ENDED_FILE, json.dumps(ended, indent=2) + "\n")


class _StopRequest:
    """SIGTERM and Ctrl-C end the run after the current step, with its state saved."""

    def __init__(self) -> None:
        self.asked = False
        self.previous = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}

    def asked_anywhere(self, accelerator: Accelerator) -> bool:
        """Whether any process was asked, so that all of them end after the same step and none waits for ever."""
        if accelerator.num_processes == 1:
            return self.asked
        asked = torch.tensor(float(self.asked), device=accelerator.device)
        return bool(accelerator.reduce(asked, reduction="sum").item())

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def restore(self) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)
