"""Evaluation of a run's best model on data that neither taught nor chose it; writes the file its card is made from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import tyro

from fer_demo.capabilities import EditsByLabel, EncodesFactors, RecognizesExpression
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import CAPABILITY, load_model
from fer_demo.data.embedding_table import MAPS
from fer_demo.data.loading import load_bundled
from fer_demo.data.named_sets import open_named, split_name, told
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.leakage.disentanglement import FACTORIAL, TABLE
from fer_demo.inference.leakage.probe_codes import CODES_FILE, ProbeCodes, load_probe_codes
from fer_demo.inference.transfer.slider_purity import SLIDER_TABLE
from fer_demo.published.model import PublishedModel
from training.data.factorial_faces import whole_factorial
from training.data.splits import rendered_strangers
from training.engine.run_folder import MAP_FILE
from training.engine.trained_on import pictures_of, sets_behind
from training.evaluation.disentanglement.code_baselines import compared_weights, encode_source
from training.evaluation.disentanglement.report import disentanglement_report
from training.evaluation.part import beside, open_model, place_of, recipe_of, write_part
from training.evaluation.recognition.other_sets import By, fold_figures, set_answers, set_figures
from training.evaluation.recognition.report import recognition_report
from training.evaluation.record import EVALUATION_FILE, Evaluation
from training.evaluation.several_runs import spread_over_runs
from training.evaluation.sliders.report import mover_of, slider_report
from training.evaluation.sliders.scenes import render_slider_scenes
from training.evaluation.transfer.methods import cannot_be_measured
from training.evaluation.transfer.report import compare_transfers, figures
from training.maps.latent_map import write_latent_map

_DATA = "--data DATA"  # as commands name the folder of data sets
FEWEST_PEOPLE = 10  # whom probes of the factorial faces can tell apart


@dataclass(frozen=True)
class RecognitionSettings:
    """Which recognizers to evaluate, and on what."""

    runs: tyro.conf.Positional[tuple[Path, ...]]  # runs, checkpoints, bundled models; several: one recipe, other seeds
    data: Path | None = None  # folder with fer2013/ and lfw/
    on: str | None = None  # SET:PATH, another set to measure on instead (docs/data.md)
    folds: int = 0  # of that set, 2 or more: accuracy from fold to fold as well
    by: By = "person"  # what no two folds share
    rows: int | None = None  # of each data set, for a quick look that cannot be published
    seed: int = 0  # of the bootstrap and the folds

    def __post_init__(self) -> None:
        if not self.runs or (self.rows is not None and self.rows < 50):
            raise SettingsError("Name at least one run, and give --rows 50 or more.")
        if (self.data is None) == (self.on is None):
            raise SettingsError("Give either --data, the folder of data sets, or --on SET:PATH.")
        if self.folds and (self.on is None or self.folds < 2):
            raise SettingsError("--folds are two or more, of a set named with --on.")


@dataclass(frozen=True)
class TransferSettings:
    """Which model to evaluate, and on what."""

    run: tyro.conf.Positional[Path]  # folder of a run or a checkpoint, or the name of a bundled model
    data: Path  # folder with fer2013/, lfw/ and synthetic_factorial/
    judge: str = "expression_judge"  # recognizer that reads the generated faces; catalogue name or folder
    seed: int = 0  # of pairs, bootstrap and the map


@dataclass(frozen=True)
class DisentanglementSettings:
    """Which model's codes to look into, and on which faces."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    # Folder with synthetic_factorial/, all of whose people show the same expressions in a scene of their own; those who
    # never teach are looked at. Without it the bundled faces are, and their codes kept for the app.
    data: Path | None = None
    seed: int = 0  # of the untrained encoder, the probes, the forests and the bootstrap


@dataclass(frozen=True)
class SliderSettings:
    """Which editor's sliders to hold against the rendered truth."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    people: int = 16  # rendered now, each once for every slider: about 2 seconds a person
    amount: float = 0.7  # how far every slider is moved, of 1
    seed: int = 0  # of the people and of the bootstrap

    def __post_init__(self) -> None:
        if self.people < 2 or not 0 < self.amount <= 1:
            raise SettingsError("Give --people 2 or more, and an --amount above 0, at most 1.")


def evaluate_recognition(settings: RecognitionSettings) -> Path:
    """Write evaluation.json and calibration.json beside the weights of every run; return the last one's.

    Raises: CheckpointError if a model recognizes nothing, DataError if several runs differ in more than their seed.
    """
    runs = [place_of(str(run)) for run in settings.runs]
    recipes = [recipe_of(run) for run in runs]
    if len(recipes) > 1:
        _check_one_recipe(recipes)
    written = [_evaluate_recognizer(settings, run, recipe) for run, recipe in zip(runs, recipes, strict=True)]
    if len(written) > 1:
        table = spread_over_runs([evaluation for _, evaluation in written], [recipe["seed"] for recipe in recipes])
        for path, evaluation in written:
            evaluation.with_table("runs", table).write(path)
        for name, data, mean, deviation, *_ in table["rows"]:
            print(f"{mean:8.4f} +- {deviation:.4f} {name}  [{data}, {len(written)} runs]")
    return written[-1][0]


def evaluate_transfer(settings: TransferSettings) -> Path:
    """Write evaluation.json, and the latent map of a model with codes, beside the weights.

    What cannot be measured of this kind of editor is said. Raises: CheckpointError if the model edits no faces.
    """
    run = place_of(str(settings.run))
    folder, model = open_model(run)
    if not isinstance(model, CAPABILITY["transfer"]):
        raise CheckpointError(f"{run} holds a {type(model).__name__}, which edits no faces.")
    judge = load_model(settings.judge)
    if not MODELS[judge.method].judges:
        raise CheckpointError(f"{settings.judge} is no judge: edits are read by what taught no editor.")
    with torch.inference_mode():
        comparison = compare_transfers(model, judge, settings.data, settings.seed)
        if isinstance(model, EncodesFactors):
            write_latent_map(model, beside(folder, MAP_FILE, MAPS), settings.seed)
    path = folder / EVALUATION_FILE
    for name, reason in cannot_be_measured(model).items():
        print(f"{name}: not measured; {reason}.")
    if isinstance(model, EditsByLabel):
        print(f"A {type(model).__name__} follows no face: it was told by name what each driver shows.")
    tables = {"transfer": comparison.table()}
    options = _DATA if settings.judge == TransferSettings.judge else f"{_DATA} --judge {settings.judge}"
    write_part(path, model, "transfer", run, settings.seed, figures(comparison), tables, options)
    return path


def evaluate_disentanglement(settings: DisentanglementSettings) -> Path:
    """Write evaluation.json and, of the bundled faces, the codes that the app probes, beside the weights.

    Raises: CheckpointError if the model has no code, DataError if the faces are missing.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if settings.data is None:
        source, data = load_bundled(), "bundled synthetic faces"
        codes = _codes_kept(folder, model, source, settings.seed) or encode_source(model, source, settings.seed)
        codes.save(folder / CODES_FILE)
    else:
        source = whole_factorial(settings.data)
        people = list(map(str, source.column("person")))
        wanted = set(rendered_strangers(people))
        if len(wanted) < FEWEST_PEOPLE:
            raise DataError(f"{len(wanted)} rendered people never teach, too few to look into; render 100 or more.")
        source = source.select([row for row, person in enumerate(people) if person in wanted])
        data = "factorial synthetic faces of people never trained on"
        codes = encode_source(model, source, settings.seed)
    found = disentanglement_report(codes, source, data, settings.seed)
    path = folder / EVALUATION_FILE
    # Each set of faces keeps its own part of the file.
    part, options = (TABLE, "") if settings.data is None else (FACTORIAL, _DATA)
    write_part(path, model, part, run, settings.seed, found.figures, {part: found.table}, options)
    return path


def evaluate_sliders(settings: SliderSettings) -> Path:
    """Write evaluation.json beside the weights; needs no data, the faces are rendered.

    Raises: CheckpointError if the model has no sliders.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    move = mover_of(model)
    scenes = render_slider_scenes(settings.people, model.config.size, settings.amount, settings.seed)
    found = slider_report(move, scenes, settings.seed)
    path = folder / EVALUATION_FILE
    options = f"--people {settings.people} --amount {settings.amount:g}"
    tables = {SLIDER_TABLE: found.table}
    write_part(path, model, SLIDER_TABLE, run, settings.seed, found.figures, tables, options)
    return path


def _codes_kept(folder: Path, model: PublishedModel, source: FaceSource, seed: int) -> ProbeCodes | None:
    """The codes of an earlier evaluation with the same weights, faces and seed; encoding again would give the same."""
    try:
        kept = load_probe_codes(folder / CODES_FILE)
    except DataError:
        return None
    weights = "" if model.origin is None else model.origin.sha256
    asked = (weights, seed, tuple(map(str, source.column("key"))))
    same = (kept.weights_sha256, kept.seed, tuple(map(str, kept.keys))) == asked
    return kept if same and kept.compared_sha256 == compared_weights() else None


def _evaluate_recognizer(settings: RecognitionSettings, run: Path, recipe: dict[str, Any]) -> tuple[Path, Evaluation]:
    folder, model = open_model(run)
    if not isinstance(model, RecognizesExpression):
        raise CheckpointError(f"{run} holds a {type(model).__name__}, which recognizes no expressions.")
    path = folder / EVALUATION_FILE
    limit = "" if settings.rows is None else f" --rows {settings.rows}"
    if settings.on is not None:
        return path, _on_another_set(settings, settings.on, model, run, path, limit)
    assert settings.data is not None
    found = recognition_report(
        model, settings.data, settings.seed, rows=settings.rows, fold=int(recipe.get("fold", 0)), run=run
    )
    votes = None if model.calibration is None else model.calibration.votes  # of the same weights
    replace(found.calibration, votes=votes).save(folder)
    return path, write_part(path, model, "recognition", run, settings.seed, found.figures, found.tables, _DATA + limit)


def _on_another_set(
    settings: RecognitionSettings, on: str, model: PublishedModel, run: Path, path: Path, limit: str
) -> Evaluation:
    """A part of its own for each set; the set's path is nobody else's business."""
    opened = open_named(on)
    for sentence in told(opened):
        print(sentence)
    stated, _ = split_name(on)
    name = stated or opened.source.name
    source = opened.source.select(range(min(settings.rows or len(opened.source), len(opened.source))))
    found = set_answers(model, source, RetinaFaceDetector(threads=torch.get_num_threads()), settings.by)
    data = name if settings.rows is None else f"{name}, first {settings.rows} rows"
    known = stated or opened.layout
    if known is not None and pictures_of(f"{known}:") in sets_behind(path.parent):
        print(f"Pictures of {name} taught this model; it reads those better than pictures that are new to it.")
        data += "; pictures of this set taught the model"
    measured = set_figures(found, data, settings.seed)
    options = f"--on {'PATH' if stated is None else f'{stated}:PATH'}{limit}"
    if settings.folds:
        measured += fold_figures(found, settings.folds, settings.by, data, settings.seed)
        options += f" --folds {settings.folds} --by {settings.by}"
    return write_part(path, model, f"recognition, {name}", run, settings.seed, measured, {}, options)


def _check_one_recipe(recipes: list[dict[str, Any]]) -> None:
    names = {name for recipe in recipes for name in recipe}
    changed = sorted(name for name in names if len({json.dumps(recipe.get(name)) for recipe in recipes}) > 1)
    if changed != ["seed"]:
        raise DataError(
            f"The runs differ in {', '.join(changed) or 'nothing, not even the seed'}, so their mean says nothing. "
            "Evaluate them one by one."
        )
